"""shellcheck finds nothing in the shell scripts of the tree."""

import shutil
import subprocess

import check


def is_shell(file):
    if file.suffix == ".sh":
        return True
    with file.open("rb") as opened:
        first = opened.readline(80)
    return first.startswith(b"#!") and first.rstrip().endswith((b"bash", b"/sh"))


def find(root, build):
    del build
    if not shutil.which("shellcheck"):
        yield "shellcheck is not installed: apt-get install shellcheck"
        return
    scripts = [check.name(root, file) for file in check.files(root) if is_shell(file)]
    run = subprocess.run(
        ["shellcheck", "--external-sources", "--format=gcc", *scripts],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )
    yield from run.stdout.splitlines()
    yield from run.stderr.splitlines()


GOOD = {"bin/test": '#!/bin/bash\nprintf "%s\\n" "$1"\n', "bin/data": "$1\n"}
CASES = [
    check.Case("an unquoted argument", "bin/run:2:", {"bin/run": "#!/bin/bash\nls $1\n"}),
    check.Case("a fault in a sourced file", "a.sh:2:", {"tests/a.sh": "# shellcheck shell=bash\nls $1\n"}),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
