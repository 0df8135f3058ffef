"""--dialect venture in real time: against a server that is not ours (venture_server.py, written from the protocol's
description alone), against our own in another process, and against whoever speaks something else."""

import contextlib
import http.server
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "simulation"))

import harness  # noqa: E402
import venture_server  # noqa: E402

CLIENTS = 3
ENTITIES = 3
RATE = 20
UPDATE_BYTES = 23 + 3 * 6 + len("position" + "velocity" + "health") + 3 * 16  # 111
COMMAND_BYTES = 26 + len("move") + 2  # 32
VENTURE = ["--dialect", "venture"]
AT_ONCE = ["--set", "measure={after: start}"]

# How late a busy machine makes the load generator is not what these tests are about.
SCENARIO = f"""\
netrig: 1
name: existing
duration: 2s
transport: tcp
stream: {{congestion: ideal}}
server: {{tick_rate: {RATE}Hz, players_max: 8, avatars: from_start}}
clients:
  - name: near
    count: {CLIENTS}
thresholds:
  sequence_gaps_total: "count==0"
  early_closes_total: "count==0"
  rtt_seconds: "p(50)<1"
  generator_lateness_seconds: "p(99)<2"
"""


class Existing:
    """A server of somebody else's, in a thread of its own."""

    def __init__(self, **options):
        self.server = venture_server.Server(venture_server.Options(**options))
        self.over = False
        self.thread = threading.Thread(target=self.server.serve, args=(lambda: self.over,), daemon=True)
        self.thread.start()
        self.url = f"tcp://127.0.0.1:{self.server.port}"
        self.left = []
        drop = self.server.drop
        self.server.drop = lambda connection: self.left.append(drop(connection))

    def stop(self):
        self.over = True
        self.thread.join(10)
        self.server.close()


