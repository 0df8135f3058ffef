"""A second decoder of the native protocol, written from core/protocol/PROTOCOL.md alone.

It shares no code and no author's shortcut with the C++ codec: what both agree on is what the document says. Section
numbers in comments are those of the document. Only the standard library is used.

    for packet in split_frames(stream):
        decoded = decode_packet(packet, "client")      # {"received": None | n, "messages": [{"type": ..., ...}]}
    decode_datagram(packet, "client")                  # {"ack": None | {...}, "messages": [...]}

Everything the document refuses raises Refused; nothing is returned from a packet of which a part is refused.
"""

import struct

PACKET_BYTES_MAX = 65536
FAULTS = (
    "truncated",
    "trailing_bytes",
    "unknown_type",
    "wrong_sender",
    "out_of_range",
    "bad_header",
    "empty",
    "wrong_channel",
    "frame_too_long",
    "unfit_state",
)
MAGIC = 0x4752544E
TOKEN_BYTES = 395
TIME_NS_MAX = 2**61
BOTH, CLIENT, SERVER = "both", "client", "server"


class Refused(Exception):
    """What the document tells a decoder to refuse; `fault` is one of its words (section 1)."""

    def __init__(self, fault, detail=""):
        super().__init__(f"{fault}: {detail}" if detail else fault)
        self.fault = fault


def require(condition, fault, detail=""):
    if not condition:
        raise Refused(fault, detail)


