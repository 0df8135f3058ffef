"""Every source is compiled by this build folder, and every Boost.Test program is run by ctest."""

import json
import pathlib
import re
import subprocess

import check

PLACES = ("core/", "sim/", "transport/", "metrics/", "loadgen/", "tests/")
HOLDS_TESTS = re.compile(r"\bBOOST_\w*TEST_CASE\w*\s*\(")
OPTIONAL = {"NETRIG_WEBSOCKET": re.compile(r"/websocket\w*\.cc$")}  # sources that an option leaves out
DISABLED = re.compile(r"\bdisabled\s*\(\s*\)|\bBOOST_TEST_DISABLED\b")


def compiled(build):
    """source -> the programs and libraries it is compiled for, as files of the build folder without their suffix."""
    targets = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        # "tests/unit/CMakeFiles/unit_base.dir/a_test.cc.o" is for tests/unit/unit_base
        output = re.search(r" -o (\S+)", entry["command"]).group(1)  # relative to the build folder
        folder, _, rest = output.partition("CMakeFiles/")
        target = build / folder / rest.partition(".dir/")[0]
        targets.setdefault(pathlib.Path(entry["file"]).resolve(), set()).add(target)
    return targets


def left_out(build):
    """What the options that are off in this build folder leave out."""
    cache = build / "CMakeCache.txt"
    lines = cache.read_text(encoding="utf-8").splitlines() if cache.is_file() else []
    return [sources for option, sources in OPTIONAL.items() if f"{option}:BOOL=OFF" in lines]


def run_by_ctest(build):
    listing = subprocess.run(
        ["ctest", "--test-dir", str(build), "--show-only=json-v1"], capture_output=True, text=True, check=True
    )
    tests = json.loads(listing.stdout)["tests"]
    # A wrapper's program is one of its arguments.
    return {pathlib.Path(part).resolve() for test in tests for part in test.get("command", [])}


def find(root, build):
    if not (build / "compile_commands.json").is_file():
        yield f"{build} holds no compile_commands.json: configure it first, or name another with --build"
        return
    targets, run, unwanted = compiled(build), run_by_ctest(build), left_out(build)
    for file in check.files(root, ".cc"):
        path = check.name(root, file)
        if not path.startswith(PLACES) or any(sources.search(path) for sources in unwanted):
            continue
        if file.resolve() not in targets:
            yield f"{path}: no target compiles this file"
            continue
        code = check.code_only(file.read_text(encoding="utf-8"))
        if HOLDS_TESTS.search(code) and not targets[file.resolve()] & run:
            yield f"{path}: ctest runs no program that holds these tests"
        if path.startswith("tests/") and DISABLED.search(code):
            yield f"{path}: a disabled test"


def entry(source, target):
    folder, name = target.rsplit("/", 1)
    return {
        "directory": "@ROOT@/build/release",
        "file": f"@ROOT@/{source}",
        "command": f"c++ -o {folder}/CMakeFiles/{name}.dir/{source.rsplit('/', 1)[1]}.o -c {source}",
    }


CACHE = "build/release/CMakeCache.txt"
COMMANDS = "build/release/compile_commands.json"
ENTRIES = [entry("core/base/a.cc", "core/netrig_core_base"), entry("tests/unit/a_test.cc", "tests/unit/unit_a")]
TESTS = "build/release/CTestTestfile.cmake"
PROGRAM = "#!/bin/sh\n"
GOOD = {
    "core/base/a.cc": "",
    "tests/unit/a_test.cc": "BOOST_AUTO_TEST_CASE(it_works) {}",
    COMMANDS: json.dumps(ENTRIES),
    TESTS: 'add_test([=[unit_a]=] "@ROOT@/build/release/tests/unit/unit_a")\n',
    "build/release/tests/unit/unit_a": PROGRAM,
    "build/release/tests/unit/unit_b": PROGRAM,
}
FORGOTTEN = {
    "tests/unit/b_test.cc": "BOOST_FIXTURE_TEST_CASE(it_works, Fixture) {}",
    COMMANDS: json.dumps(ENTRIES + [entry("tests/unit/b_test.cc", "tests/unit/unit_b")]),
}
CASES = [
    check.Case("a source that is on no list", "core/base/b.cc: no target", {"core/base/b.cc": ""}),
    check.Case("a test that is on no list", "tests/unit/b_test.cc: no target", {"tests/unit/b_test.cc": ""}),
    check.Case("a test program that ctest does not know", "tests/unit/b_test.cc: ctest runs no program", FORGOTTEN),
    check.Case(
        "a source of an option that is on",
        "transport/asio/websocket.cc: no target",
        {"transport/asio/websocket.cc": "", CACHE: "NETRIG_WEBSOCKET:BOOL=ON\n"},
    ),
    check.Case("no build folder", "holds no compile_commands.json", {COMMANDS: None}),
    check.Case(
        "a test switched off",
        "a disabled test",
        {"tests/unit/a_test.cc": "BOOST_AUTO_TEST_CASE(it_works, * boost::unit_test::disabled()) {}"},
    ),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
