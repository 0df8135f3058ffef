"""run --clock real: the same scenario over real sockets, held against what the virtual clock says of it."""

import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "simulation"))

import harness  # noqa: E402
import scraping  # noqa: E402

TRANSPORTS = ["memory", "tcp", "tls", *(["ws", "wss"] if harness.HAS_WEBSOCKET else []), "udp"]
CLIENTS = 4
ENTITIES = 6
SECONDS = 2
TICKS_PER_SECOND = 20

# How late a busy machine makes the load generator is not what these tests are about.
SCENARIO = f"""\
netrig: 1
name: real
duration: {SECONDS}s
transport: tcp
stream: {{congestion: ideal}}
server: {{players_max: {CLIENTS}, avatars: from_start}}
world: {{npcs: 2}}
clients:
  - name: players
    count: {CLIENTS}
    behaviour: {{wander: 100%}}
thresholds:
  desyncs_total: "count==0"
  errors_total: "count==0"
  states_skipped_total: "count==0"
  generator_lateness_seconds: "p(99)<2"
"""


class RealClock(scraping.ScrapedTest):
    def setUp(self):
        super().setUp()
        self.scenario = self.write("real.yaml", SCENARIO)

    def real(self, *arguments, **options):
        return self.result(self.scenario, "--clock", "real", *arguments, **options)

    def test_each_transport_runs_to_its_verdict(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                result = self.real("--transport", transport)
                self.assertEqual(result["verdict"], "passed")
                self.assertIs(result["deterministic"], False)
                self.assertIsNone(result["digest"])
                self.assertEqual(result["scenario"]["clock"], "real")
                self.assertEqual(result["scenario"]["transport"], transport)
                self.assertEqual(result["metrics"]["joins_total"], CLIENTS)
                self.assertGreater(result["generator"]["lateness_seconds"]["count"], 0)

    def test_the_seconds_of_both_threads_add_up_to_the_run(self):
        result = self.real()
        columns = result["results"]["series"]["columns"]
        for direction in ("downstream", "upstream"):
            for name, message in result["results"]["bytes"][direction]["by_message"].items():
                self.assertEqual(sum(columns[f"message_bytes_total.{direction}.{name}"]["mean"]), message["bytes"], name)
        self.assertEqual(columns["clients_connected"]["mean"], [CLIENTS] * SECONDS)
        ticks = columns["ticks_total"]["mean"]
        self.assertEqual(sum(ticks), result["results"]["ticks"]["count"])
        self.assertTrue(all(count > 0 for count in ticks), ticks)  # not all in one second

    def test_bytes_are_those_of_the_virtual_run(self):
        """Every message has the size it has there. A window cuts ticks and pings elsewhere: of each kind one for each
        client more or less, so wire bytes differ by one tick's and one ping's worth of each client at most."""
        for transport in TRANSPORTS:
            with self.subTest(transport):
                self.compare(self.result(self.scenario, "--transport", transport), self.real("--transport", transport), transport)

    def compare(self, virtual, real, transport):
        for direction in ("downstream", "upstream"):
            expected = virtual["results"]["bytes"][direction]
            measured = real["results"]["bytes"][direction]
            self.assertEqual(set(measured["by_message"]), set(expected["by_message"]))
            bound = 0
            for name, message in expected["by_message"].items():
                got = measured["by_message"][name]
                self.assertEqual(got["bytes"] * message["count"], message["bytes"] * got["count"], name)
                a_tick_of = {"state_update": ENTITIES, "input": 3 if transport == "udp" else 1}  # udp says each three times
                slack = CLIENTS * a_tick_of.get(name, 1)
                self.assertLessEqual(abs(got["count"] - message["count"]), slack, name)
                bound += slack * message["bytes"] // message["count"]
            packets = 3 * CLIENTS  # a tick's, a ping's and a pong's, for each
            bound += packets * 64 + CLIENTS * ENTITIES * 8  # framing, headers of the model; 8 B a message
            total = lambda side: sum(side["by_layer"].values())  # noqa: E731
            self.assertLessEqual(abs(total(measured) - total(expected)), bound, direction)

    def test_links_stand_in_front_of_sockets(self):
        with_link = self.write("link.yaml", SCENARIO.replace("    behaviour:", "    link: {rtt: 80ms}\n    behaviour:"))
        for transport in TRANSPORTS:
            with self.subTest(transport):
                near = self.real("--transport", transport)
                far = self.result(with_link, "--clock", "real", "--transport", transport)
                self.assertGreaterEqual(far["metrics"]["rtt_seconds"]["min"], 0.08)
                self.assertLess(near["metrics"]["rtt_seconds"]["min"], 0.08)
                self.assertGreater(far["results"]["network"]["delivered"], 0)

    def test_the_first_state_comes_as_soon_as_round_trips_allow(self):
        """Round trips from the planned join on: a stream's connection takes one, and so does the hello; with a token one
        more. Datagrams take two whatever they carry. Then a tick, and never the time of another round trip."""
        rtt, tick = 0.5, 1 / TICKS_PER_SECOND
        far = self.write("far.yaml", SCENARIO.replace("    behaviour:", f"    link: {{rtt: {round(1000 * rtt)}ms}}\n    behaviour:"))
        self.loadgen("token", "--new-key", "key")
        token = ["--token-key", "key"]
        for transport, arguments, trips in [("tcp", [], 2), ("tcp", token, 3), ("tls", [], 3), ("udp", [], 2), ("udp", token, 2)]:
            with self.subTest(transport, arguments=arguments):
                result = self.result(far, "--clock", "real", "--transport", transport, "--duration", "500ms", *arguments)
                first = result["metrics"]["connect_seconds"]["min"]
                self.assertGreaterEqual(first, trips * rtt)
                self.assertLess(first, trips * rtt + tick + rtt / 2)

    def test_a_network_that_is_not_simulated_has_no_thresholds(self):
        self.write("packets.yaml", SCENARIO + '  packets_lost_total: "count==0"\n')
        result = self.result("packets.yaml", "--clock", "real")
        states = {each["metric"]: each["state"] for each in result["thresholds"]}
        self.assertEqual(states["packets_lost_total"], "not_applicable")
        self.assertEqual(states["desyncs_total"], "passed")

    def test_the_generator_is_held_to_its_plan_unless_told_otherwise(self):
        self.write("unsaid.yaml", SCENARIO[: SCENARIO.index("  generator_lateness")])
        result = self.result("unsaid.yaml", "--clock", "real", expect=(0, 99))
        expressions = {each["metric"]: each["expression"] for each in result["thresholds"]}
        self.assertEqual(expressions["generator_lateness_seconds"], "p(99)<0.005")
        virtual = self.result("unsaid.yaml")
        self.assertNotIn("generator_lateness_seconds", [each["metric"] for each in virtual["thresholds"]])
        late = self.write("late.yaml", SCENARIO.replace("p(99)<2", "p(99)<0.000000001"))
        self.result(late, "--clock", "real", expect=99)

    def test_a_baseline_of_the_other_clock_is_not_comparable(self):
        self.loadgen("run", self.scenario, "--quiet", "--save-baseline", "virtual.json")
        run = self.loadgen("run", self.scenario, "--clock", "real", "--quiet", "--baseline", "virtual.json", expect=95)
        self.assertIn("clock", run.stderr)

    def test_a_signal_leaves_a_valid_partial_result(self):
        command = [harness.program(), "run", self.scenario, "--clock", "real", "--duration", "60s", "--log", "json",
                   "--out", "json=partial.json"]  # fmt: skip
        run = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            run.stderr.readline()  # the first progress: it runs
            run.send_signal(signal.SIGINT)
            self.assertEqual(run.wait(harness.SECONDS_MAX), 105)
        finally:
            run.kill()
            run.wait()
            run.stderr.close()
        result = self.read_json("partial.json")
        self.assertEqual(result["verdict"], "interrupted")
        self.assertEqual(result["scenario"]["clock"], "real")

    def test_the_endpoint_adds_up_both_sides_and_ends_with_the_result(self):
        for transport in ("tcp", "memory"):  # in two threads, and in one
            with self.subTest(transport):
                process, url = self.scraped("run", self.scenario, "--clock", "real", "--transport", transport, "--out",
                                            "json=scraped.json", "--prometheus-hold", "10m")  # fmt: skip
                self.until_held(process)
                seen = scraping.samples(scraping.page(url))
                self.assertIn("PASSED", self.end(process))
                result = self.read_json("scraped.json")
                for direction in ("downstream", "upstream"):
                    for name, message in result["results"]["bytes"][direction]["by_message"].items():
                        series = f'netrig_message_bytes_total{{cohort="players",direction="{direction}",message="{name}"}}'
                        self.assertEqual(int(seen[series]), message["bytes"])
                self.assertEqual(int(seen["netrig_ticks_total"]), result["results"]["ticks"]["count"])
                self.assertEqual(int(seen['netrig_generator_lateness_seconds_count{cohort="players"}']),
                                 result["generator"]["lateness_seconds"]["count"])  # fmt: skip
                self.assertEqual(seen['netrig_clients_connected{cohort="players"}'], str(CLIENTS))
                self.assertEqual(seen['netrig_run_verdict{verdict="passed"}'], "1")
                self.assertEqual(seen['netrig_run_state{state="finished"}'], "1")
                self.assertIn('clock="real"', next(series for series in seen if series.startswith("netrig_run_info")))

    def test_both_sides_are_seen_while_they_run(self):
        process, url = self.scraped("run", self.scenario, "--clock", "real", "--duration", "10m")
        states, ticks, inputs = set(), [], []
        while len(set(ticks)) < 3 or len(set(inputs)) < 3:
            seen = scraping.samples(scraping.page(url))
            states.add(seen['netrig_run_state{state="measuring"}'])
            ticks.append(int(seen["netrig_ticks_total"]))
            inputs.append(int(seen['netrig_generator_lateness_seconds_count{cohort="players"}']))
        self.assertEqual(ticks, sorted(ticks))
        self.assertEqual(inputs, sorted(inputs))
        self.assertIn("1", states)
        self.end(process, expect=105)

    def test_the_report_says_which_clock_it_was(self):
        report = self.loadgen("run", self.scenario, "--clock", "real").stdout
        self.assertIn("clock      real, 2 s measured", report)
        self.assertIn("network    as it is", report)
        self.assertRegex(report, r"ran for [0-9.]+ s on 2 threads")
        self.assertIn("digest none", report)
        self.assertIn("--clock real", report.splitlines()[-1])


if __name__ == "__main__":
    harness.main()
