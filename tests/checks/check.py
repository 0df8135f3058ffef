"""What the checks share: walking the tree, reading C++ without its comments, reporting, and testing themselves."""

import argparse
import pathlib
import re
import sys
import tempfile
from dataclasses import dataclass, field

NOT_SOURCE = {".git", "build", "out", "__pycache__"}
TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"
    |"(?:\\.|[^"\\\n])*"
    |(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'""",
    re.VERBOSE | re.DOTALL,
)


def files(root, *suffixes):
    """All files of the tree, tracked by git or not, in a fixed order; build folders are not part of it."""
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if inside.parts[0] not in NOT_SOURCE and "__pycache__" not in inside.parts and path.is_file():
            if not suffixes or path.suffix in suffixes:
                yield path


def name(root, path):
    return path.relative_to(root).as_posix()


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """The same text, each comment replaced by spaces: lines keep their numbers."""
    return TOKEN.sub(lambda token: _blank(token[0]) if token["comment"] else token[0], text)


def code_only(text):
    """The same text without comments and without what stands in strings."""
    return TOKEN.sub(lambda token: _blank(token[0]), text)


@dataclass(frozen=True)
class Case:
    """A change to a good tree, and a part of the finding it must lead to."""

    outcome: str
    finding: str
    files: dict = field(default_factory=dict)  # path -> text, or None: this file is not there


def main(find, good, cases, argv=None):
    """find(root, build) yields findings; good is a tree, path -> text, in which there are none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--build", type=pathlib.Path, help="the build folder (default: build/release)")
    parser.add_argument("--self-test", action="store_true", help="see the check fail on small bad trees")
    arguments = parser.parse_args(argv)
    if arguments.self_test:
        problems = list(self_test(find, good, cases))
    else:
        root = arguments.root.resolve()
        problems = list(find(root, (arguments.build or root / "build/release").resolve()))
    for problem in problems:
        print(problem)
    print(f"{pathlib.Path(sys.argv[0]).stem}: {len(problems)} findings")
    sys.exit(1 if problems else 0)


def self_test(find, good, cases):
    for finding in findings_in(find, good):
        yield f"a good tree: unexpected: {finding}"
    for case in cases:
        found = findings_in(find, good | case.files)
        if not any(case.finding in finding for finding in found):
            yield f"{case.outcome}: expected '{case.finding}', found {found}"


def findings_in(find, tree):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for path, text in tree.items():
            if text is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text.replace("@ROOT@", str(root)), encoding="utf-8")
                if text.startswith("#!"):
                    (root / path).chmod(0o755)
        return list(find(root, root / "build/release"))
