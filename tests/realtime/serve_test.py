"""serve in one process, run --target in another: what both say, and what happens when the server dies."""

import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "simulation"))

import harness  # noqa: E402
import scraping  # noqa: E402

CLIENTS = 3
SCENARIO = f"""\
netrig: 1
name: served
duration: 2s
transport: tcp
stream: {{congestion: ideal}}
server: {{players_max: 8, avatars: from_start}}
clients:
  - name: players
    count: {CLIENTS}
    reconnect: {{first: 100ms, max: 500ms}}
thresholds:
  states_skipped_total: "count==0"
  joins_total: "count>=3"
  generator_lateness_seconds: "p(99)<2"
"""
TRANSPORTS = ["tcp", "udp"]
IMPATIENT = ["--duration", "1s", "--set", "measure={after: start}"]


class Serve(scraping.ScrapedTest):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("served.yaml", SCENARIO)

    def start(self, url="tcp://127.0.0.1:0", *arguments):
        """A server that ends with the test, and the URL that it says it listens on."""
        server = subprocess.Popen(
            [harness.program(), "serve", self.scenario, "--listen", url, *arguments],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        self.addCleanup(self.kill, server)
        said = server.stdout.readline()
        self.assertRegex(said, r"^listening on [a-z]+://127\.0\.0\.1:[0-9]+/?$")
        return server, said.split()[-1]

    @staticmethod
    def kill(server):
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        server.wait()
        server.stdout.close()
        server.stderr.close()

    def target(self, url, *arguments, **options):
        return self.result(self.scenario, "--target", url, *arguments, **options)

    def test_a_server_in_a_process_of_its_own_is_measured_from_outside(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                server, url = self.start(f"{transport}://127.0.0.1:0")
                result = self.target(url)
                self.assertEqual(result["scenario"]["target"], url)
                self.assertEqual(result["scenario"]["transport"], transport)
                self.assertEqual(result["results"]["server_starts"], 1)
                self.assertEqual(result["results"]["errors"], {})
                states = {each["metric"]: each["state"] for each in result["thresholds"]}
                self.assertEqual(states["states_skipped_total"], "not_applicable")
                self.assertEqual(states["joins_total"], "passed")
                received = result["results"]["bytes"]["downstream"]
                self.assertGreater(received["by_message"]["state_update"]["count"], 0)
                self.assertEqual(sum(each["bytes"] for each in received["by_message"].values()),
                                 received["by_layer"]["payload"])  # fmt: skip
                self.assertGreater(result["metrics"]["client_downstream_bytes_per_second"]["min"], 0)
                self.assertGreater(result["metrics"]["state_age_seconds"]["count"], 0)
                server.send_signal(signal.SIGTERM)
                self.assertEqual(server.wait(harness.SECONDS_MAX), 0)
                report = server.stdout.read()
                self.assertIn("limits per address do not hold for loopback", report)
                self.assertRegex(report, rf"players +at most {CLIENTS} at once")
                self.assertRegex(report, r"ticks +[0-9]+")

    def test_bytes_that_arrive_are_those_that_the_virtual_run_sends(self):
        _, url = self.start()
        virtual = self.result(self.scenario)["results"]["bytes"]["downstream"]["by_message"]
        received = self.target(url)["results"]["bytes"]["downstream"]["by_message"]
        for name in ("state_update", "state_header", "pong"):
            self.assertEqual(received[name]["bytes"] * virtual[name]["count"], virtual[name]["bytes"] * received[name]["count"])
        entities = 8
        self.assertLessEqual(abs(received["state_update"]["count"] - virtual["state_update"]["count"]), CLIENTS * entities)

    def test_reasons_are_printed_for_what_a_target_does_not_tell(self):
        _, url = self.start()
        report = self.loadgen("run", self.scenario, "--target", url).stdout
        self.assertIn(f"target     {url}", report)
        self.assertIn("n/a  the server is not ours: states_skipped_total", report)
        self.assertIn(f"--target {url}", report.splitlines()[-1])

    def test_a_server_that_is_killed_and_comes_again_is_a_new_epoch(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                self.kill_and_restart(transport)

    def kill_and_restart(self, transport):
        # A stream tells that its other side is gone; over datagrams a session times out, after rtt_max + 10 s.
        duration = {"tcp": "12s", "udp": "20s"}[transport]
        server, url = self.start(f"{transport}://127.0.0.1:0")
        run = subprocess.Popen(
            [harness.program(), "run", self.scenario, "--target", url, "--duration", duration, "--out", "json=killed.json",
             "--set", "server.rtt_max=20ms"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        try:
            while f"{CLIENTS} of {CLIENTS} clients" not in run.stderr.readline():
                self.assertIsNone(run.poll())
            server.kill()
            server.wait()
            self.start(url)
            report, _ = run.communicate(timeout=harness.SECONDS_MAX)
        finally:
            run.kill()
            run.wait()
        self.assertIn(run.returncode, (0,))
        result = self.read_json("killed.json")
        self.assertEqual(result["results"]["server_starts"], 2)
        self.assertIn("the server started anew once during the run: 2 epochs seen", " ".join(report.split()))
        self.assertRegex(report, rf"(?m)^ +reconnect +{CLIENTS} ")
        self.assertEqual(result["metrics"]["reconnects_total"], CLIENTS)
        self.assertEqual(result["metrics"]["sessions_lost_total"], CLIENTS)
        self.assertEqual(result["metrics"]["reconnect_seconds"]["count"], CLIENTS)

    def test_who_cannot_verify_the_certificate_does_not_come_in(self):
        certificate, key = self.certificate()
        files = ["--tls-cert", certificate, "--tls-key", key]
        impatient = ["--duration", "1s", "--set", "measure={after: start}"]
        for transport in ("tls", *(["wss"] if harness.HAS_WEBSOCKET else [])):
            with self.subTest(transport):
                _, url = self.start(f"{transport}://127.0.0.1:0", *files)
                self.assertEqual(self.target(url, "--tls-ca", certificate)["metrics"]["joins_total"], CLIENTS)
                self.assertEqual(self.target(url, "--tls-insecure")["metrics"]["joins_total"], CLIENTS)
                stranger = self.target(url, *impatient, expect=103)
                self.assertGreater(stranger["results"]["errors"]["connection_failed"], 0)
                self.assertRegex(stranger["results"]["connection_problem"], r"^TLS: the certificate of 127\.0\.0\.1 is not trusted: .+")
                report = self.loadgen("run", self.scenario, "--target", url, *impatient, expect=103)
                self.assertIn("could not connect: TLS: the certificate of 127.0.0.1 is not trusted", " ".join(report.stdout.split()))
                behind_a_link = self.target(url, *impatient, "--set", "clients.players.link={rtt: 20ms}", expect=103)
                self.assertIn("is not trusted", behind_a_link["results"]["connection_problem"])
                other, _ = self.certificate("other")
                self.target(url, *impatient, "--tls-ca", other, expect=103)
                plain = url.replace(transport, {"tls": "tcp", "wss": "ws"}[transport], 1)
                self.assertEqual(self.target(plain, *impatient, expect=103)["metrics"]["joins_total"], 0)
        _, url = self.start("tcp://127.0.0.1:0")
        not_tls = self.target(url.replace("tcp", "tls", 1), *impatient, "--tls-ca", certificate, expect=103)
        self.assertEqual(not_tls["results"]["connection_problem"], "TLS: the other side does not speak TLS")
        if harness.HAS_WEBSOCKET:
            not_websocket = self.target(url.replace("tcp", "ws", 1), *impatient, expect=103)
            self.assertIn("does the other side speak WebSocket?", not_websocket["results"]["connection_problem"])

    def test_an_expired_certificate_is_named(self):
        certificate, key = self.certificate("old")
        subprocess.run(["openssl", "x509", "-in", certificate, "-signkey", key, "-days", "-1", "-out", "expired.crt"],
                       cwd=self.folder, check=True, capture_output=True)  # fmt: skip
        certificate = "expired.crt"
        _, url = self.start("tls://127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key)
        run = self.target(url, *IMPATIENT, "--tls-ca", certificate, expect=103)
        self.assertIn("expired", run["results"]["connection_problem"])

    def certificate(self, name="server"):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                   "-subj", "/CN=netrig test", "-addext", "subjectAltName=IP:127.0.0.1",
                   "-keyout", f"{name}.key", "-out", f"{name}.crt"]  # fmt: skip
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return f"{name}.crt", f"{name}.key"

    def test_certificates_that_are_none_are_2_before_anything_runs(self):
        certificate, key = self.certificate()
        _, other_key = self.certificate("other")
        self.write("empty", "")
        cases = [
            ([certificate, "missing"], "missing: No such file or directory"),
            (["missing", key], "missing: No such file or directory"),
            ([certificate, "empty"], "empty: nothing is in it"),
            ([certificate, other_key], f"{other_key}: not the key of {certificate} in PEM: key values mismatch"),
            ([self.scenario, key], f"{self.scenario}: not a certificate in PEM"),
        ]
        for (certificate_file, key_file), said in cases:
            with self.subTest(said):
                run = self.loadgen("serve", self.scenario, "--listen", "tls://127.0.0.1:0", "--tls-cert", certificate_file,
                                   "--tls-key", key_file, expect=2)  # fmt: skip
                self.assertIn(said, run.stderr)
                self.assertEqual(run.stdout, "")
        for authority, said in [("missing", "missing: No such file or directory"), (key, f"{key}: no certificates to trust")]:
            run = self.loadgen("run", self.scenario, "--target", "tls://127.0.0.1:1", "--tls-ca", authority, "--quiet", expect=2)
            self.assertIn(said, run.stderr)

    def test_nobody_there_is_103_with_a_result(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        for transport in ("tcp", "tls", "udp"):
            with self.subTest(transport):
                result = self.target(f"{transport}://127.0.0.1:{port}", *IMPATIENT, expect=103)
                self.assertEqual(result["exit_code"], 103)
                self.assertGreater(result["results"]["errors"]["connection_failed"], 0)
                self.assertNotIn("connection_lost", result["results"]["errors"])
                self.assertEqual(result["results"]["connection_problem"], "Connection refused")

    def test_a_server_that_goes_for_good_is_103(self):
        server, url = self.start()
        run = subprocess.Popen(
            [harness.program(), "run", self.scenario, "--target", url, "--duration", "5s", "--log", "json", "--out",
             "json=gone.json"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # fmt: skip
        try:
            while f'"clients":{CLIENTS}' not in run.stderr.readline().replace(" ", ""):
                self.assertIsNone(run.poll())
            server.kill()
            run.communicate(timeout=harness.SECONDS_MAX)
        finally:
            run.kill()
            run.wait()
        self.assertEqual(run.returncode, 103)
        self.assertEqual(self.read_json("gone.json")["verdict"], "error")

    def test_another_game_on_the_other_side_refuses(self):
        _, url = self.start()
        other = self.write("other.yaml", SCENARIO.replace("served", "other"))
        result = self.result(other, "--target", url, "--set", "server.players_max=8")
        self.assertEqual(result["results"]["errors"], {})  # the same game: the name of a scenario is no matter
        with socket.create_server(("127.0.0.1", 0)) as silent:  # speaks nothing at all
            port = silent.getsockname()[1]
            result = self.target(f"tcp://127.0.0.1:{port}", "--duration", "1s", "--set", "measure={after: start}", expect=103)
        self.assertEqual(result["metrics"]["joins_total"], 0)

    def test_a_server_with_a_key_lets_in_who_has_a_token(self):
        self.loadgen("token", "--new-key", "key")
        self.loadgen("token", "--new-key", "other-key")
        self.loadgen("token", "--token-key", "key", "--out", "alice")
        for transport in TRANSPORTS:
            with self.subTest(transport):
                _, url = self.start(f"{transport}://127.0.0.1:0", "--token-key", "key")
                self.assertEqual(self.target(url, "--token-key", "key")["metrics"]["joins_total"], CLIENTS)
                impatient = ["--duration", "1s", "--set", "measure={after: start}"]
                stranger = self.target(url, *impatient, expect=103)
                self.assertGreater(stranger["results"]["errors"]["refused"], 0)  # over datagrams one a second is told
                forger = self.target(url, *impatient, "--token-key", "other-key", expect=103)
                self.assertEqual(forger["metrics"]["joins_total"], 0)
                alone = ["--set", "clients.players.count=1", "--set", "thresholds.joins_total=count==1"]
                self.assertEqual(self.target(url, *alone, "--token", "alice")["metrics"]["joins_total"], 1)
                again = self.target(url, *impatient, *alone, "--token", "alice", expect=103)  # each is good once
                self.assertEqual(again["metrics"]["joins_total"], 0)
                self.assertGreater(again["results"]["errors"]["refused"], 0)
                self.loadgen("token", "--token-key", "key", "--out", "late", "--expires", "1s")
                time.sleep(2.1)  # times of tokens are whole seconds, the issuer's and the server's
                late = self.target(url, *impatient, *alone, "--token", "late", expect=103)
                self.assertGreater(late["results"]["errors"]["refused"], 0)
                self.assertEqual(self.result(self.scenario, "--clock", "real", "--transport", transport, "--token-key",
                                             "key")["metrics"]["joins_total"], CLIENTS)  # fmt: skip
        run = self.loadgen("serve", self.scenario, "--listen", "tcp://127.0.0.1:0", "--token-key", "alice", expect=2)
        self.assertIn("alice:1:", run.stderr)

    def test_a_port_that_is_taken_is_said(self):
        _, url = self.start()
        run = self.loadgen("serve", self.scenario, "--listen", url, expect=2)
        self.assertRegex(run.stderr, re.escape(f"cannot listen on {url}: ") + ".*in use")

    def test_a_flood_of_joins_is_one_line_a_second(self):
        flood = 100
        many = ["--set", f"server.players_max={flood}", "--set", "server.avatars=on_join"]
        server, url = self.start("tcp://127.0.0.1:0", *many)
        began = time.monotonic()
        self.target(url, *many, "--set", f"clients.players.count={flood}", "--set", "measure={after: all_joined}")
        server.send_signal(signal.SIGINT)
        self.assertEqual(server.wait(harness.SECONDS_MAX), 0)
        seconds = time.monotonic() - began
        joins = [line for line in server.stderr.read().splitlines() if "joined" in line]
        told = [int(re.search(r"(\d+) joined|joined", line)[1] or 1) for line in joins]
        self.assertEqual(sum(told), flood, joins)  # nobody is left out,
        self.assertLessEqual(len(joins), seconds + 2)  # and no second has two lines
        self.assertLess(len(joins), flood / 2)

    def test_a_server_alone_is_scraped(self):
        process, url = self.scraped("serve", self.scenario, "--listen", "tcp://127.0.0.1:0", "--prometheus-hold", "10m")
        listening = process.stdout.readline().split()[-1]
        result = self.target(listening)
        process.send_signal(signal.SIGTERM)
        self.until_held(process)
        seen = scraping.samples(scraping.page(url))
        self.end(process)
        sent = result["results"]["bytes"]["downstream"]["by_message"]["state_update"]["bytes"]
        series = 'netrig_message_bytes_total{cohort="players",direction="downstream",message="state_update"}'
        self.assertGreaterEqual(int(seen[series]), sent)  # the clients count in their window only
        self.assertGreater(int(seen["netrig_ticks_total"]), 0)
        self.assertEqual(seen['netrig_clients_planned{cohort="players"}'], "8")
        self.assertEqual(seen['netrig_joins_total{cohort="players"}'], str(CLIENTS))
        self.assertEqual(seen['netrig_clients_connected{cohort="players"}'], "0")
        leaves = [int(value) for name, value in seen.items() if name.startswith("netrig_leaves_total")]
        self.assertEqual(sum(leaves), CLIENTS)
        self.assertGreater(int(seen['netrig_rtt_seconds_count{cohort="players"}']), 0)
        self.assertEqual(seen['netrig_run_state{state="finished"}'], "1")

    def test_an_endpoint_that_cannot_be_had_is_2_before_anybody_is_let_in(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            at = f"127.0.0.1:{taken.getsockname()[1]}"
            run = self.loadgen("serve", self.scenario, "--listen", "tcp://127.0.0.1:0", "--prometheus", at, expect=2)
        self.assertIn(f"loadgen: --prometheus {at}: Address already in use", run.stderr)
        self.assertEqual(run.stdout, "")


if __name__ == "__main__":
    harness.main()
