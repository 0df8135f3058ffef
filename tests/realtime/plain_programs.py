"""Plain servers and clients that know nothing of netrig, and the proxy between them."""

import contextlib
import json
import pathlib
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "simulation"))

import harness  # noqa: E402

PATIENCE = 60  # seconds that nobody waits unless a test fails
TAKES = 64 * 1024


class TcpServer:
    """Calls `serve(connection)` in a thread of its own for each client."""

    def __init__(self, serve, port=0):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.url = f"tcp://127.0.0.1:{self.port}"
        self.serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        with connection, contextlib.suppress(OSError):
            self.serve(connection)

    def close(self):
        self.listener.close()


def echo(connection):
    while data := connection.recv(TAKES):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


class UdpEcho:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"udp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.clients = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                data, address = self.socket.recvfrom(TAKES)
                self.clients.add(address)
                self.socket.sendto(data, address)

    def close(self):
        self.socket.close()


def receive(connection, size):
    """Exactly so many bytes, or what came before the end."""
    received = bytearray()
    while len(received) < size and (data := connection.recv(min(TAKES, size - len(received)))):
        received += data
    return bytes(received)


def receive_all(connection):
    received = bytearray()
    while data := connection.recv(TAKES):
        received += data
    return bytes(received)


class Proxy:
    """`loadgen proxy` in a process of its own."""

    def __init__(self, test, to, *arguments, listen=None):
        self.test = test
        self.json = test.folder / f"proxy-{id(self)}.json"
        listen = listen or to.split(":")[0] + "://127.0.0.1:0"
        self.process = subprocess.Popen(
            [harness.program(), "proxy", "--listen", listen, "--to", to, "--out", f"json={self.json}", *arguments],
            cwd=test.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        test.addCleanup(self.end)
        said = self.process.stdout.readline()
        test.assertRegex(said, r"^listening on (tcp|udp)://127\.0\.0\.1:[0-9]+$")
        self.url = said.split()[-1]
        self.address = ("127.0.0.1", int(self.url.rsplit(":", 1)[1]))
        self.out = self.err = ""

    def connect(self):
        connection = socket.create_connection(self.address, timeout=PATIENCE)
        self.test.addCleanup(connection.close)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def open_udp(self):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.test.addCleanup(client.close)
        client.settimeout(PATIENCE)
        client.connect(self.address)
        return client

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self, codes=(0, 99)):
        """The result. A machine that is busy with something else makes a proxy late, which is 99."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(codes)

    def wait(self, codes=(0, 99)):
        out, err = self.process.communicate(timeout=PATIENCE)
        self.out += out
        self.err += err
        self.test.assertIn(self.process.returncode, codes, self.out + self.err)
        return json.loads(self.json.read_text())

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class ProxyTest(harness.LoadgenTest):
    def server(self, serve=echo):
        server = TcpServer(serve)
        self.addCleanup(server.close)
        return server

    def udp_echo(self):
        server = UdpEcho()
        self.addCleanup(server.close)
        return server

    def proxy(self, to, *arguments, **options):
        return Proxy(self, to, *arguments, **options)


main = harness.main
