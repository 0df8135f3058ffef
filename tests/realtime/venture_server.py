"""A server of the original protocol, written from its description alone and with nothing but sockets: what `loadgen run
--dialect venture` load-tests when the server is somebody else's.

    frame: u32 length | payload, little-endian; no handshake, no types, no goodbye
    down:  u64 timestamp | u64 entity | u8 priority | u32 sequence | u16 count | count x (u16 n, type | u32 n, data)
    up:    u64 player | u64 timestamp | u32 sequence | u16 n, type | u32 n, data

python3 venture_server.py [options]: listens, prints its port, and serves until it is killed."""

import argparse
import dataclasses
import selectors
import socket
import struct
import sys
import time

POSITION = struct.Struct("<dd")
HEADER = struct.Struct("<QQBIH")
COMMAND = struct.Struct("<QQI")
NORMAL = 128


def component(name, data):
    return struct.pack("<H", len(name)) + name + struct.pack("<I", len(data)) + data


def framed(payload):
    return struct.pack("<I", len(payload)) + payload


def state_update(timestamp, entity, sequence):
    components = [component(b"position", POSITION.pack(entity, -1.5)), component(b"velocity", POSITION.pack(0.25, 0)),
                  component(b"health", POSITION.pack(90, 100))]  # fmt: skip
    return framed(HEADER.pack(timestamp, entity, NORMAL, sequence, len(components)) + b"".join(components))


def command_of(payload):
    """(player, sequence, type, data), or an error."""
    player, _, sequence = COMMAND.unpack_from(payload)
    at = COMMAND.size
    (size,) = struct.unpack_from("<H", payload, at)
    kind = payload[at + 2 : at + 2 + size]
    at += 2 + size
    (size,) = struct.unpack_from("<I", payload, at)
    data = payload[at + 4 :]
    if len(data) != size:
        raise ValueError(f"{len(data)} bytes of data, {size} announced")
    return player, sequence, kind.decode(), data


@dataclasses.dataclass
class Options:
    port: int = 0
    rate: float = 20  # ticks a second
    entities: int = 3
    skip_every: int = 0  # after so many updates one number is left out
    stall_at: float = 0  # seconds after the first client; 0: never
    stall_for: float = 0
    close_at: float = 0  # closes every connection then; 0: never
    silent: bool = False  # takes connections and says nothing
    jitter: float = 0  # every second tick is so many seconds late
    twice: bool = False  # each number two times


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.received = b""
        self.commands = []

    def read(self, chunk):
        self.received += chunk
        while len(self.received) >= 4:
            (size,) = struct.unpack_from("<I", self.received)
            if len(self.received) < 4 + size:
                return
            try:
                self.commands.append(command_of(self.received[4 : 4 + size]))
            except (struct.error, ValueError) as error:
                self.commands.append(error)
            self.received = self.received[4 + size :]


class Server:
    def __init__(self, options):
        self.options = options
        self.listener = socket.create_server(("127.0.0.1", options.port), backlog=1024)
        self.listener.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.clients = {}
        self.sequence = 0
        self.sent = 0
        self.begun = None  # when the first client came

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def close(self):
        for connection in list(self.clients):
            self.drop(connection)
        self.selector.close()
        self.listener.close()

    def drop(self, connection):
        self.selector.unregister(connection)
        connection.close()
        return self.clients.pop(connection)

    def poll(self, seconds):
        for key, _ in self.selector.select(max(0, seconds)):
            if key.fileobj is self.listener:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.clients[connection] = Client(connection)
                self.selector.register(connection, selectors.EVENT_READ)
                self.begun = self.begun or time.monotonic()
                continue
            try:
                chunk = key.fileobj.recv(65536)
            except OSError:
                chunk = b""
            if chunk:
                self.clients[key.fileobj].read(chunk)
            else:
                self.drop(key.fileobj)

    def next_sequence(self):
        self.sent += 1
        if not (self.options.twice and self.sent % 2 == 0):
            self.sequence += 1
        if self.options.skip_every and self.sent % self.options.skip_every == 0:
            self.sequence += 1
        return self.sequence % 2**32

    def tick(self):
        now = time.time_ns()
        state = b"".join(state_update(now, entity, self.next_sequence()) for entity in range(1, self.options.entities + 1))
        for connection in list(self.clients):
            try:
                connection.sendall(state)
            except OSError:
                self.drop(connection)

    def is_due(self, what):
        return what and self.begun and time.monotonic() - self.begun >= what

    def serve(self, is_over=lambda: False):
        interval = 1 / self.options.rate
        due = time.monotonic()
        ticks = 0
        stalled = False
        while not is_over():
            late = self.options.jitter if ticks % 2 else 0
            while (wait := due + late - time.monotonic()) > 0 and not is_over():
                self.poll(min(wait, 0.05))
            due += interval
            ticks += 1
            if self.is_due(self.options.stall_at) and not stalled:
                stalled = True
                time.sleep(self.options.stall_for)
                due = time.monotonic()
            if self.is_due(self.options.close_at):
                for connection in list(self.clients):
                    self.drop(connection)
            self.poll(0)
            if not self.options.silent:
                self.tick()


def main():
    parser = argparse.ArgumentParser()
    for field in dataclasses.fields(Options):
        flag = "--" + field.name.replace("_", "-")
        if field.type is bool:
            parser.add_argument(flag, action="store_true")
        else:
            parser.add_argument(flag, type=field.type, default=field.default)
    server = Server(Options(**vars(parser.parse_args())))
    print(f"listening on {server.port}", flush=True)
    server.serve()


if __name__ == "__main__":
    sys.exit(main())