class Reader:
    """Takes fields off the front of `data`; refuses to read past its end."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def take(self, count):
        require(count <= self.left(), "truncated")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "little")

    def u8(self):
        return self.number(1)

    def u16(self):
        return self.number(2)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def rest(self):
        return self.take(self.left())

    def varint(self):
        value = 0
        for index in range(5):
            byte = self.u8()
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                require(byte != 0 or index == 0, "truncated", "a varint longer than needed")
                require(value < 2**32, "truncated", "a varint over 32 bits")
                return value
        raise Refused("truncated", "a varint over 5 bytes")


def in_range(value, low, high, name):
    require(low <= value <= high, "out_of_range", f"{name} {value}")
    return value


def text(data):
    """For a person, or to compare; the document lets any bytes pass."""
    return data.decode("utf-8", "surrogateescape")


def body_up_to(reader, limit, name):
    in_range(reader.left(), 0, limit, f"bytes of {name}")
    return reader.rest().hex()


# ---- 3. Messages: each function reads one body ----


def resume_key(body):
    """Two u64, the upper half first; as 32 hexadecimal digits."""
    return f"{body.u64():016x}{body.u64():016x}"


def hello(body):
    in_range(body.u32(), MAGIC, MAGIC, "magic")
    message = {"version_min": body.u16(), "version_max": body.u16(), "offered": body.u32(), "required": body.u32()}
    message["schema"] = body.u64()
    message["resume_epoch"] = body.u64()
    message["resume_client"] = body.u64()
    message["resume_key"] = resume_key(body)
    message["received"] = body.u32()
    in_range(message["version_min"], 0, message["version_max"], "version_min")
    require(body.left() in (0, TOKEN_BYTES), "out_of_range", f"a token of {body.left()} bytes")
    message["token"] = body.rest().hex()
    return message


def welcome(body):
    message = {"version": body.u16(), "features": body.u32(), "epoch": body.u64()}
    message["client"] = in_range(body.u64(), 1, 2**64 - 1, "client")
    message["entity"] = body.u64()
    message["tick_rate"] = in_range(body.u16(), 1, 240, "tick_rate")
    message["tick"] = body.u32()
    message["server_time"] = in_range(body.u64(), 0, TIME_NS_MAX, "server_time")
    message["resume_key"] = resume_key(body)
    message["grace"] = body.u32()
    message["received"] = body.u32()
    message["resumed"] = in_range(body.u8(), 0, 1, "resumed")
    return message


def refuse(body):
    reason = in_range(body.u8(), 1, 13, "reason")
    return {"reason": reason, "version_min": body.u16(), "version_max": body.u16()}


def ping(body):
    return {"id": body.u32()}


def pong(body):
    return {"id": body.u32(), "held": body.u32(), "time": in_range(body.u64(), 0, TIME_NS_MAX, "time")}


def leave(_body):
    return {}


def disconnect(body):
    reason = in_range(body.u8(), 1, 5, "reason")
    in_range(body.left(), 0, 64, "bytes of text")
    return {"reason": reason, "text": text(body.rest())}


def challenge(body):
    return {"nonce": body.take(32).hex(), "check": body.take(16).hex()}


def proof(body):
    return {"mac": body.take(16).hex(), "signature": body.take(64).hex()}


def state_header(body):
    return {"tick": body.u32(), "input_ack": body.u32(), "entities": body.u16()}


def state_update(body):
    message = {"timestamp": body.u64(), "entity": body.u64(), "priority": body.u8(), "sequence": body.u32()}
    components = []
    for _ in range(body.u16()):
        name = text(body.take(body.u16()))
        components.append({"type": name, "data": body.take(body.u32()).hex()})
    message["components"] = components
    return message


def entity_removed(body):
    return {"entity": body.u64(), "tick": body.u32()}


def input_message(body):
    sequence = in_range(body.u32(), 1, 2**32 - 1, "sequence")
    return {"sequence": sequence, "acked": body.u32(), "data": body_up_to(body, 48, "input")}


def app_reliable(body):
    return {"kind": body.u16(), "data": body_up_to(body, 32768, "app_reliable")}


def app_latest(body):
    return {"key": body.u16(), "sequence": body.u32(), "data": body_up_to(body, 32768, "app_latest")}


def numbered(body):
    return {"id": body.u16(), "message": None}  # what is inside depends on the sender: decode_datagram_message


def part(body):
    number, flags = body.u16(), in_range(body.u8(), 0, 1, "flags")
    return {"id": number, "last": flags == 1, "data": some_bytes(body)}


def fragment(body):
    group, index, count = body.u16(), body.u8(), body.u8()
    in_range(count, index + 1, 255, "count")
    in_range(count, 2, 255, "count")
    return {"group": group, "index": index, "count": count, "data": some_bytes(body)}


def some_bytes(body):
    require(body.left() > 0, "truncated")
    return body.rest().hex()


MESSAGES = {
    1: ("hello", CLIENT, hello),
    2: ("welcome", SERVER, welcome),
    3: ("refuse", SERVER, refuse),
    4: ("ping", BOTH, ping),
    5: ("pong", BOTH, pong),
    6: ("leave", CLIENT, leave),
    7: ("disconnect", SERVER, disconnect),
    8: ("challenge", SERVER, challenge),
    9: ("numbered", BOTH, numbered),
    10: ("part", BOTH, part),
    11: ("fragment", BOTH, fragment),
    12: ("proof", CLIENT, proof),
    16: ("state_header", SERVER, state_header),
    17: ("state_update", SERVER, state_update),
    18: ("entity_removed", SERVER, entity_removed),
    32: ("input", CLIENT, input_message),
    48: ("app_reliable", BOTH, app_reliable),
    49: ("app_latest", BOTH, app_latest),
}


DATAGRAM_ONLY = (9, 10, 11)
NUMBERED = ("welcome", "entity_removed", "app_reliable")  # in datagrams
NEVER_IN_DATAGRAMS = ("hello", "refuse", "challenge", "proof")


# ---- 1. Layers ----


def take_frames(stream):
    """The whole packets at the front of `stream`, and the bytes after them: the beginning of a frame, or none."""
    packets, at = [], 0
    while len(stream) - at >= 4:
        length = int.from_bytes(stream[at : at + 4], "little")
        require(length <= PACKET_BYTES_MAX, "frame_too_long", str(length))
        if len(stream) - at - 4 < length:
            break
        packets.append(stream[at + 4 : at + 4 + length])
        at += 4 + length
    return packets, stream[at:]


def split_frames(stream):
    """The packets of a stream that has ended; refuses one that ends inside a frame."""
    packets, remainder = take_frames(stream)
    require(not remainder, "truncated", "the stream ends inside a frame")
    return packets


def decode_message(reader, sender):
    tag = reader.u8()
    require(tag in MESSAGES and tag not in DATAGRAM_ONLY, "unknown_type", str(tag))
    return decode_body_of(tag, Reader(reader.take(reader.varint())), sender)


def decode_body_of(tag, body, sender):
    name, side, decode_body = MESSAGES[tag]
    require(side in (BOTH, sender), "wrong_sender", f"{name} from the {sender}")
    fields = decode_body(body)
    require(body.left() == 0, "trailing_bytes", f"{body.left()} after {name}")
    return {"type": name, **fields}


def decode_packet(packet, sender):
    """Sections 1 to 3: {"received": None or a number, "messages": [...]}; `sender` is "client" or "server"."""
    reader = Reader(packet)
    flags = reader.u8()
    require(flags in (0, 1), "bad_header", hex(flags))
    received = reader.varint() if flags == 1 else None
    messages = []
    while reader.left():
        messages.append(decode_message(reader, sender))
    require(messages or received is not None, "empty")
    return {"received": received, "messages": messages}


# ---- 7. Datagram packets ----


def decode_ack(reader):
    ack = {"largest": reader.u32(), "delay": reader.varint()}
    first = reader.varint()
    count = in_range(reader.u8(), 0, 63, "count")
    below = first  # how far the oldest packet of the range lies below the largest
    ack["ranges"] = [[0, first]]
    for _ in range(count):
        newest = below + reader.varint() + 2
        below = newest + reader.varint()
        in_range(below, 0, 2**32 - 1, "a range")
        ack["ranges"].append([newest, below])
    return ack


def decode_datagram_message(reader, sender):
    tag = reader.u8()
    require(tag in MESSAGES, "unknown_type", str(tag))
    body = Reader(reader.take(reader.varint()))
    name = MESSAGES[tag][0]
    require(name not in NEVER_IN_DATAGRAMS and name not in NUMBERED, "wrong_channel", name)
    if name != "numbered":
        return decode_body_of(tag, body, sender)
    fields = numbered(body)
    inner = body.u8()
    require(inner in MESSAGES, "unknown_type", str(inner))
    require(MESSAGES[inner][0] in NUMBERED, "wrong_channel", MESSAGES[inner][0])
    fields["message"] = decode_body_of(inner, body, sender)
    return {"type": name, **fields}


def decode_datagram(packet, sender):
    """Section 7: {"ack": None or {"largest", "delay", "ranges": [[newest, oldest] below the largest]}, "messages"}."""
    reader = Reader(packet)
    flags = reader.u8()
    require(flags in (0, 1), "bad_header", hex(flags))
    ack = decode_ack(reader) if flags == 1 else None
    messages = []
    while reader.left():
        messages.append(decode_datagram_message(reader, sender))
    require(messages or ack is not None, "empty")
    return {"ack": ack, "messages": messages}


# ---- 5. Component data ----
# A schema is what the game declares: {"components": [{"type", "fields": [{"name", "encoding", "min", "max", "steps"}]}]}


def decode_f64(data, steps):
    double = struct.unpack("<d", data)[0]
    require(abs(double) * steps < 2**53, "out_of_range", f"double {double}")  # also false for a NaN
    value = round(double * steps)
    require(struct.pack("<d", value / steps) == data, "out_of_range", f"{double} is no whole number of steps")
    return value


def decode_field(reader, field):
    encoding = field["encoding"]
    if encoding == "f64":
        value = decode_f64(reader.take(8), field["steps"])
    elif encoding == "i8":
        value = int.from_bytes(reader.take(1), "little", signed=True)
    elif encoding in ("u32", "u64"):
        value = reader.number({"u32": 4, "u64": 8}[encoding])
    else:
        require(encoding == "bytes", "out_of_range", f"encoding {encoding}")
        return reader.take(field["bytes"]).hex()
    return in_range(value, field["min"], field["max"], field["name"])


def decode_component(data, declared):
    reader = Reader(data)
    values = {field["name"]: decode_field(reader, field) for field in declared["fields"]}
    require(reader.left() == 0, "trailing_bytes", f"{reader.left()} after {declared['type']}")
    return values


def decode_components(update, schema):
    """The values of a decoded state_update: {component: {field: number}}, every component of the schema, in its order."""
    declared = schema["components"]
    names = [component["type"] for component in update["components"]]
    require(names == [component["type"] for component in declared], "out_of_range", f"components {names}")
    return {
        expected["type"]: decode_component(bytes.fromhex(component["data"]), expected)
        for component, expected in zip(update["components"], declared)
    }
