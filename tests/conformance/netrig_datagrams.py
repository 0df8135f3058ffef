"""Follows one session over datagrams by sections 7 and 8 of core/protocol/PROTOCOL.md: the handshake, the keys that
follow from it, sequences, acks, reliable messages and their parts, fragments, states in parts. A rule that is broken
raises Broken with the words of the document."""

from netrig_ciphers import x25519
from netrig_handshake import connect_request, decode_handshake, decode_sealed
from netrig_protocol import CLIENT, SERVER, Reader, decode_body_of, decode_components, decode_datagram
from netrig_session import ahead, expect

DATAGRAM_BYTES_MAX = 1200
BASE_POINT = bytes([9]) + bytes(31)
INPUT_COPIES_MAX = 3
LAST_WORDS = ("leave", "disconnect")
LAST_WORD_COPIES = 3


def other(sender):
    return SERVER if sender == CLIENT else CLIENT


class Side:
    """What one side has sent of its session."""

    def __init__(self):
        self.datagrams = []  # of the session and before, in order: (the sequence or None, the packet or None)
        self.sequence = 0  # of the next one
        self.arrived = {}  # sequence: when
        self.numbered = []  # by id: the message inside, or a part, as decoded
        self.arrived_ids = set()
        self.inputs = {}  # sequence: (what it says, in how many datagrams)
        self.latest = {}  # key: (sequence, data)
        self.pings = set()
        self.fragments = {}  # group: {index: bytes} and count
        self.group_count = 0
        self.last_word = None
        self.last_words = 0
        self.heard_out = False  # the last message has come


