"""Follows one session of the native protocol, packet by packet, by the rules of core/protocol/PROTOCOL.md.

netrig_protocol.py knows what one packet may hold; this knows what may follow what: whose turn it is, what acks may say,
how a state is put together. A rule that is broken raises Broken with the words of the document.
"""

from netrig_protocol import CLIENT, SERVER, Refused, decode_components, decode_packet, take_frames

INPUT_STEP_MAX = 16384
APP_LATEST_KEYS_MAX = 64
HANDSHAKE = {"hello", "welcome", "refuse", "challenge", "proof"}
RELIABLE = ("entity_removed", "app_reliable")


class Broken(Exception):
    """A packet that decodes, and that the document does not allow here."""


def expect(condition, rule):
    if not condition:
        raise Broken(rule)


def ahead(newer, older):
    """Of two numbers modulo 2^32."""
    return 0 < (newer - older) % 2**32 < 2**31


class Side:
    """What one side has said."""

    def __init__(self):
        self.pending = b""  # the beginning of a frame
        self.first = True
        self.closed = False
        self.ping = None
        self.pings = set()
        self.reliable = 0
        self.received = 0
        self.latest = {}


class States:
    """Puts states together from their headers and updates, with the components of `schema`."""

    def __init__(self, schema):
        self.schema = schema
        self.tick = 0
        self.expected = 0
        self.timestamp = None
        self.entities = {}  # of the newest state: {entity: {component: {field: value}}}
        self.finished = 0

    def complete(self):
        return len(self.entities) == self.expected

    def begin(self, header):
        expect(header["tick"] > self.tick, "ticks of states ascend")
        self.tick, self.expected = header["tick"], header["entities"]
        self.timestamp, self.entities = None, {}
        self.finished += self.complete()

    def add(self, update):
        expect(not self.complete(), "a state_update without a header, or one too many")
        expect(update["sequence"] == self.tick, "a state_update of another tick")
        expect(self.timestamp in (None, update["timestamp"]), "one tick has one time")
        expect(all(entity < update["entity"] for entity in self.entities), "entity ids ascend")
        self.timestamp = update["timestamp"]
        self.entities[update["entity"]] = decode_components(update, self.schema)
        self.finished += self.complete()


