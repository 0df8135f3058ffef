"""Nothing in the tree belongs to one machine or is left undone, and the files that each project has are there."""

import re

import check

NEEDED = ("LICENSE", "README.md", "CHANGELOG.md")
RULES = [
    (re.compile(r"(?<![\w.~/-])/(work|root|home|Users)/\w"), "a path of one machine"),
    (
        re.compile(r"\b(deb|security|ftp|snapshot)\.debian\.org\b|\b(pypi|npmjs|crates|rubygems)\.(org|io|com)\b"),
        "a package registry: the installed system decides where packages come from",
    ),
    (re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X)\b"), "something left undone"),
    (re.compile(r"^(<{7} |={7}$|>{7} )"), "a conflict of a merge"),
    (re.compile(r"[ \t]+$"), "blanks at the end of a line"),
]


def find(root, build):
    del build
    for needed in NEEDED:
        if not (root / needed).is_file():
            yield f"{needed}: there is no such file"
    for file in check.files(root):
        path, content = check.name(root, file), file.read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8", errors="replace")
        if "\r" in text or (text and not text.endswith("\n")):
            yield f"{path}: lines end with one newline, the last one too"
        for number, line in enumerate(text.split("\n"), 1):
            for rule, what in RULES:
                if found := rule.search(line):
                    yield f"{path}:{number}: {what}: {found[0]!r}"


GOOD = {
    "LICENSE": "MIT\n",
    "README.md": "Results in core/" + "work/" + "root and build/" + "home/x; ~/" + "home/y.\n",
    "CHANGELOG.md": "",
    "image.png": "\0FIX" + "ME",
}
CASES = [
    check.Case("no licence", "LICENSE: there is no", {"LICENSE": None}),
    check.Case("a path of one machine", "a path of one machine", {"a.md": "cd /" + "root/netrig\n"}),
    check.Case("a registry", "a package registry", {"a.txt": "http://deb." + "debian.org/\n"}),
    check.Case("work left undone", "b.cc:2: something left undone", {"b.cc": "\n// TO" + "DO: later\n"}),
    check.Case("a merge left undone", "a conflict", {"b.cc": "<" * 7 + " HEAD\n"}),
    check.Case("blanks at the end", "blanks at the end", {"b.cc": "int x; \n"}),
    check.Case("no last newline", "lines end with one newline", {"b.cc": "int x;"}),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