class DatagramFollower:
    """Feed it what is sent and what arrives, in that order."""

    def __init__(self, schema, secrets, token_secret=None):
        self.schema, self.secrets = schema, [bytes.fromhex(secret) for secret in secrets]
        self.token_secret = token_secret or bytes(32)
        self.sides = {CLIENT: Side(), SERVER: Side()}
        self.request = None  # the newest with a cookie
        self.accepted = None
        self.states = {}  # tick: (its header, {entity: components})
        self.counts = {}

    def sent(self, sender, data, at_us):
        expect(0 < len(data) <= DATAGRAM_BYTES_MAX, "a datagram has at most 1,200 bytes")
        side = self.sides[sender]
        if data[0] != 16:
            self.handshake(sender, data)
            side.datagrams.append((None, None))
            return
        expect(self.accepted, "a session datagram before the session")
        expect(side.last_words < LAST_WORD_COPIES, f"the {sender} speaks after its last message")
        expect(data[1:5] == (side.sequence % 2**32).to_bytes(4, "little"), "a side numbers its datagrams one by one")
        packet = decode_datagram(self.opened(sender, data, side.sequence), sender)
        side.datagrams.append((side.sequence, packet))
        side.sequence += 1
        if packet["ack"]:
            self.ack(sender, packet["ack"], at_us)
        said = {message["type"] for message in packet["messages"]}
        if side.last_word:
            expect(said == {side.last_word}, "nothing but the last message again")
        for index, message in enumerate(packet["messages"]):
            self.count(message["type"])
            self.check_sent(sender, message, packet["messages"][:index])

    def count(self, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1

    # ---- 8. The handshake ----

    def handshake(self, sender, data):
        context = {"share": self.request_share(), "client_secret": self.client_secret(), "request": self.request,
                   "token_secret": self.token_secret}  # fmt: skip
        fields = decode_handshake(data, context)
        self.count(fields["datagram"])
        expect((sender == CLIENT) == (fields["datagram"] == "connect_request"), "who asks and who answers")
        if fields["datagram"] == "connect_request":
            expect(self.request is None or not self.accepted or fields["cookie"], "a request after the session began")
            self.request = data
        elif fields["datagram"] == "accept":
            expect(self.accepted in (None, fields), "the same share is answered with the same accept")
            self.accepted = fields

    def request_share(self):
        return bytes.fromhex(connect_request(self.request)[0]["share"]) if self.request else bytes(32)

    def client_secret(self):
        """The one of the player's secrets that belongs to the share of its request."""
        share = self.request_share()
        return next((secret for secret in self.secrets if len(secret) == 32 and x25519(secret, BASE_POINT) == share), bytes(32))

    def opened(self, sender, data, sequence):
        if not self.accepted["encrypted"]:
            return data[5:]
        key = bytes.fromhex(self.accepted["to_server" if sender == CLIENT else "to_client"])
        context = {"sequence": sequence.to_bytes(8, "little"), "key": key, "version": self.accepted["version"].to_bytes(2, "little")}
        return bytes.fromhex(decode_sealed(data, context)["packet"])

    # ---- 7. What a packet may say ----

    def ack(self, sender, ack, at_us):
        self.count("ack")
        theirs = self.sides[other(sender)]
        newest = max(theirs.arrived, default=None)
        expect(newest is not None and ack["largest"] == newest % 2**32, "largest is the newest sequence received")
        expect(ack["delay"] == at_us - theirs.arrived[newest], "delay is the time since its arrival")
        for near, far in ack["ranges"]:
            for below in range(near, far + 1):
                expect(newest - below in theirs.arrived, "an ack of what has not come")
        gaps = [far + 1 for _, far in ack["ranges"][:-1]]
        for missing in gaps:
            expect(newest - missing not in theirs.arrived, "a gap where a packet has come")

    def check_sent(self, sender, message, before):
        kind = message["type"]
        if kind in ("numbered", "part"):
            return self.check_numbered(sender, message)
        if kind == "fragment":
            return self.check_fragment(sender, message)
        if kind == "state_update":
            headers = [earlier for earlier in before if earlier["type"] == "state_header"]
            expect(len(headers) == 1, "state_updates have their header before them in the same packet")
            expect(message["sequence"] == headers[0]["tick"], "a state_update of another tick")
        return self.check_plain(sender, message)

    def check_numbered(self, sender, message):
        numbered = self.sides[sender].numbered
        number = message["id"]  # fewer than 2^16 in a recording
        expect(number <= len(numbered), "ids count up by one")
        if number == len(numbered):
            numbered.append(message)
            inside = message.get("message")
            first = sender == SERVER and number == 0
            expect(not first or (inside and inside["type"] == "welcome"), "welcome is the server's first numbered message")
            if inside:
                self.count(inside["type"])
        expect(numbered[number] == message, "a message that is sent again is the same")

    def check_fragment(self, sender, message):
        side = self.sides[sender]
        whole = side.fragments.setdefault(message["group"], {"count": message["count"], "parts": {}})
        expect(whole["count"] == message["count"], "fragments of a group have one count")
        expect(message["index"] not in whole["parts"], "a fragment is sent once")
        whole["parts"][message["index"]] = bytes.fromhex(message["data"])
        if len(whole["parts"]) == whole["count"]:
            data = b"".join(whole["parts"][index] for index in range(whole["count"]))
            inner = decode_body_of(data[0], Reader(data[1:]), sender)
            self.count(inner["type"])
            self.check_plain(sender, inner)

    def check_plain(self, sender, message):
        check = getattr(self, "check_" + message["type"], None)
        expect(check is not None, f"{message['type']} in a session of datagrams")
        check(message, self.sides[sender], sender)

    def check_ping(self, message, side, _sender):
        expect(message["id"] not in side.pings, "ids of pings ascend")
        side.pings.add(message["id"])

    def check_pong(self, message, _side, sender):
        expect(message["id"] in self.sides[other(sender)].pings, "a pong for a ping that was not sent")

    def check_last(self, message, side, _sender):
        side.last_word = message["type"]
        side.last_words += 1

    check_leave = check_disconnect = check_last

    def check_state_header(self, message, _side, _sender):
        known = self.states.setdefault(message["tick"], (message, {}))
        expect(known[0] == message, "headers of one tick are equal")
        expect(message["input_ack"] <= max(self.sides[CLIENT].inputs, default=0), "input_ack beyond what was sent")

    def check_state_update(self, message, _side, _sender):
        entities = self.states[message["sequence"]][1]
        expect(message["entity"] not in entities, "an entity twice in a state")
        entities[message["entity"]] = decode_components(message, self.schema)

    def check_input(self, message, side, _sender):
        sequence, said = message["sequence"], message["data"]
        known, copies = side.inputs.get(sequence, (said, 0))
        expect(known == said, "an input that is said again is the same")
        expect(copies < INPUT_COPIES_MAX, "an input is written into at most three datagrams")
        expect(sequence <= max(side.inputs, default=0) + 1, "input sequences ascend")
        side.inputs[sequence] = (said, copies + 1)

    def check_app_latest(self, message, side, _sender):
        sequence, said = side.latest.get(message["key"], (None, None))
        if sequence == message["sequence"]:
            expect(said == message["data"], "a value that is sent again is the same")
        else:
            expect(sequence is None or ahead(message["sequence"], sequence), "app_latest sequences ascend per key")
        side.latest[message["key"]] = (message["sequence"], message["data"])

    # ---- arrivals, and the end ----

    def arrived(self, sender, number, at_us):
        side = self.sides[sender]
        sequence, packet = side.datagrams[number]
        if sequence is None:
            return
        if side.heard_out:
            return  # the session is over for who has heard the last message
        side.heard_out = any(message["type"] in LAST_WORDS for message in packet["messages"])
        side.arrived[sequence] = at_us
        side.arrived_ids.update(message["id"] for message in packet["messages"] if message["type"] in ("numbered", "part"))

    def close(self):
        for name, side in self.sides.items():
            expect(len(side.arrived_ids) == len(side.numbered), f"a reliable message of the {name}'s never came")
            self.join_parts(name, side.numbered)
            for whole in side.fragments.values():
                expect(len(whole["parts"]) == whole["count"], "a message whose fragments were not all sent")
        for tick, (header, entities) in self.states.items():
            expect(len(entities) == header["entities"], f"the state of tick {tick} is not complete")
            self.counts["states"] = self.counts.get("states", 0) + 1

    def join_parts(self, sender, numbered):
        """The parts of one message have consecutive ids and make it."""
        data = b""
        for message in numbered:
            if message["type"] == "numbered":
                expect(not data, "nothing else is numbered between parts")
                continue
            data += bytes.fromhex(message["data"])
            if message["last"]:
                inner = decode_body_of(data[0], Reader(data[1:]), sender)
                self.count(inner["type"])
                data = b""
        expect(not data, "parts without a last one")


__all__ = ["DatagramFollower"]
