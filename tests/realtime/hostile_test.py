"""Attacks on a real server over real sockets, beside honest players who must not notice.

Runs in a network namespace of its own (in_namespace.sh): attackers come from 10.9.0.0/16, where the limits per address
hold; the players of the load test come from loopback, where they do not."""

import contextlib
import errno
import os
import pathlib
import re
import resource
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "simulation"))

import harness  # noqa: E402

PLAYERS = 8
TICKS_PER_SECOND = 20
SECONDS = 4
FRAME_SECONDS = 5.25  # rtt_max + 5 s: a frame that takes longer is given up
HANDSHAKE_SECONDS = 3  # 4 rtt_max + 2 s: who has not said hello by then is sent away
SCENARIO = f"""\
netrig: 1
name: hostile
duration: {SECONDS}s
transport: tcp
stream: {{congestion: ideal}}
server: {{tick_rate: {TICKS_PER_SECOND}Hz, players_max: 32, avatars: from_start, rtt_max: 250ms}}
clients:
  - name: players
    count: {PLAYERS}
    behaviour: wander
    join: {{ramp: 1s}}
    reconnect: {{first: 100ms, max: 500ms}}
thresholds:
  joins_total: "count>={PLAYERS}"
  generator_lateness_seconds: "p(99)<2"
"""
GARBAGE = bytes((i * 167 + 13) % 256 for i in range(4096))


def address(number):
    """One of 65,000 that are not this machine's for the server."""
    return f"10.9.{number // 250}.{1 + number % 250}"


def ping(number):
    return struct.pack("<IBBBI", 7, 0, 4, 4, number)


def input_of(sequence):
    return struct.pack("<IBBBII", 15, 0, 32, 12, sequence, 0) + b"\0\0\0\0"


def connect(port, number, wait=True):
    attacker = socket.socket()
    attacker.setblocking(wait)
    attacker.bind((address(number), 0))
    error = attacker.connect_ex(("10.9.255.1", port))
    if error not in (0, errno.EINPROGRESS):
        attacker.close()
        raise OSError(error, os.strerror(error))
    return attacker


def number_in(pattern, report):
    return int(re.search(pattern, report)[1].replace(",", ""))


def is_closed(attacker, seconds=0.0):
    """Whether the other side has ended within that time; what it says before is read."""
    end = time.monotonic() + seconds
    attacker.setblocking(True)
    while True:
        attacker.settimeout(max(0.001, end - time.monotonic()))
        try:
            if attacker.recv(65536) == b"":
                return True
        except TimeoutError:
            return False
        except OSError:
            return True
        if time.monotonic() > end + 1:
            return False


class Server:
    def __init__(self, test, transport, arguments=(), descriptors=None):
        def limit():
            if descriptors is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self.test = test
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [harness.program(), "serve", test.scenario, "--listen", f"{transport}://0.0.0.0:0", *arguments],
            cwd=test.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit)  # fmt: skip
        test.addCleanup(self.kill)
        self.port = int(re.search(r":([0-9]+)/?$", self.process.stdout.readline().strip())[1])
        self.url = f"{transport}://127.0.0.1:{self.port}"

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(r"VmRSS:\s*([0-9]+) kB", status)[1])

    def end(self):
        """Stops it; checks that nobody could fill its log. The report."""
        self.process.send_signal(signal.SIGTERM)
        report, log = self.process.communicate(timeout=harness.SECONDS_MAX)
        self.test.assertEqual(self.process.returncode, 0, log)
        seconds = time.monotonic() - self.began
        causes = {}
        for line in log.splitlines():
            cause = re.sub(r"^[0-9.]+ m?s +[0-9,]+ (.*); [0-9]+ here$", r"\1", line)
            causes[cause] = causes.get(cause, 0) + 1
        for cause, lines in causes.items():
            self.test.assertLessEqual(lines, seconds + 2, cause)
        return report


