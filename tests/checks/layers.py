"""Includes follow the tables of docs/architecture.md: who may include whom, and where each outside library may be used.

A script, because Boost and its like lie in a system folder: a wrong include compiles whatever the target links."""

import fnmatch
import graphlib
import re

import check

TABLES = "docs/architecture.md"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"\n]+)[>"]', re.MULTILINE)
LAYERED = ("core/", "sim/", "transport/", "metrics/", "loadgen/", "tests/")
EXAMPLES = "docs/examples/"  # projects of their own, built against the installed package
EVERYTHING = "everything"


def table(text, title):
    """The rows of the ```title block: what stands before the colon -> the words after it."""
    block = re.search(rf"^```{title}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if not block:
        raise SystemExit(f"{TABLES}: no ```{title} block")
    rows = (line.split("#")[0].strip() for line in block[1].splitlines())
    return {key.strip(): words.split() for key, _, words in (row.partition(":") for row in rows if row)}


def lies_in(path, place):
    """place is a folder or a pattern of file names."""
    return path.startswith(place + "/") or fnmatch.fnmatchcase(path, place)


def row_of(path, layers):
    """The narrowest row that holds this file."""
    return max((row for row in layers if lies_in(path, row)), key=len, default=None)


def folder_of(row):
    return row.rsplit("/", 1)[0] if "*" in row else row


def broken_rows(root, layers):
    for row, allowed in layers.items():
        if not any(root.glob(row)):
            yield f"{TABLES}: no such folder or file: {row}"
        for word in allowed:
            if word not in layers and word not in ("-", EVERYTHING):
                yield f"{TABLES}: {row} names {word}, which has no row"
    graph = {row: set(allowed) & set(layers) - {row, folder_of(row)} for row, allowed in layers.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as cycle:
        yield f"{TABLES}: these layers include each other in a circle: {' '.join(cycle.args[1])}"


def wrong_layer(root, path, included, layers):
    if not (root / included).is_file():
        return f"there is no {included}"
    row, target = row_of(path, layers), row_of(included, layers)
    if row is None:
        return f"{path} lies in no row of the layers in {TABLES}"
    allowed = layers[row]
    if target is None:
        return f"{included} lies in no row of the layers in {TABLES}"
    own = {row, folder_of(row)} | {other for other in layers if folder_of(other) == row}
    if target in own or target in allowed or EVERYTHING in allowed:
        return None
    return f"{row} may not include {target} ({included})"


def wrong_library(path, included, libraries):
    if "/" not in included and "." not in included:
        return None  # the standard library
    for names, places in libraries.items():
        if any(included == known or included.startswith(known + "/") for known in names.split()):
            if any(lies_in(path, place) for place in places):
                return None
            return f"<{included}> belongs in {' '.join(places)}"
    return f"<{included}> is of a library that has no row in {TABLES}"


def find(root, build):
    del build
    text = (root / TABLES).read_text(encoding="utf-8")
    layers, libraries = table(text, "layers"), table(text, "libraries")
    yield from broken_rows(root, layers)
    for file in check.files(root, ".h", ".cc"):
        path = check.name(root, file)
        if path.startswith(EXAMPLES):
            continue
        if not path.startswith(LAYERED):
            yield f"{path}: lies in no layer"
        code = check.without_comments(file.read_text(encoding="utf-8"))
        for include in INCLUDE.finditer(code):
            quote, included = include.groups()
            line = code.count("\n", 0, include.start()) + 1
            if quote == "<":
                wrong = wrong_library(path, included, libraries)
            elif included.startswith("netrig/"):
                wrong = wrong_layer(root, path, included.removeprefix("netrig/"), layers)
            else:
                wrong = f'"{included}": our own includes are rooted: "netrig/..."'
            if wrong:
                yield f"{path}:{line}: {wrong}"


GOOD_TABLES = """
```layers
core/base:              -
core/server:            core/base
transport:              core/base
transport/simulated.*:  core/base sim/network   # the one file
sim/network:            core/base
tests:                  everything
```
```libraries
boost/system:  core/base/result.h
boost/test:    tests
```
"""
GOOD = {
    TABLES: GOOD_TABLES,
    "core/base/a.h": "#include <vector>\n",
    "core/base/result.h": "#include <boost/system/result.hpp>\n",
    "core/server/server.cc": '#include "netrig/core/base/a.h"\n// #include "netrig/sim/network/link.h"\n',
    "sim/network/link.h": '#include "netrig/core/base/a.h"\n',
    "transport/transport.h": '#include "netrig/core/base/a.h"\n#include "netrig/transport/simulated.h"\n',
    "transport/simulated.h": '#include "netrig/sim/network/link.h"\n#include "netrig/transport/transport.h"\n',
    "docs/examples/a/game.cc": '#include "game.h"\n',
    "tests/a_test.cc": '#include <boost/test/unit_test.hpp>\n#include "netrig/transport/simulated.h"\n',
}


def one(path, include):
    return {path: f"\n#include {include}\n"}


CASES = [
    check.Case(
        "an include up the layers",
        "core/base/b.cc:2: core/base may not include core/server",
        one("core/base/b.cc", '"netrig/core/server/server.cc"'),
    ),
    check.Case(
        "the simulated network outside its one file",
        "transport may not include sim/network",
        one("transport/memory.h", '"netrig/sim/network/link.h"'),
    ),
    check.Case("a relative include", "includes are rooted", one("core/base/b.cc", '"a.h"')),
    check.Case("an include of nothing", "there is no core/base/z.h", one("core/base/b.cc", '"netrig/core/base/z.h"')),
    check.Case("an outside library elsewhere", "belongs in tests", one("core/base/b.cc", "<boost/test/unit_test.hpp>")),
    check.Case("an unknown library", "has no row", one("core/base/b.cc", "<boost/asio.hpp>")),
    check.Case("our own in angle brackets", "has no row", one("core/base/b.cc", "<netrig/core/base/a.h>")),
    check.Case("a source outside the layers", "lies in no layer", {"other/a.cc": ""}),
    check.Case(
        "a folder without a row", "lies in no row", one("core/new/a.cc", '"netrig/core/base/a.h"')
    ),
    check.Case("a row without a folder", "no such folder or file: core/server", {"core/server/server.cc": None}),
    check.Case("a circle", "in a circle", {TABLES: GOOD_TABLES.replace("core/base:              -", "core/base: core/server")}),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
