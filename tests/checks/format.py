"""Sources are as clang-format writes them; `clang-format -i FILE` mends one."""

import re
import shutil
import subprocess

import check

AT_A_TIME = 50
WARNING = re.compile(r"^(.*?):(\d+):\d+: error: code should be clang-formatted", re.MULTILINE)


def find(root, build):
    del build
    if not shutil.which("clang-format"):
        yield "clang-format is not installed: apt-get install clang-format"
        return
    sources = [str(file) for file in check.files(root, ".h", ".cc")]
    for begin in range(0, len(sources), AT_A_TIME):
        batch = sources[begin : begin + AT_A_TIME]
        run = subprocess.run(
            ["clang-format", "--dry-run", "-Werror", *batch], capture_output=True, text=True, check=False, cwd=root
        )
        first = {}
        for path, line in WARNING.findall(run.stderr):
            first.setdefault(path, line)
        for path, line in first.items():
            yield f"{path.removeprefix(str(root) + '/')}:{line}: not as clang-format writes it"
        if run.returncode != 0 and not first:
            yield f"clang-format failed: {run.stderr.strip()}"


GOOD = {".clang-format": "BasedOnStyle: Google\n", "core/a.cc": "int f() { return 1; }\n"}
CASES = [
    check.Case("a wrong indentation", "core/b.cc:1: not as", {"core/b.cc": "int  f() {return 1;}\n"}),
    check.Case("a style that cannot be read", "clang-format failed", {".clang-format": "NoSuchKey: 1\n"}),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