class Venture(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("existing.yaml", SCENARIO)

    def existing(self, **options):
        server = Existing(**options)
        self.addCleanup(server.stop)
        return server

    def target(self, url, *arguments, **options):
        return self.result(self.scenario, "--target", url, *VENTURE, *arguments, **options)

    def diagnosis(self, result):
        return " ".join(result["results"]["updates"]["diagnosis"])

    def states(self, result):
        return {each["metric"]: each["state"] for each in result["thresholds"]}

    # --- a server that is not ours

    def test_a_healthy_server_is_called_healthy(self):
        server = self.existing(entities=ENTITIES)
        result = self.target(server.url)
        self.assertEqual(result["scenario"]["dialect"], "venture")
        self.assertEqual(result["metrics"]["joins_total"], CLIENTS)
        self.assertEqual(result["results"]["errors"], {})
        near = result["results"]["updates"]["cohorts"]["near"]
        self.assertEqual((near["sequence_gaps"], near["sequence_reversals"], near["early_closes"]), (0, 0, 0))
        self.assertGreater(near["interval_seconds"]["count"], 0)
        down = result["results"]["bytes"]["downstream"]
        updates = down["by_message"]["state_update"]
        self.assertEqual(updates["bytes"], updates["count"] * UPDATE_BYTES)
        self.assertEqual(down["by_layer"]["protocol"], updates["count"] * 4)
        self.assertEqual(list(down["by_message"]), ["state_update"])
        up = result["results"]["bytes"]["upstream"]["by_message"]["input"]
        self.assertEqual(up["bytes"], up["count"] * COMMAND_BYTES)
        if near["stalls"] == 0:  # this machine let it be
            self.assertIn("each entity is updated", self.diagnosis(result))
            self.assertIn("no gap, no stall, nobody cut off", self.diagnosis(result))

    def test_what_the_server_gets_are_the_original_s_commands(self):
        server = self.existing()
        self.target(server.url)
        deadline = time.monotonic() + 10
        while len(server.left) < CLIENTS and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(len(server.left), CLIENTS)
        for client in server.left:
            self.assertGreater(len(client.commands), RATE)
            self.assertEqual([sequence for _, sequence, _, _ in client.commands], list(range(len(client.commands))))
            for player, _, kind, data in client.commands:
                self.assertEqual((player, kind, len(data)), (0, "move", 2))
                x, y = struct.unpack("<bb", data)
                self.assertLessEqual(x * x + y * y, 127 * 127)

    def test_what_the_protocol_cannot_tell_is_not_pretended(self):
        result = self.target(self.existing().url)
        self.assertEqual(self.states(result)["rtt_seconds"], "not_applicable")
        for name in ("rtt_seconds", "input_to_ack_seconds", "state_age_seconds"):
            self.assertEqual(result["metrics"][name]["count"], 0)
        self.assertNotIn("rtt", result["results"]["latency_seconds"])
        self.assertIn("no ping, no acknowledgement and no common clock", self.diagnosis(result))
        only = self.write("only.yaml", SCENARIO[: SCENARIO.index("thresholds")] + 'thresholds: {rtt_seconds: "p(50)<1"}\n')
        run = self.loadgen("verify", only, *VENTURE, expect=104)
        self.assertIn("none of the thresholds applies to a run under the virtual clock in the venture dialect", run.stderr)

    def test_skipped_numbers_are_diagnosed(self):
        result = self.target(self.existing(skip_every=10).url, expect=99)
        self.assertEqual(self.states(result)["sequence_gaps_total"], "failed")
        near = result["results"]["updates"]["cohorts"]["near"]
        came = result["results"]["bytes"]["downstream"]["by_message"]["state_update"]["count"]
        self.assertAlmostEqual(near["sequence_gaps"], came / 10, delta=2 * CLIENTS)
        self.assertEqual(near["sequence_skipped"], near["sequence_gaps"])
        self.assertRegex(self.diagnosis(result), r"near: gaps: [0-9]+ times the sequence skipped numbers, .* never sent them here")

    def test_numbers_that_stand_still_are_diagnosed(self):
        result = self.target(self.existing(twice=True).url)
        self.assertIn("the server numbers some updates twice", self.diagnosis(result))
        self.assertGreater(result["metrics"]["sequence_reversals_total"], 0)

    def test_a_stall_is_diagnosed_with_its_length(self):
        result = self.target(self.existing(stall_at=1, stall_for=0.8).url, *AT_ONCE, "--duration", "3s")
        near = result["results"]["updates"]["cohorts"]["near"]
        self.assertGreaterEqual(near["stalls"], CLIENTS)
        self.assertGreaterEqual(near["interval_seconds"]["max"], 0.79)
        self.assertGreaterEqual(near["since_update_seconds"]["max"], 0.7)
        self.assertRegex(self.diagnosis(result), r"stalls: [0-9]+ times nothing came for more than 250 ms, for [0-9.]+ m?s at the longest")

    def test_a_slow_server_is_called_slow(self):
        result = self.target(self.existing(rate=10).url)
        self.assertRegex(self.diagnosis(result), r"slow: each entity is updated (9|10)\.[0-9] times a second; the scenario expects 20")

    def test_uneven_arrivals_are_diagnosed(self):
        result = self.target(self.existing(jitter=0.04).url)
        self.assertIn("uneven: one interval and the next differ by", self.diagnosis(result))

    def test_a_server_that_closes_early_leaves_a_partial_result_and_103(self):
        began = time.monotonic()
        result = self.target(self.existing(close_at=1).url, *AT_ONCE, "--duration", "30s", expect=103)
        self.assertLess(time.monotonic() - began, 15)  # nobody comes back, so nothing is waited for
        self.assertEqual(result["metrics"]["early_closes_total"], CLIENTS)
        self.assertEqual(self.states(result)["early_closes_total"], "failed")
        self.assertIn("closed early: 3 connections were ended from the other side", self.diagnosis(result))
        self.assertGreater(result["results"]["bytes"]["downstream"]["by_message"]["state_update"]["count"], 0)

    def test_clients_with_a_policy_come_back_to_it(self):
        result = self.target(self.existing(close_at=1).url, *AT_ONCE, "--duration", "4s", "--set",
                             "clients.near.reconnect={first: 50ms, max: 100ms}", expect=(0, 99, 103))  # fmt: skip
        self.assertGreater(result["metrics"]["reconnects_total"] + result["metrics"]["reconnect_attempts_total"], 0)

    def test_links_stand_in_front_of_it(self):
        result = self.target(self.existing().url, "--set", "clients.near.link={rtt: 200ms}")
        self.assertGreater(result["results"]["network"]["delivered"], 0)
        self.assertGreaterEqual(result["metrics"]["connect_seconds"]["min"], 0.1)

    def test_a_server_that_says_nothing_is_103_within_the_warm_up(self):
        server = self.existing(silent=True)
        result = self.target(server.url, "--set", "measure.warm_up_max=1s", expect=103)
        self.assertEqual(result["metrics"]["joins_total"], 0)
        self.assertIn("no update ever came", self.diagnosis(result))

    def test_the_report_says_it_to_people(self):
        report = self.loadgen("run", self.scenario, "--target", self.existing(skip_every=10).url, *VENTURE, expect=99).stdout
        self.assertIn("venture dialect", report)
        self.assertIn("UPDATES  as clients saw them come", report)
        self.assertIn("n/a  the venture dialect cannot measure it: rtt_seconds", report)
        self.assertIn("--dialect venture", report.splitlines()[-1])

    # --- our own server

    def serve(self, *arguments, dialect=True):
        command = [harness.program(), "serve", self.scenario, "--listen", "tcp://127.0.0.1:0", *(VENTURE if dialect else []), *arguments]
        server = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, server)
        return server, server.stdout.readline().split()[-1]

    @staticmethod
    def end(server):
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        server.wait()
        server.stdout.close()
        server.stderr.close()

    def stopped(self, server):
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(harness.SECONDS_MAX), 0)
        return server.stdout.read()

    def test_serve_and_target_without_a_gap(self):
        server, url = self.serve()
        result = self.target(url)
        self.assertEqual(result["metrics"]["sequence_gaps_total"], 0)
        self.assertEqual(result["metrics"]["joins_total"], CLIENTS)
        report = self.stopped(server)
        self.assertIn("venture dialect", report)
        self.assertRegex(report, rf"players +at most {CLIENTS} at once")
        self.assertNotIn("faults", report)

    def test_in_one_process_bytes_are_those_of_the_virtual_run(self):
        virtual = self.result(self.scenario, *VENTURE)["results"]["bytes"]
        for transport in ("memory", "tcp"):
            result = self.result(self.scenario, *VENTURE, "--clock", "real", "--transport", transport)
            real = result["results"]["bytes"]
            for direction, name, slack in (("downstream", "state_update", CLIENTS * 8), ("upstream", "input", CLIENTS)):
                expected, got = (side[direction]["by_message"][name] for side in (virtual, real))
                self.assertEqual(got["bytes"] * expected["count"], expected["bytes"] * got["count"])
                self.assertLessEqual(abs(got["count"] - expected["count"]), slack)
            self.assertGreater(result["metrics"]["state_age_seconds"]["count"], 0)
            self.assertIs(result["deterministic"], False)

    def test_hostile_bytes_are_counted_and_honest_players_are_not_disturbed(self):
        server, url = self.serve()
        address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        run = subprocess.Popen([harness.program(), "run", self.scenario, "--target", url, *VENTURE, "--duration", "4s", "--quiet", "--out",
                                "json=honest.json"], cwd=self.folder)  # fmt: skip
        try:
            while "; 3 here" not in server.stderr.readline():
                self.assertIsNone(run.poll())
            for attack in (struct.pack("<I", 0xFFFFFFFF), struct.pack("<I", 2**29) + b"x" * 100, b"GET / HTTP/1.0\r\n\r\n",
                           struct.pack("<I", 28) + b"\0" * 20 + b"\2\0jo" + struct.pack("<I", 2**29)):  # fmt: skip
                with socket.create_connection(address, timeout=10) as hostile:
                    hostile.sendall(attack)
                    with contextlib.suppress(ConnectionError):
                        while hostile.recv(65536):
                            pass  # until it is closed
            half = socket.create_connection(address, timeout=10)
            half.sendall(struct.pack("<I", 32) + b"\1" * 10)
            silent = [socket.create_connection(address, timeout=10) for _ in range(300)]
            run.wait(harness.SECONDS_MAX)
            for connection in (*silent, half):
                connection.close()
        finally:
            run.kill()
            run.wait()
        self.assertEqual(run.returncode, 0)
        result = self.read_json("honest.json")
        self.assertEqual(result["metrics"]["early_closes_total"], 0)
        self.assertEqual(result["results"]["errors"], {})
        report = self.stopped(server)
        self.assertRegex(report, r"faults +undecodable 1, out_of_step 3")
        self.assertRegex(server.stderr.read(), r"[0-9]+ refused|[0-9]+ left")

    # --- whoever speaks something else

    def strange(self, url, *arguments):
        began = time.monotonic()
        result = self.result(self.scenario, "--target", url, "--duration", "30s", *AT_ONCE, *arguments, expect=103)
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(result["metrics"]["joins_total"], 0)
        return result["results"]["connection_problem"]

    def test_the_native_server_is_recognised(self):
        _, url = self.serve(dialect=False)
        self.assertEqual(self.strange(url, *VENTURE), "the server speaks netrig's own protocol: leave --dialect venture out")

    def test_the_native_client_recognises_a_venture_server(self):
        problem = self.strange(self.existing().url)
        self.assertEqual(problem, "the server speaks the venture protocol: add --dialect venture")
        _, url = self.serve()
        self.assertIn("--dialect venture", self.strange(url))

    def test_a_web_server_is_recognised(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        problem = self.strange(f"tcp://127.0.0.1:{server.server_address[1]}", *VENTURE)
        self.assertRegex(problem, "HTTP|the server says|closed the connection before its first update")

    def speak(self, words):
        """A server that says the same to everybody."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.sendall(words)
                    self.addCleanup(connection.close)

        threading.Thread(target=serve, daemon=True).start()
        return f"tcp://127.0.0.1:{listener.getsockname()[1]}"

    def test_garbage_is_told_from_an_update(self):
        cases = [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "the server answers in HTTP, not the venture protocol"),
                 (b"SSH-2.0-OpenSSH_9.2p1\r\n", 'the server says "SSH-2.0-OpenSSH_9.2p1", not the venture protocol'),
                 (b"\x15\x03\x03\0\2\2\x46", "the server answers in TLS, not the venture protocol: is its URL tls://?"),
                 (b"\x03\0\0\0\x01\x02\x03", "the server does not speak the venture protocol: its first bytes are 03 00 00 00 01 02 03"),
                 (b"\xff\xff\xff\xff", "the server does not speak the venture protocol: its first bytes are ff ff ff ff")]  # fmt: skip
        for words, problem in cases:
            with self.subTest(problem):
                self.assertEqual(self.strange(self.speak(words), *VENTURE), problem)

    def test_nobody_there_is_103_at_once(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.assertIn("refused", self.strange(f"tcp://127.0.0.1:{port}", *VENTURE).lower())

    def test_what_the_dialect_does_not_have_is_2(self):
        run = self.loadgen("run", self.scenario, *VENTURE, "--transport", "udp", expect=2)
        self.assertIn("the venture dialect needs a byte stream", run.stderr)
        self.loadgen("token", "--new-key", "key")
        run = self.loadgen("serve", self.scenario, "--listen", "tcp://127.0.0.1:0", *VENTURE, "--token-key", "key", expect=2)
        self.assertIn("has no tokens", run.stderr)


if __name__ == "__main__":
    harness.main()
