"""tests/golden/protocol-vectors.jsonl is what golden_writer prints, byte for byte."""

import argparse
import pathlib
import subprocess
import sys


def differences(printed, committed):
    """Where two texts part, line by line."""
    pairs = zip(printed.split(b"\n"), committed.split(b"\n"))
    for number, (new, old) in enumerate(pairs, 1):
        if new != old:
            yield f"line {number}: {old[:150]!r} is {new[:150]!r} now"
            return
    if printed != committed:
        yield f"{len(committed)} bytes are {len(printed)} now"


def self_test(printed):
    changes = {
        "a changed digit": printed.replace(b'"version_max":1', b'"version_max":2', 1),
        "a missing line": printed[: printed[:-1].rindex(b"\n") + 1],
        "a missing byte at the end": printed[:-1],
        "an empty file": b"",
    }
    for change, committed in changes.items():
        if not [*differences(printed, committed)]:
            yield f"{change}: not noticed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("writer")
    parser.add_argument("vectors", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true", help="see that changes are noticed")
    arguments = parser.parse_args()
    printed = subprocess.run([arguments.writer], stdout=subprocess.PIPE, check=True).stdout
    if arguments.self_test:
        found = [*self_test(printed)]
    else:
        found = [*differences(printed, arguments.vectors.read_bytes())]
    for problem in found:
        print(problem)
    if found and not arguments.self_test:
        print("The codec writes or reads other bytes than it did. If PROTOCOL.md says so, take them over:")
        print(f"  {arguments.writer} > {arguments.vectors}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