class Session:
    """Feed it the bytes of both directions in the order in which they arrived."""

    def __init__(self, schema):
        self.sides = {CLIENT: Side(), SERVER: Side()}
        self.hello = None
        self.challenged = False
        self.proved = False
        self.welcome = None
        self.input = 0
        self.input_ack = 0
        self.states = States(schema)
        self.removed = {}
        self.left = False
        self.counts = {}

    def receive(self, sender, data):
        side = self.sides[sender]
        packets, side.pending = take_frames(side.pending + data)
        for packet in packets:
            self.packet(decode_packet(packet, sender), sender)

    def close(self):
        for name, side in self.sides.items():
            expect(not side.pending, f"the {name}'s stream ends inside a frame")
        expect(self.states.complete(), "the last state is not complete")

    def packet(self, packet, sender):
        side = self.sides[sender]
        expect(not side.closed, f"the {sender} speaks after its last message")
        self.begin(packet, sender)
        if packet["received"] is not None:
            self.ack(packet["received"], sender)
        for message in packet["messages"]:
            kind = message["type"]
            self.counts[kind] = self.counts.get(kind, 0) + 1
            side.reliable += kind in RELIABLE
            getattr(self, "on_" + kind)(message, sender)
        side.first = False

    def begin(self, packet, sender):
        names = [message["type"] for message in packet["messages"]]
        if sender == CLIENT:
            self.begin_client(packet, names)
        elif self.sides[SERVER].closed or self.welcome:
            expect(not HANDSHAKE & set(names), "the handshake is over")
        elif self.hello["token"] and not self.challenged:
            expect(names in (["challenge"], ["refuse"]), "the server challenges a token first")
            self.challenged = names == ["challenge"]
        else:
            expect(names[:1] in (["welcome"], ["refuse"]), "the server answers the hello, or the proof")
            expect(not HANDSHAKE & set(names[1:]), "one answer")
            expect(self.proved or not self.challenged, "the server waits for the proof")

    def begin_client(self, packet, names):
        alone = len(names) == 1 and packet["received"] is None
        if self.sides[CLIENT].first:
            expect(names == ["hello"] and alone, "hello is all of the client's first packet")
        elif self.challenged and not self.proved:
            expect(names == ["proof"] and alone, "proof is all of the packet after a challenge")
            self.proved = True
        else:
            expect(self.welcome, "the client waits for the answer")
            expect(not HANDSHAKE & set(names), "the handshake is over")

    def ack(self, received, sender):
        mine, other = self.sides[sender], self.sides[SERVER if sender == CLIENT else CLIENT]
        new = (received - mine.received) % 2**32
        expect(new <= other.reliable - mine.received, "an ack goes back, or beyond what was sent")
        mine.received += new

    # ---- one function per message ----

    def on_hello(self, message, _sender):
        self.hello = message

    def on_welcome(self, message, _sender):
        expect(self.hello["version_min"] <= message["version"] <= self.hello["version_max"], "a version of both")
        expect(message["features"] & ~self.hello["offered"] == 0, "features that both have")
        expect(self.hello["required"] & ~message["features"] == 0, "every feature that is required")
        self.welcome = message

    def on_refuse(self, _message, sender):
        self.sides[sender].closed = True

    def on_challenge(self, _message, _sender):
        pass

    def on_proof(self, _message, _sender):
        pass

    def on_ping(self, message, sender):
        side = self.sides[sender]
        expect(side.ping is None or ahead(message["id"], side.ping), "ids of pings ascend")
        side.ping = message["id"]
        side.pings.add(message["id"])

    def on_pong(self, message, sender):
        pings = self.sides[SERVER if sender == CLIENT else CLIENT].pings
        expect(message["id"] in pings, "a pong for a ping that was not sent")
        pings.discard(message["id"])

    def on_leave(self, _message, sender):
        self.left = True
        self.sides[sender].closed = True

    def on_disconnect(self, message, sender):
        expect(message["reason"] == 1 or not self.left, "the server answers leave with disconnect (1)")
        self.sides[sender].closed = True

    def on_state_header(self, message, _sender):
        expect(self.states.complete(), "the state before is not complete")
        expect(self.input_ack <= message["input_ack"] <= self.input, "input_ack goes back, or beyond what was sent")
        self.input_ack = message["input_ack"]
        self.states.begin(message)
        self.check_removed()

    def on_state_update(self, message, _sender):
        self.states.add(message)
        self.check_removed()

    def check_removed(self):
        """An entity that is gone is in no state from its tick on."""
        for entity in self.states.entities:
            expect(self.states.tick < self.removed.get(entity, 2**32), "a removed entity in a state")

    def on_entity_removed(self, message, _sender):
        self.removed[message["entity"]] = message["tick"]
        self.check_removed()

    def on_input(self, message, _sender):
        expect(0 < message["sequence"] - self.input <= INPUT_STEP_MAX, "input sequences ascend, by at most 16,384")
        expect(message["acked"] <= self.states.tick, "a state that was not sent is acked")
        self.input = message["sequence"]

    def on_app_reliable(self, _message, _sender):
        pass

    def on_app_latest(self, message, sender):
        latest = self.sides[sender].latest
        last = latest.get(message["key"])
        expect(last is None or ahead(message["sequence"], last), "app_latest sequences ascend per key")
        latest[message["key"]] = message["sequence"]
        expect(len(latest) <= APP_LATEST_KEYS_MAX, "at most 64 keys a side")


def follow(schema, chunks):
    """The finished Session of [(sender, bytes), ...]; raises Refused or Broken."""
    session = Session(schema)
    for sender, data in chunks:
        session.receive(sender, data)
    session.close()
    return session


__all__ = ["Broken", "Refused", "Session", "follow"]
