"""Files stay under 500 lines and functions within 60, measured on code as clang-format writes it."""

import re

import check

FILE_LINES_MAX = 499
FUNCTION_LINES_MAX = 60
TEXT = (".h", ".cc", ".py", ".sh", ".cmake")
# Preprocessor lines, and macros that stand alone on their line.
NO_CODE = re.compile(r"^[ \t]*(#(.*\\\n)*.*|[A-Z][A-Z0-9_]*\([^{}\n]*\);?)$", re.MULTILINE)
MEMBER_VALUE = re.compile(r"(?<=\w)\{[^{};\n]*\}")  # a constructor's `: count_{0}`
CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
BRACE_OR_END = re.compile(r"[{};]")
LIST = re.compile(r"([=(,{]|\breturn)\s*$")


def kind_of(head, around):
    """What a brace opens, from the text before it and the kinds of the braces around it."""
    if "function" in around:
        return "table" if LIST.search(head) and "table" not in around else "block"
    is_function = "(" in head and not CONTAINER.search(head.split("(")[0])
    return "function" if is_function else "container"


def functions(code):
    """(first line, number of lines) of every outermost function body. A lambda counts for the function around it; the
    rows of a table, which is a list in braces, do not count."""
    opened = []  # for each open brace: its kind, and where its head begins
    end = 0  # of the last brace or statement
    rows = 0  # lines of the tables in the function that is open
    for mark in BRACE_OR_END.finditer(code):
        if mark[0] == "{":
            head = code[end : mark.start()]
            kind = kind_of(head, [kind for kind, _ in opened])
            opened.append((kind, mark.start() - len(head.lstrip())))
        elif mark[0] == "}" and opened:
            kind, start = opened.pop()
            lines = code.count("\n", start, mark.start()) + 1
            if kind == "table":
                rows += max(0, lines - 2)
            elif kind == "function":
                yield code.count("\n", 0, start) + 1, lines - rows
                rows = 0
        end = mark.end()


def find(root, build):
    del build
    for file in check.files(root, *TEXT):
        path, text = check.name(root, file), file.read_text(encoding="utf-8")
        if text.count("\n") > FILE_LINES_MAX:
            yield f"{path}: {text.count(chr(10))} lines; {FILE_LINES_MAX} at most"
        if file.suffix not in (".h", ".cc"):
            continue
        code = MEMBER_VALUE.sub("", NO_CODE.sub(lambda found: "\n" * found[0].count("\n"), check.code_only(text)))
        for line, length in functions(code):
            if length > FUNCTION_LINES_MAX:
                yield f"{path}:{line}: a function of {length} lines; {FUNCTION_LINES_MAX} at most"


def function_of(lines, head="int f(int x)"):
    return f"{head} {{\n" + "  x = 1;\n" * (lines - 2) + "}\n"


GOOD = {
    "core/a.cc": "namespace a {\nclass B : C<int()> {\n" + function_of(60) + function_of(60) + "};\n}  // namespace a\n",
    "core/b.cc": "const int kTable[] = {\n" + "1,\n" * 100 + "};\n" + function_of(3),
    "core/c.h": "auto table() {\n  return std::to_array({\n" + "    {1, 2},\n" * 100 + "  });\n}\n",
    "core/d.cc": "SUITE_END()\n\nnamespace {\n" + function_of(60) + "}\n#define A(x) \\\n  {\n",
    "core/long.cc": "\n" * 499,
}
CASES = [
    check.Case("a function of 61 lines", "core/c.cc:3: a function of 61", {"core/c.cc": "\n\n" + function_of(61)}),
    check.Case(
        "a long method", "core/c.h:2: a function of 61", {"core/c.h": "class A {\n" + function_of(61) + "};\n"}
    ),
    check.Case(
        "a long constructor",
        "core/c.cc:1: a function of 64",
        {"core/c.cc": function_of(64, "A::A(int x) : x_{x}, y_{0}")},
    ),
    check.Case(
        "a long test",
        "core/c.cc:1: a function of 70",
        {"core/c.cc": function_of(70, "BOOST_AUTO_TEST_CASE(it_is_so)")},
    ),
    check.Case(
        "a function made long by its lambda",
        "a function of 63",
        {"core/c.cc": "void f() {\n" + function_of(61, "auto g = [](int x)") + "}\n"},
    ),
    check.Case("a file of 500 lines", "core/c.cc: 500 lines", {"core/c.cc": "\n" * 500}),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