class Attacks(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("hostile.yaml", SCENARIO)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    @contextlib.contextmanager
    def players(self, server, *arguments):
        """Honest ones, while the attack lasts. What they say of it is in what this yields, afterwards."""
        out = f"honest-{server.port}.json"
        run = subprocess.Popen(
            [harness.program(), "run", self.scenario, "--target", server.url, "--out", f"json={out}", *arguments],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        result = {}
        try:
            yield result
            said, _ = run.communicate(timeout=harness.SECONDS_MAX)
        finally:
            run.kill()
            run.wait()
            run.stdout.close()
        self.assertEqual(run.returncode, 0, said)
        result.update(self.read_json(out))

    def lost_nothing(self, result, report, seconds=SECONDS, may_have_retried=False):
        metrics, received = result["metrics"], result["results"]["bytes"]["downstream"]["by_message"]
        self.assertEqual(metrics["joins_total"], PLAYERS)
        self.assertEqual(metrics["leaves_total"], 0)
        if not may_have_retried:
            self.assertEqual(result["results"]["errors"], {})
        under_way = 1 + int(TICKS_PER_SECOND * metrics["state_age_seconds"]["max"] + 1)
        self.assertGreaterEqual(received["state_header"]["count"], PLAYERS * (seconds * TICKS_PER_SECOND - under_way))
        self.assertLess(metrics["input_to_ack_seconds"]["p50"], 0.5)
        self.assertIn(" 0 sends refused by a full queue", report)

    def hello(self, transport="tcp"):
        """What an honest player says first."""
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        with socket.socket(type=kind) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.settimeout(harness.SECONDS_MAX)
            if transport != "udp":
                listener.listen()
            url = f"{transport}://127.0.0.1:{listener.getsockname()[1]}"
            run = subprocess.Popen(
                [harness.program(), "run", self.scenario, "--target", url, "--quiet", "--duration", "1s", "--set",
                 "measure={after: start}"],
                cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            try:
                if transport == "udp":
                    return listener.recv(2048)
                player, _ = listener.accept()
                with player:
                    return player.recv(2048)
            finally:
                run.kill()
                run.wait()

    def session(self, server, hello, number):
        attacker = self.stack.enter_context(connect(server.port, number))
        attacker.sendall(hello)
        attacker.settimeout(5)
        self.assertGreater(len(attacker.recv(65536)), 60)  # the welcome
        return attacker


class Hostile(Attacks):
    def test_ten_thousand_silent_connections_keep_nobody_out(self):
        _, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
        connections = min(10_000, descriptors - 200)
        server = Server(self, "tcp", descriptors=160)  # 32 seats, 64 who wait, and few besides
        with self.players(server) as result:
            silent = []
            for number in range(connections):
                with contextlib.suppress(OSError):  # the kernel's own queue may be full
                    silent.append(self.stack.enter_context(connect(server.port, number // 3, wait=False)))
            self.assertGreater(len(silent), 0.9 * connections)
        self.assertLess(server.rss_bytes(), 64 << 20)
        report = server.end()
        self.lost_nothing(result, report, may_have_retried=True)
        self.assertGreater(number_in(r"([0-9,]+) closings cut short", report), 1000)  # it did run out of descriptors
        self.assertEqual(result["metrics"]["sessions_lost_total"], 0)

    def test_frames_that_lie_dribble_or_end_half_way_end_their_own_session(self):
        hello = self.hello()
        server = Server(self, "tcp")
        with self.players(server, "--duration", "7s") as result:
            before = server.rss_bytes()
            strangers = [self.stack.enter_context(connect(server.port, 100 + i)) for i in range(3)]
            strangers[0].sendall(b"\xff\xff\xff\xff")  # 4 GiB
            strangers[1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            strangers[2].sendall(hello + b"\x07")  # talks on
            liars = [self.session(server, hello, 200 + i) for i in range(3)]
            liars[0].sendall(b"\xff\xff\xff\xff" + GARBAGE)
            liars[1].sendall(struct.pack("<I", 65536) + GARBAGE)  # half a frame, and gone
            liars[1].close()
            for number in range(16):
                liars[2].sendall(struct.pack("<I", 64) + GARBAGE[number : number + 64])
            for each in (*strangers, liars[0], liars[2]):
                self.assertTrue(is_closed(each, 3))
            slow = self.session(server, hello, 300)
            slow.sendall(struct.pack("<I", 1000))
            began = time.monotonic()
            while not is_closed(slow, 0.5) and time.monotonic() - began < FRAME_SECONDS + 3:
                with contextlib.suppress(OSError):
                    slow.sendall(b"\0")
            self.assertGreater(time.monotonic() - began, FRAME_SECONDS - 1)
            self.assertTrue(is_closed(slow))
            self.assertLess(server.rss_bytes() - before, 8 << 20)
        self.lost_nothing(result, server.end(), seconds=7)

    def test_spoofed_datagrams_are_never_answered_with_more_and_take_no_memory(self):
        hello = self.hello("udp")
        self.assertGreater(len(hello), 500)  # padded, so that an answer is shorter
        server = Server(self, "udp")
        to = ("10.9.255.1", server.port)
        words = [hello, hello[:400], b"\0", GARBAGE[:1200], hello[:1] + GARBAGE[1 : len(hello)], b""]
        with self.players(server) as result:
            time.sleep(1.5)  # they are in
            before = server.rss_bytes()
            answered = 0
            for number in range(4000):
                with socket.socket(type=socket.SOCK_DGRAM) as stranger:
                    stranger.bind((address(number), 0))
                    stranger.setblocking(False)
                    word = words[number % len(words)]
                    told = 0
                    for _ in range(3):
                        stranger.sendto(word, to)
                    if number % 800 < len(words):  # of some, what comes back is waited for
                        readable = select.select([stranger], [], [], 0.1)[0]
                        while readable:
                            answer = stranger.recv(65536)
                            told += len(answer)
                            self.assertLessEqual(len(answer), len(word))
                            readable = select.select([stranger], [], [], 0.02)[0]
                    self.assertLessEqual(told, 3 * len(word))
                    answered += told > 0
            self.assertGreater(answered, 0)  # an honest request is answered
            self.assertLess(server.rss_bytes() - before, 4 << 20)
        report = server.end()
        self.lost_nothing(result, report)


class HostileAtLength(Attacks):
    def test_one_address_has_three_connections_that_say_nothing(self):
        server = Server(self, "tcp")
        silent = [self.stack.enter_context(connect(server.port, 0)) for _ in range(500)]
        time.sleep(1)
        self.assertLessEqual(sum(not is_closed(each) for each in silent), 3)
        began = time.monotonic()
        self.assertTrue(all(is_closed(each, HANDSHAKE_SECONDS + 2) for each in silent))
        self.assertGreater(time.monotonic() - began, 1)  # three were waited for
        server.end()

    def test_a_peer_that_says_all_it_can_costs_the_others_nothing(self):
        hello = self.hello()
        server = Server(self, "tcp")
        with self.players(server, "--duration", "2s") as calm:
            pass
        with self.players(server) as result:
            attacker = self.session(server, hello, 0)
            attacker.settimeout(1)
            flood = b"".join(ping(i) + input_of(i) for i in range(1, 2001))
            end = time.monotonic() + SECONDS
            sent = 0
            while time.monotonic() < end:
                if select.select([attacker], [], [], 0)[0]:
                    attacker.recv(65536)
                sent += attacker.send(flood)
            self.assertGreater(sent, 10 << 20)
        report = server.end()
        self.lost_nothing(result, report)
        # Twice, and a tick: what the machine does besides.
        self.assertLess(result["metrics"]["state_age_seconds"]["p99"], 2 * calm["metrics"]["state_age_seconds"]["p99"] + 0.05)

    def test_a_peer_that_reads_nothing_holds_back_itself_alone(self):
        hello = self.hello()
        server = Server(self, "tcp")
        with self.players(server) as result:
            before = server.rss_bytes()
            deaf = [self.session(server, hello, i) for i in range(4)]
            for each in deaf:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.assertLess(server.rss_bytes() - before, 8 << 20)
        self.lost_nothing(result, server.end())

    def test_garbage_into_tls_and_the_wrong_language_are_turned_away(self):
        files = ["server.crt", "server.key"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "1", "-subj", "/CN=netrig test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[1],
                        "-out", files[0]], cwd=self.folder, check=True, capture_output=True)  # fmt: skip
        hello = self.hello()
        client_hello = self.hello_of_tls()
        says = {
            "tls": [GARBAGE, hello, b"GET / HTTP/1.1\r\n\r\n", client_hello[:40] + GARBAGE],
            "wss": [GARBAGE, hello, b"GET / HTTP/1.1\r\n\r\n", client_hello[:40] + GARBAGE],
            "ws": [GARBAGE, hello, client_hello, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000],
            "tcp": [GARBAGE, client_hello, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
        }
        for transport, words in says.items():
            if transport in ("ws", "wss") and not harness.HAS_WEBSOCKET:
                continue
            with self.subTest(transport):
                secret = transport in ("tls", "wss")
                given = ["--tls-cert", files[0], "--tls-key", files[1]] if secret else []
                server = Server(self, transport, given)
                with self.players(server, *(["--tls-ca", files[0]] if secret else []), "--duration", "1s") as result:
                    for round_of in range(10):
                        for number, word in enumerate(words):
                            attacker = self.stack.enter_context(connect(server.port, 100 * round_of + number))
                            with contextlib.suppress(OSError):  # it may hang up before all is said
                                attacker.sendall(word)
                            self.assertTrue(is_closed(attacker, 3), (transport, word[:20]))
                report = server.end()
                self.assertEqual(result["results"]["errors"], {})
                self.assertEqual(result["metrics"]["joins_total"], PLAYERS)
                self.assertIn(" 0 sends refused by a full queue", report)

    def hello_of_tls(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="example.org")
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        return outgoing.read()


if __name__ == "__main__":
    harness.main()
