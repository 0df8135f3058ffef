"""Links in Markdown lead to files that exist, and to headings that those files have."""

import re

import check

CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
ELSEWHERE = re.compile(r"[a-z]+:", re.IGNORECASE)


def blanked(pattern, text):
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def anchors(file):
    """The headings' names as code hosts spell them."""
    headings = HEADING.findall(blanked(FENCE, file.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def wrong(root, file, link):
    target, _, anchor = link.partition("#")
    base = root if target.startswith("/") else file.parent
    goal = (base / target.lstrip("/")).resolve() if target else file
    if not goal.exists() or not goal.is_relative_to(root):
        return f"{link}: there is no such file"
    if anchor and goal.suffix == ".md" and anchor not in anchors(goal):
        return f"{link}: there is no such heading"
    return None


def find(root, build):
    del build
    for file in check.files(root, ".md"):
        text = blanked(CODE, file.read_text(encoding="utf-8"))
        for found in LINK.finditer(text):
            link = found[1] or found[2]
            problem = None if ELSEWHERE.match(link) else wrong(root, file, link)
            if problem:
                yield f"{check.name(root, file)}:{text.count(chr(10), 0, found.start()) + 1}: {problem}"


GOOD = {
    "README.md": "[a](docs/a.md#two-words), [b](https://example.com/), [c](#top), `[d](nowhere)`\n\n# Top\n",
    "docs/a.md": "# Two words\n[back](../README.md) [folder](..)\n[ref]: /README.md\n```\n[x](nowhere)\n```\n",
}
CASES = [
    check.Case("a link to nothing", "docs/b.md:2: c.md: there is no such file", {"docs/b.md": "\n[c](c.md)\n"}),
    check.Case("a heading that is not there", "no such heading", {"docs/b.md": "[a](a.md#three)\n"}),
    check.Case("a link out of the tree", "no such file", {"docs/b.md": "[a](../../../etc/passwd)\n"}),
    check.Case("a reference to nothing", "docs/b.md:1: nowhere.md", {"docs/b.md": "[a]: nowhere.md\n"}),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
