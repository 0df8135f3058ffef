"""A server and its clients over datagrams as the independent decoder hears them: it opens every seal with the keys that it
derives itself, and takes every byte of every datagram, those that are lost too."""

import argparse
import json
import subprocess
import sys

from netrig_datagrams import DatagramFollower
from netrig_protocol import Refused
from netrig_session import Broken

SENT = {"connect_request", "challenge", "accept", "ack", "numbered", "part", "fragment", "welcome", "ping", "pong", "leave", "disconnect",
        "state_header", "state_update", "input", "app_reliable", "app_latest"}  # fmt: skip


def record(recorder):
    """(schema, {session: what its client knows}, [the lines after])"""
    lines = [json.loads(line) for line in subprocess.run([recorder], stdout=subprocess.PIPE, check=True).stdout.decode("ascii").splitlines()]
    players = {line["session"]: line for line in lines if "secrets" in line}
    return lines[0], players, [line for line in lines[1:] if "from" in line]


def follow(schema, player, lines):
    follower = DatagramFollower(schema, player["secrets"], bytes.fromhex(player.get("token_secret", "")))
    for line in lines:
        if "bytes" in line:
            follower.sent(line["from"], bytes.fromhex(line["bytes"]), line["at_us"])
        else:
            follower.arrived(line["from"], line["arrived"], line["at_us"])
    follower.close()
    return follower


def problems(schema, players, lines, only=None):
    counts = {}
    for number, player in players.items():
        if only not in (None, number):
            continue
        try:
            follower = follow(schema, player, [line for line in lines if line["session"] == number])
        except (Refused, Broken, KeyError, IndexError) as error:
            yield f"session {number}: {error!r}"
            continue
        expected = number != 1
        if follower.accepted["encrypted"] != expected:
            yield f"session {number}: encrypted is {follower.accepted['encrypted']}"
        for name, count in follower.counts.items():
            counts[name] = counts.get(name, 0) + count
    if only is None:
        yield from (f"{name}: never sent" for name in SENT - counts.keys())
        print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))


def changed_lines(lines):
    """Recordings of the plain session with one thing changed: (what, lines)."""
    own = [line for line in lines if line["session"] == 1]
    sessions = [at for at, line in enumerate(own) if line.get("bytes", "").startswith("10")]
    middle = sessions[len(sessions) // 2]

    def replaced(at, data):
        return own[:at] + [dict(own[at], bytes=data)] + own[at + 1 :]

    yield "a datagram that is not there", own[:middle] + own[middle + 1 :]
    yield "a datagram twice", own[: middle + 1] + own[middle:]
    yield "a byte less", replaced(middle, own[middle]["bytes"][:-2])
    yield "a byte more", replaced(middle, own[middle]["bytes"] + "00")
    yield "another sequence", replaced(middle, own[middle]["bytes"][:2] + "ffffffff" + own[middle]["bytes"][10:])
    acking = next(at for at in sessions if own[at]["bytes"][10:12] == "01" and at > middle)
    data = bytearray.fromhex(own[acking]["bytes"])
    data[6] ^= 1
    yield "another largest in an ack", replaced(acking, data.hex())
    arrival = next(at for at in range(middle, len(own)) if "arrived" in own[at])
    yield "an arrival that was none", own[:arrival] + own[arrival + 1 :]


def self_test(schema, players, lines):
    for change, changed in changed_lines(lines):
        if not [*problems(schema, players, changed, only=1)]:
            yield f"{change}: not noticed"
    stolen = {0: dict(players[0], secrets=["00" * 32])}
    if not [*problems(schema, stolen, lines, only=0)]:
        yield "other keys: not noticed"
    flipped = [dict(line) for line in lines]
    sealed = [line for line in flipped if line["session"] == 0 and line.get("bytes", "").startswith("10")]
    sealed[3]["bytes"] = sealed[3]["bytes"][:-1] + ("0" if sealed[3]["bytes"][-1] != "0" else "1")
    if not [*problems(schema, players, flipped, only=0)]:
        yield "a flipped bit under a seal: not noticed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recorder")
    parser.add_argument("--self-test", action="store_true", help="see that changed recordings are noticed")
    arguments = parser.parse_args()
    schema, players, lines = record(arguments.recorder)
    found = [*(self_test if arguments.self_test else problems)(schema, players, lines)]
    for problem in found:
        print(problem)
    total = sum(len(line["bytes"]) // 2 for line in lines if "bytes" in line)
    lost = sum("bytes" in line for line in lines) - sum("arrived" in line for line in lines)
    print(f"{len(players)} sessions, {total} bytes, {lost} datagrams lost, {len(found)} problems")
    sys.exit(1 if found or not players or not lost else 0)


if __name__ == "__main__":
    main()
