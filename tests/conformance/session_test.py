"""A server and its clients as the independent decoder hears them: every byte of a recorded session."""

import argparse
import json
import subprocess
import sys

from netrig_protocol import MESSAGES, Refused
from netrig_session import Broken, follow

PIECE_BYTES = 7
NEVER_SENT = {"refuse", "numbered", "part", "fragment"}  # nobody is refused in the recording, and it is of a stream


def record(recorder):
    """(schema, [chunks of one session as (sender, bytes)])"""
    lines = subprocess.run([recorder], stdout=subprocess.PIPE, check=True).stdout.decode("ascii").splitlines()
    schema, sessions = json.loads(lines[0]), {}
    for line in map(json.loads, lines[1:]):
        sessions.setdefault(line["session"], []).append((line["from"], bytes.fromhex(line["bytes"])))
    return schema, list(sessions.values())


def in_pieces(chunks):
    for sender, data in chunks:
        for at in range(0, len(data), PIECE_BYTES):
            yield sender, data[at : at + PIECE_BYTES]


def problems(schema, sessions):
    counts = {}
    for number, chunks in enumerate(sessions):
        try:
            session = follow(schema, chunks)
            if follow(schema, in_pieces(chunks)).counts != session.counts:
                yield f"session {number}: other messages when the chunks are cut"
        except (Refused, Broken) as error:
            yield f"session {number}: {error}"
            continue
        if session.hello["schema"] != int(schema["digest"]):
            yield f"session {number}: hello names another schema"
        if session.states.finished != session.counts["state_header"]:
            yield f"session {number}: {session.states.finished} states of {session.counts['state_header']} are complete"
        for name, count in session.counts.items():
            counts[name] = counts.get(name, 0) + count
    for name, _, _ in MESSAGES.values():
        if name not in counts and name not in NEVER_SENT:
            yield f"{name}: never sent"
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))


def self_test(schema, sessions):
    """Sessions with a piece taken out, doubled or moved, and schemas with something changed, must be noticed."""
    chunks = sessions[0]
    middle = len(chunks) // 2
    sender, data = chunks[middle]
    narrow = json.loads(json.dumps(schema))
    narrow["components"][0]["fields"][0]["max"] = 1
    swapped = dict(schema, components=schema["components"][::-1])
    changes = {
        "a lost chunk": (schema, chunks[:middle] + chunks[middle + 1 :]),
        "a chunk twice": (schema, chunks[: middle + 1] + chunks[middle:]),
        "a lost byte": (schema, chunks[:middle] + [(sender, data[1:])] + chunks[middle + 1 :]),
        "a lost end": (schema, chunks[:-1] + [(chunks[-1][0], chunks[-1][1][:-1])]),
        "the other direction": (schema, [("client" if side == "server" else "server", part) for side, part in chunks]),
        "a narrower range": (narrow, chunks),
        "components in another order": (swapped, chunks),
    }
    for change, (changed_schema, changed) in changes.items():
        if not [*problems(changed_schema, [changed] + sessions[1:])]:
            yield f"{change}: not noticed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recorder")
    parser.add_argument("--self-test", action="store_true", help="see that changed recordings are noticed")
    arguments = parser.parse_args()
    schema, sessions = record(arguments.recorder)
    found = [*(self_test if arguments.self_test else problems)(schema, sessions)]
    for problem in found:
        print(problem)
    total = sum(len(data) for chunks in sessions for _, data in chunks)
    print(f"{len(sessions)} sessions, {total} bytes, {len(found)} problems")
    sys.exit(1 if found or not sessions else 0)


if __name__ == "__main__":
    main()
