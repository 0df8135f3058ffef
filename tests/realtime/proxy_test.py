"""`loadgen proxy` between plain programs, over sockets: what passes, when, and what is said of it."""

import contextlib
import json
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import plain_programs
import scraping
from plain_programs import PATIENCE, receive, receive_all

CLIENTS = 40


def in_parallel(*tasks):
    """Runs each in a thread, and fails as the first that failed."""
    failures = []

    def guarded(task):
        try:
            task()
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    if failures:
        raise failures[0]


def seconds_of(task):
    began = time.monotonic()
    task()
    return time.monotonic() - began


class ProxyOverSockets(plain_programs.ProxyTest):
    def test_five_seconds_stand_between_two_plain_programs(self):
        tcp = self.proxy(self.server().url, "--set", "rtt=5s")
        udp = self.proxy(self.udp_echo().url, "--set", "rtt=5s")

        def by_tcp():
            began = time.monotonic()
            client = tcp.connect()

            def ask():
                client.sendall(b"are you there?")
                self.assertEqual(receive(client, 14), b"are you there?")

            ask()
            self.assertGreaterEqual(time.monotonic() - began, 10)  # the connection's own round trip comes first
            self.assertGreaterEqual(seconds_of(ask), 5)

        def by_udp():
            client = udp.open_udp()

            def ask():
                client.send(b"are you there?")
                self.assertEqual(client.recv(100), b"are you there?")

            self.assertGreaterEqual(seconds_of(ask), 5)

        in_parallel(by_tcp, by_udp)
        self.assertEqual(tcp.stop()["results"]["proxy"]["down"]["given_bytes"], 28)
        self.assertEqual(udp.stop()["results"]["proxy"]["down"]["given_bytes"], 14)

    def test_many_streams_pass_unchanged_and_every_byte_is_counted(self):
        proxy = self.proxy(self.server().url, "--set", "rtt=20ms", "--set", "jitter=5ms", "--set", "loss=1%")
        blobs = [random.Random(i).randbytes(1 + i * 3_001) for i in range(CLIENTS)]

        def talk(blob):
            client = proxy.connect()
            sender = threading.Thread(target=client.sendall, args=(blob,), daemon=True)
            sender.start()
            self.assertEqual(receive(client, len(blob)), blob)
            sender.join(PATIENCE)
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(receive_all(client), b"")

        in_parallel(*(lambda blob=blob: talk(blob) for blob in blobs))
        result = proxy.stop()
        passed = result["results"]["proxy"]
        self.assertEqual(passed["clients"], CLIENTS)
        self.assertEqual(passed["reached"], CLIENTS)
        self.assertEqual(passed["ends"], {"closed": CLIENTS})
        for way in ("up", "down"):
            self.assertEqual(passed[way]["taken_bytes"], sum(map(len, blobs)))
            self.assertEqual(passed[way]["given_bytes"], sum(map(len, blobs)))
        self.assertEqual(result["results"]["bytes"]["upstream"]["by_layer"]["payload"], sum(map(len, blobs)))
        self.assertGreater(result["results"]["network"]["retransmitted"], 0)
        self.assertEqual(result["scenario"]["clock"], "real")
        self.assertIn("PROXY", proxy.out)
        self.assertIn("PROXY".lower(), result["replay"])

    def test_each_datagram_client_has_its_own_way_to_the_server(self):
        server = self.udp_echo()
        proxy = self.proxy(server.url, "--set", "rtt=10ms")
        clients = [proxy.open_udp() for _ in range(CLIENTS)]
        for number in range(3):
            for i, client in enumerate(clients):
                client.send(f"{i} {number}".encode())
            for i, client in enumerate(clients):
                self.assertEqual(client.recv(100), f"{i} {number}".encode())
        clients[0].send(b"")  # a datagram may be empty, and large
        self.assertEqual(clients[0].recv(100), b"")
        large = random.Random(1).randbytes(60_000)
        clients[0].send(large)
        self.assertEqual(clients[0].recv(65_536), large)
        self.assertEqual(len(server.clients), CLIENTS)
        passed = proxy.stop()["results"]["proxy"]
        self.assertEqual(passed["clients"], CLIENTS)
        self.assertEqual(passed["clients_at_end"], CLIENTS)

    def test_what_datagrams_become_adds_up(self):
        proxy = self.proxy(self.udp_echo().url, "--set", "up.loss=20%", "--set", "down.duplicate=10%", "--seed", "3")
        client = proxy.open_udp()
        sent = 2_000
        for i in range(sent):
            client.send(i.to_bytes(4, "big"))
            if i % 20 == 0:
                time.sleep(0.002)
        client.settimeout(1)
        heard = 0
        with contextlib.suppress(TimeoutError):
            while client.recv(100):
                heard += 1
        network = proxy.stop()["results"]["network"]
        for unwanted in ("corrupted", "reordered", "queue_dropped", "in_flight_after"):
            self.assertEqual(network[unwanted], 0, unwanted)
        self.assertEqual(network["sent"] + network["duplicated"], network["delivered"] + network["lost"])
        self.assertGreater(network["lost"], sent * 0.15)
        self.assertLess(network["lost"], sent * 0.25)
        self.assertGreater(network["duplicated"], 0)
        self.assertLessEqual(heard, network["delivered"])

    def test_half_a_stream_may_end_before_the_other(self):
        def count(connection):
            size = len(receive_all(connection))
            connection.sendall(f"{size} bytes".encode())

        proxy = self.proxy(self.server(count).url, "--set", "rtt=40ms")
        began = time.monotonic()
        client = proxy.connect()
        client.sendall(bytes(300_000))
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(receive_all(client), b"300000 bytes")
        self.assertGreaterEqual(time.monotonic() - began, 0.08)

    def test_a_server_that_is_killed_ends_its_clients_behind_what_it_said(self):
        program = ("import socket, time\n"
                   "listener = socket.create_server(('127.0.0.1', 0))\n"
                   "print(listener.getsockname()[1], flush=True)\n"
                   "connection, _ = listener.accept()\n"
                   "connection.recv(100)\n"
                   "connection.sendall(b'x' * 200000)\n"
                   "print('said', flush=True)\n"
                   "time.sleep(600)\n")  # fmt: skip
        server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.kill)
        proxy = self.proxy(f"tcp://127.0.0.1:{int(server.stdout.readline())}", "--set", "rtt=400ms")
        client = proxy.connect()
        client.sendall(b"speak")
        self.assertEqual(server.stdout.readline(), "said\n")
        server.kill()
        server.wait(PATIENCE)
        self.assertEqual(len(receive_all(client)), 200_000)
        client.close()

        # And whoever comes afterwards hears of it, too.
        late = proxy.connect()
        with contextlib.suppress(ConnectionResetError):
            late.sendall(b"hello?")
            self.assertEqual(late.recv(100), b"")
        result = proxy.stop()
        self.assertEqual(result["results"]["proxy"]["ends"]["refused"], 1)
        self.assertEqual(result["results"]["errors"], {"connection_failed": 1})
        self.assertIn("the server refuses clients: Connection refused", proxy.err)

    def test_a_server_that_nobody_ever_reached_is_103(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        proxy = self.proxy(f"tcp://127.0.0.1:{port}", "--set", "rtt=0s")
        with contextlib.suppress(ConnectionResetError):  # before connect() has returned, or after
            self.assertEqual(proxy.connect().recv(100), b"")
        result = proxy.stop(codes=(103,))
        self.assertIn("refused", result["results"]["connection_problem"])

        proxy = self.proxy(f"udp://127.0.0.1:{port}", "--set", "rtt=0s")
        proxy.open_udp().send(b"hello?")
        time.sleep(0.5)
        self.assertEqual(proxy.stop(codes=(103,))["results"]["proxy"]["ends"], {"refused": 1})

    def test_the_link_file_is_read_again_on_a_signal_and_a_wrong_one_is_refused(self):
        path = self.folder / self.write("line.yaml", "link: {rtt: 20ms}\n")
        proxy = self.proxy(self.server().url, "--link", str(path))
        client = proxy.connect()

        def ask():
            client.sendall(b"?")
            self.assertEqual(receive(client, 1), b"?")

        def change(text, said):
            path.write_text(text)
            proxy.hang_up()
            while not (line := proxy.process.stderr.readline()).startswith(said):
                proxy.err += line
                self.assertTrue(line, proxy.err)

        ask()
        self.assertGreaterEqual(seconds_of(ask), 0.02)
        change("link:\n  up: {delay: 300ms}\n  down: {delay: 100ms, losss: 1%}\n", "loadgen: the link stays")
        self.assertIn(f'{path}:3:24: unknown key "losss" in link.down', proxy.err)
        self.assertIn("^", proxy.err)
        change("link: {up: {delay: 300ms}, down: {delay: 100ms}}\n", "loadgen: the link is now: ")
        ask()
        self.assertGreaterEqual(seconds_of(ask), 0.4)
        change("link: {rtt: 10ms}\n", "loadgen: the link is now: ")
        ask()
        passed = proxy.stop()["results"]["proxy"]
        self.assertEqual((passed["link_changes"], passed["link_changes_refused"]), (2, 1))
        self.assertEqual(passed["clients"], 1)  # who was there stayed

    def test_a_fitted_link_is_used_as_it_is(self):
        log = "".join(f"[1700000000.{i:06}] 64 bytes from 10.0.0.1: icmp_seq={i} ttl=64 time={30 + i % 7}.0 ms\n"
                      for i in range(1, 400))  # fmt: skip
        ping = self.write("ping.log", log)
        self.loadgen("fit-link", ping, "--out", "fitted.yaml", expect=0)
        proxy = self.proxy(self.udp_echo().url, "--link", "./fitted.yaml")
        client = proxy.open_udp()

        def ask():
            client.send(b"?")
            self.assertEqual(client.recv(100), b"?")

        self.assertGreaterEqual(seconds_of(ask), 0.029)
        self.assertIn("fitted.yaml", proxy.stop()["scenario"]["network"])

    def test_a_server_that_does_not_read_stops_its_client_and_the_proxy_does_not_grow(self):
        done = threading.Event()
        self.addCleanup(done.set)
        proxy = self.proxy(self.server(lambda _: done.wait(PATIENCE)).url, "--set", "rtt=2ms", "--buffer", "1MiB")
        client = proxy.connect()
        client.settimeout(2)
        sent = 0
        with self.assertRaises(TimeoutError):
            while sent < 200_000_000:
                sent += client.send(bytes(65_536))
        status = pathlib.Path(f"/proc/{proxy.process.pid}/status").read_text()
        resident_kb = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
        self.assertLess(resident_kb, 64 * 1024)
        result = proxy.stop()["results"]["proxy"]
        self.assertGreater(result["up"]["pauses"], 0)
        self.assertLess(result["up"]["taken_bytes"] - result["up"]["given_bytes"], 2 * 1024 * 1024)

    def test_places_are_limited_and_given_again(self):
        proxy = self.proxy(self.server().url, "--set", "rtt=0s", "--clients", "2")
        first, second = proxy.connect(), proxy.connect()
        for client in (first, second):
            client.sendall(b"!")
            self.assertEqual(receive(client, 1), b"!")
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(proxy.connect().recv(1), b"")
        first.shutdown(socket.SHUT_WR)
        self.assertEqual(receive_all(first), b"")

        def comes_in():
            with contextlib.suppress(ConnectionError):
                third = proxy.connect()
                third.sendall(b"!")
                return receive(third, 1) == b"!"

        give_up_at = time.monotonic() + PATIENCE
        while not comes_in():  # the place is free a moment after its client has gone
            self.assertLess(time.monotonic(), give_up_at)
        passed = proxy.stop()["results"]["proxy"]
        self.assertGreaterEqual(passed["turned_away"], 1)
        self.assertEqual(passed["clients_most"], 2)

    def test_silent_datagram_clients_are_forgotten(self):
        proxy = self.proxy(self.udp_echo().url, "--set", "rtt=0s", "--idle", "1s")
        client = proxy.open_udp()
        client.send(b"?")
        self.assertEqual(client.recv(10), b"?")
        time.sleep(2.5)
        client.send(b"?")  # and may come again
        self.assertEqual(client.recv(10), b"?")
        passed = proxy.stop()["results"]["proxy"]
        self.assertEqual(passed["ends"], {"idle": 1})
        self.assertEqual(passed["clients"], 2)

    def test_it_ends_by_itself_after_its_duration(self):
        proxy = self.proxy(self.server().url, "--link", "lan", "--duration", "1s")
        result = proxy.wait()
        self.assertGreaterEqual(result["scenario"]["duration_seconds"], 1)
        self.assertEqual(result["thresholds"], [])  # it had nothing to be late with

    def test_prometheus_scrapes_it_while_it_runs_and_when_it_has_ended(self):
        proxy = self.proxy(self.server().url, "--link", "lan", "--prometheus", "127.0.0.1:0", "--prometheus-hold", "10m")
        metrics = proxy.process.stderr.readline().split()[-1]
        client = proxy.connect()
        client.sendall(b"!" * 1000)
        self.assertEqual(receive(client, 1000), b"!" * 1000)
        series = 'netrig_wire_bytes_total{cohort="clients",direction="upstream",layer="payload"}'
        ends = time.monotonic() + PATIENCE
        while (seen := scraping.samples(scraping.page(metrics)))[series] != "1000" and time.monotonic() < ends:
            time.sleep(0.05)
        self.assertEqual(seen[series], "1000")
        self.assertEqual(seen['netrig_clients_connected{cohort="clients"}'], "1")
        self.assertEqual(seen['netrig_run_state{state="measuring"}'], "1")
        proxy.process.send_signal(signal.SIGTERM)
        while not proxy.process.stderr.readline().startswith("holding "):
            self.assertIsNone(proxy.process.poll())
        seen = scraping.samples(scraping.page(metrics))
        self.assertEqual(seen['netrig_run_state{state="finished"}'], "1")
        proxy.process.send_signal(signal.SIGINT)
        proxy.wait()

    def test_an_endpoint_that_cannot_be_had_is_2(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            at = f"127.0.0.1:{taken.getsockname()[1]}"
            run = self.loadgen("proxy", "--listen", "tcp://127.0.0.1:0", "--to", "tcp://127.0.0.1:1", "--link", "lan", "--prometheus", at, expect=2)
        self.assertIn(f"--prometheus {at}: Address already in use", run.stderr)

    def test_json_lines_tell_a_machine_what_happens(self):
        server = self.server()
        run = subprocess.Popen(
            [plain_programs.harness.program(), "proxy", "--listen", "tcp://127.0.0.1:0", "--to", server.url,
             "--link", "lan", "--log", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        self.addCleanup(run.kill)
        first = json.loads(run.stderr.readline())
        self.assertEqual(first["event"], "listening")
        with socket.create_connection(("127.0.0.1", int(first["url"].rsplit(":", 1)[1])), PATIENCE) as client:
            client.sendall(b"!")
            self.assertEqual(receive(client, 1), b"!")
        run.send_signal(signal.SIGHUP)
        self.assertEqual(json.loads(run.stderr.readline())["event"], "link_changed")
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=PATIENCE)
        self.assertEqual(out, "")
        last = json.loads(err.splitlines()[-1])
        self.assertEqual(last["event"], "finished")
        self.assertIn(last["exit_code"], (0, 99))

    def test_what_cannot_be_is_said_with_its_exit_code(self):
        server = self.server()
        bad = self.write("bad.yaml", "link:\n  rtt: 20\n")
        taken = f"tcp://127.0.0.1:{server.port}"
        free = "tcp://127.0.0.1:0"
        cases = [
            (2, "is missing", "--listen", free, "--to", server.url),
            (2, "--listen is required", "--to", server.url, "--link", "lan"),
            (2, "both tcp:// or both udp://", "--listen", "udp://127.0.0.1:0", "--to", server.url, "--link", "lan"),
            (2, "passes bytes on as they are", "--listen", "tls://127.0.0.1:0", "--to", server.url, "--link", "lan"),
            (2, "needs a port", "--listen", free, "--to", "tcp://127.0.0.1:0", "--link", "lan"),
            (2, "datagrams have none", "--listen", "udp://127.0.0.1:0", "--to", "udp://127.0.0.1:9", "--link", "lan",
             "--congestion", "cubic"),
            (2, "--buffer: from 64KiB to 64MiB", "--listen", free, "--to", server.url, "--link", "lan", "--buffer", "1kB"),
            (2, "--clients: a whole number", "--listen", free, "--to", server.url, "--link", "lan", "--clients", "0"),
            (2, f"cannot listen on {taken}: address in use", "--listen", taken, "--to", server.url, "--link", "lan"),
            (103, "no-such-host.invalid:1: ", "--listen", free, "--to", "tcp://no-such-host.invalid:1", "--link", "lan"),
            (104, f"{bad}:2:8: link.rtt: ", "--listen", free, "--to", server.url, "--link", bad),
            (104, "no-such-file.yaml:1:1: ", "--listen", free, "--to", server.url, "--link", "./no-such-file.yaml"),
            (104, '--link lnn: link.profile: expected one of lan, ', "--listen", free, "--to", server.url, "--link", "lnn"),
            (104, "--set up.loss=7: ", "--listen", free, "--to", server.url, "--link", "lan", "--set", "up.loss=7"),
        ]  # fmt: skip
        for code, said, *arguments in cases:
            with self.subTest(said):
                self.assertIn(said, self.loadgen("proxy", *arguments, expect=code).stderr)


if __name__ == "__main__":
    plain_programs.main()
