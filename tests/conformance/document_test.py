"""The table of messages and the numbers in PROTOCOL.md, the codec's, the decoder's and the vectors' are the same."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import netrig_protocol
from vectors_test import load

ROW = re.compile(r"^\| *(\d+) *\| *(\w+) *\| *(client|server|both) *\| *([^|]*?) *\| *([^|]*?) *\|$", re.MULTILINE)
MORE = " and more"

# Where the document says a number that the codec has, as often as it does. Blanks stand for line breaks, too.
N = r"([\d,]+)"
NUMBERS = {
    "frame_bytes_max": (f"length of the packet, at most {N}",),
    "bad_packets_max": (f"after {N} such packets the peer is sent away", f"one of the {N} above"),
    "magic": (r"magic u32 = (0x[0-9A-F]{8})",),
    "tick_rate_max": (f"`tick_rate` is 1-{N} per second",),
    "ping_seconds": ("Each side sends (one) a second",),
    "reason_bytes_max": (f"reason u8, then 0-{N} bytes for a person",),
    "input_bytes_max": (f"acked u32, then 0-{N} bytes that the game defines",),
    "input_jump_max": (f"ascends, by at most {N}",),
    "input_burst_least": (rf"burst of max\({N}, \(rtt_max",),
    "app_bytes_max": (f"kind u16, then 0-{N} bytes", f"sequence u32, then 0-{N} bytes"),
    "reliable_least": (rf"At most max\({N}, 4 x rtt_max x tick rate\) are unacked",),
    "latest_keys_max": (f"At most {N} keys a side",),
    "datagram_bytes_max": (f"sealed packet at most {N} bytes in all", f"A datagram has at most {N} bytes", f"which has no ack and at most {N} bytes"),
    "session_kind": (f"datagram = u8 {N} ", f"the handshake's, {N} is a session's", f"A session datagram is `u8 {N} "),
    "replay_least": (rf"of the newest max\({N}, packets a second",),
    "further_ranges_max": (f"further ranges, at most {N}, or",),
    "window_bytes": (f"all that a side has sent counts, and is at most {N}:",),
    "window_block": (f"rounded up to a multiple of {N}, at least {N}\\.",),
    "window_ids": (f"or an id {N} or more ahead",),
    "connect_request_bytes": (rf"a \*\*connect_request {N} bytes\*\*",),
    "cookie_bytes": (f"u8 attempt \\| cookie {N} \\|",),
    "cookie_seconds_least": (rf"for max\({N} s, 4 rtt_max \+ 2 s\)",),
    "token_bytes": (f"then a connect token of {N} bytes",),
    "claims_bytes": (rf"sealed\(claims {N}\)",),
    "identity_bytes": (rf"identity {N} ",),
    "refusals_per_second": (f"to one host and {N} a second in all",),
    "refuse_reasons": (r"Reasons: (1 malformed.*?)\. The server",),
    "disconnect_reasons": (r"Reasons: (1 left.*?)\. The server",),
}


def parse_document(text):
    """{name: {"tag", "from", "reliable", "bytes": (least, most or None)}} of section 3."""
    section = text.partition("\n## 3. ")[2].partition("\n## 4. ")[0]
    rows = {}
    for tag, name, sender, channel, size in ROW.findall(section):
        numbers = [int(number) for number in size.replace(",", "").replace(MORE, "").split("-")]
        most = None if size.endswith(MORE) else numbers[-1]
        rows[name] = {"tag": int(tag), "from": sender, "reliable": channel == "reliable", "bytes": (numbers[0], most)}
    return rows


def value_of(said):
    said = re.sub(r" \([^)]*\)", "", said)  # what a reason means
    if said.startswith("0x"):
        return int(said, 16)
    if said == "one":
        return 1
    return int(said.replace(",", "")) if said[0].isdigit() and " " not in said else said


def compare_numbers(text, numbers):
    flat = re.sub(r"\s+", " ", text)
    for name in NUMBERS.keys() ^ numbers.keys():
        yield f"{name}: not known to both the codec and this script"
    for name, patterns in NUMBERS.items():
        for pattern in patterns:
            found = {value_of(said) for match in re.finditer(pattern, flat) for said in match.groups()}
            if found != {numbers.get(name)}:
                yield f"{name}: the codec has {numbers.get(name)}, PROTOCOL.md {sorted(map(str, found)) or 'nothing'} where it says: {pattern}"


def body_sizes(vectors):
    """{name: {(sender, bytes)}} of every message in the packets of the valid vectors."""
    sizes = {}
    for vector in vectors:
        if vector["kind"] != "valid" or vector["layer"] not in ("packet", "datagram"):
            continue
        reader = netrig_protocol.Reader(bytes.fromhex(vector["bytes"]))
        if reader.u8():
            reader.varint() if vector["layer"] == "packet" else netrig_protocol.decode_ack(reader)
        while reader.left():
            name = netrig_protocol.MESSAGES[reader.u8()][0]
            sizes.setdefault(name, set()).add((vector["from"], len(reader.take(reader.varint()))))
    return sizes


def compare(document, codec, vectors):
    if not document:
        yield "PROTOCOL.md: no table of messages in section 3"
    stated = [{"tag": row["tag"], "name": name, "from": row["from"], "reliable": row["reliable"]}
              for name, row in document.items()]
    by_tag = {row["tag"]: row for row in stated}
    for row in codec:
        if by_tag.get(row["tag"]) != row:
            yield f"kMessages has {row}, PROTOCOL.md {by_tag.get(row['tag'])}"
    for tag in by_tag.keys() - {row["tag"] for row in codec}:
        yield f"kMessages does not have tag {tag} of PROTOCOL.md"
    decoder = {tag: (name, sender) for tag, (name, sender, _) in netrig_protocol.MESSAGES.items()}
    if decoder != {row["tag"]: (row["name"], row["from"]) for row in stated}:
        yield "netrig_protocol.py has another table than PROTOCOL.md"
    sizes = body_sizes(vectors)
    for name, row in document.items():
        yield from compare_sizes(name, row, sizes.get(name, set()))
    refused = {vector["fault"] for vector in vectors if vector["kind"] == "refused"}
    for fault in set(netrig_protocol.FAULTS) - refused:
        yield f"no vector is refused as {fault}"


def compare_sizes(name, row, found):
    least, most = row["bytes"]
    seen = {size for _, size in found}
    senders = {"client", "server"} if row["from"] == "both" else {row["from"]}
    if {sender for sender, _ in found} != senders:
        yield f"{name}: the vectors have it from {sorted({sender for sender, _ in found})}"
    for size in seen:
        if size < least or (most is not None and size > most):
            yield f"{name}: a vector has {size} bytes, PROTOCOL.md {least} to {most or 'any number'}"
    for end in (least, most):
        if end is not None and end not in seen:
            yield f"{name}: no vector has {end} bytes, the end of its range in PROTOCOL.md"


def self_test_numbers(text, numbers):
    """Every number changed in the codec, and wherever the document says it."""
    flat = re.sub(r"\s+", " ", text)
    for name, value in numbers.items():
        other = value + 1 if isinstance(value, int) else value.replace("1", "7", 1)
        if not [*compare_numbers(text, numbers | {name: other})]:
            yield f"another {name} of the codec: not noticed"
        for pattern in NUMBERS[name]:
            for match in re.finditer(pattern, flat):
                changed = flat[: match.start(1)] + "7" + flat[match.end(1) :]
                if not [*compare_numbers(changed, numbers)]:
                    yield f"another {name} in PROTOCOL.md: not noticed"
    if not [*compare_numbers("", numbers)]:
        yield "no document: not noticed"


def self_test(text, codec, vectors):
    """Every row of the document changed in every column, and rows and vectors taken away."""
    def check(change, document, rows=codec, lines=vectors):
        if not [*compare(document, rows, lines)]:
            yield f"{change}: not noticed"

    good = parse_document(text)
    for name, row in good.items():
        least, most = row["bytes"]
        other = {"client": "server", "server": "both", "both": "client"}[row["from"]]
        yield from check(f"another tag of {name}", good | {name: row | {"tag": row["tag"] + 100}})
        yield from check(f"another sender of {name}", good | {name: row | {"from": other}})
        yield from check(f"another channel of {name}", good | {name: row | {"reliable": not row["reliable"]}})
        yield from check(f"fewer bytes of {name}", good | {name: row | {"bytes": (least - 1, most)}})
        yield from check(f"more bytes of {name}", good | {name: row | {"bytes": (least, (most or 10**6) + 1)}})
        yield from check(f"no row of {name}", {key: value for key, value in good.items() if key != name})
        yield from check(f"no {name} in kMessages", good, [line for line in codec if line["name"] != name])
    yield from check("no document", {})
    yield from check("no vectors", good, codec, [])
    for fault in netrig_protocol.FAULTS:
        yield from check(f"no vector of {fault}", good, codec, [line for line in vectors if line.get("fault") != fault])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("writer")
    parser.add_argument("vectors", type=pathlib.Path)
    parser.add_argument("document", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true", help="see that every change is noticed")
    arguments = parser.parse_args()
    printed, said = (subprocess.run([arguments.writer, what], stdout=subprocess.PIPE, check=True).stdout
                     for what in ("--messages", "--numbers"))  # fmt: skip
    numbers = json.loads(said)
    text = arguments.document.read_text(encoding="utf-8")
    codec, (_, vectors) = json.loads(printed), load(arguments.vectors)
    if arguments.self_test:
        found = [*self_test(text, codec, vectors), *self_test_numbers(text, numbers)]
    else:
        found = [*compare(parse_document(text), codec, vectors), *compare_numbers(text, numbers)]
    for problem in found:
        print(problem)
    print(f"{len(codec)} messages, {len(numbers)} numbers, {len(found)} problems")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
