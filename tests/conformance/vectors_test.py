"""The independent decoder over the vectors of the codec: both take every byte for the same."""

import argparse
import copy
import json
import pathlib
import sys

import netrig_handshake
from netrig_protocol import Refused, decode_datagram, decode_packet, split_frames
from netrig_session import Broken, States

EXACT_IN_JSON = 2**53
DESCRIPTION = ("name", "from", "kind", "layer", "bytes", "context")
FLIPS_MAX = 2000  # of one vector; a longer one has its bytes flipped here and there


def load(path):
    """(schemas by name, the other lines)"""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    schemas = {line["schema"]: line for line in lines if line["kind"] == "schema"}
    return schemas, [line for line in lines if line["kind"] != "schema"]


def as_json(value):
    """As the vectors write it: numbers that a double may not hold are decimal strings."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, int) and abs(value) > EXACT_IN_JSON:
        return str(value)
    return value


def add_values(messages, schema):
    """Puts the values of each state_update beside it, if the state they make is one of `schema`."""
    states = States(schema)
    try:
        for message in messages:
            if message["type"] == "state_header":
                states.begin(message)
            elif message["type"] == "state_update":
                states.add(message)
                message["values"] = states.entities[message["entity"]]
        if not states.complete():
            raise Broken("the state is not complete")
    except (Broken, Refused) as error:
        raise Refused("unfit_state", str(error)) from None


def decode(vector, data, schemas):
    if vector["layer"] == "stream":
        return {"packets": [decode_packet(packet, vector["from"]) for packet in split_frames(data)]}
    if vector["layer"] == "datagram":
        return decode_datagram(data, vector["from"])
    if vector["layer"] in netrig_handshake.DECODERS:
        return netrig_handshake.decode(vector, data)
    packet = decode_packet(data, vector["from"])
    if "schema" in vector:
        add_values(packet["messages"], schemas[vector["schema"]])
    return packet


def expected(vector):
    if vector["layer"] in netrig_handshake.DECODERS:
        return {key: value for key, value in vector.items() if key not in DESCRIPTION}
    keys = {"stream": ("packets",), "packet": ("received", "messages"), "datagram": ("ack", "messages")}
    return {key: vector[key] for key in keys[vector["layer"]]}


def problems_of_valid(vector, schemas):
    try:
        found = as_json(decode(vector, bytes.fromhex(vector["bytes"]), schemas))
    except Refused as refused:
        yield f"refused: {refused}"
        return
    if found != expected(vector):
        yield f"decoded as {json.dumps(found)[:400]}"


def problems_of_refused(vector, schemas):
    try:
        found = decode(vector, bytes.fromhex(vector["bytes"]), schemas)
        yield f"not refused ({vector['fault']}) but decoded as {str(found)[:400]}"
    except Refused as refused:
        if refused.fault != vector["fault"]:
            yield f"refused as {refused}, by the codec as {vector['fault']}"


def problems_of_truncations(vector):
    """Shorter bytes are refused, unless they end between two messages (of a stream: frames) and so hold a part."""
    data = bytes.fromhex(vector["bytes"])
    plain = {key: value for key, value in vector.items() if key != "schema"}
    whole = decode(plain, data, {})
    parts = []
    for length in range(len(data)):
        try:
            parts.append(decode(plain, data[:length], {}))
        except Refused:
            pass
    if vector["layer"] in netrig_handshake.DECODERS:
        allowed = []
    elif vector["layer"] == "stream":
        allowed = [{"packets": whole["packets"][:count]} for count in range(len(whole["packets"]))]
    else:
        has_ack = whole.get("received", whole.get("ack")) is not None
        first = 0 if has_ack else 1
        allowed = [dict(whole, messages=whole["messages"][:count]) for count in range(first, len(whole["messages"]))]
    if parts != allowed:
        yield f"{len(parts)} truncations are not refused, {len(allowed)} should not be"


def problems(vector, schemas):
    if vector["kind"] == "refused":
        found = problems_of_refused(vector, schemas)
    else:
        found = [*problems_of_valid(vector, schemas)] or problems_of_truncations(vector)
    return [f"{vector['name']}: {problem}" for problem in found]


# ---- the proof that the test can fail ----


def flipped(vector):
    """The vector with one bit of one byte flipped, for every byte or for FLIPS_MAX of them."""
    data = bytes.fromhex(vector["bytes"])
    for at in range(0, len(data), 1 + len(data) // FLIPS_MAX):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        yield f"bit {at % 8} of byte {at} flipped", dict(vector, bytes=changed.hex())


def leaves(value, path=()):
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        yield path, value
        return
    for key, item in items:
        yield from leaves(item, path + (key,))


def with_wrong_field(vector):
    for path, value in leaves(expected(vector)):
        changed = copy.deepcopy(vector)
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value + 1 if isinstance(value, int) else f"{value}0"
        yield f"another {'.'.join(map(str, path))}", changed


def self_test(schemas, vectors):
    """What goes unnoticed: every changed byte and every changed field must be noticed."""
    for vector in vectors:
        if vector["kind"] == "refused":
            other = "empty" if vector["fault"] != "empty" else "truncated"
            changes = [("another fault", dict(vector, fault=other))]
        else:
            changes = [*flipped(vector), *with_wrong_field(vector)]
            changes.append(("said to be refused", dict(vector, kind="refused", fault="truncated")))
        for change, changed in changes:
            check = problems_of_refused if changed["kind"] == "refused" else problems_of_valid
            if not [*check(changed, schemas)]:
                yield f"{vector['name']}: {change}: not noticed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vectors", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true", help="see that every wrong byte and field is noticed")
    arguments = parser.parse_args()
    schemas, vectors = load(arguments.vectors)
    if arguments.self_test:
        found = [*self_test(schemas, vectors)]
    else:
        found = [problem for vector in vectors for problem in problems(vector, schemas)]
    for problem in found:
        print(problem)
    kinds = [vector["kind"] for vector in vectors]
    print(f"{kinds.count('valid')} valid, {kinds.count('refused')} refused, {len(found)} problems")
    sys.exit(1 if found or not kinds.count("valid") or not kinds.count("refused") else 0)


if __name__ == "__main__":
    main()
