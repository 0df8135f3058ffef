"""--dialect venture under the virtual clock: both sides in one universe, repeated to the byte."""

import json

import harness

VENTURE = ["--dialect", "venture"]
SCENARIOS = ["smoke", "32players", "32players_tcp", "reconnect_storm", "server_stalls", "satellite_5s"]
FRAMED_UPDATE_BYTES = 115  # position, velocity, health as serialised, and the frame
FRAMED_COMMAND_BYTES = 36  # "move" with two bytes


class VentureDialect(harness.LoadgenTest):
    def scenario(self, name):
        return harness.SCENARIOS / f"{name}.yaml"

    def venture(self, name, *arguments, **options):
        return self.result(self.scenario(name), *VENTURE, *arguments, **options)

    def test_scenarios_repeat_themselves_to_the_byte(self):
        for name in SCENARIOS:
            with self.subTest(name):
                short = ["--duration", "10s"] if name != "smoke" else []
                verified = self.loadgen("verify", self.scenario(name), *VENTURE, *short)
                self.assertIn("identical", verified.stdout)
                self.assertIn("--dialect venture", verified.stdout)

    def test_the_original_design_at_its_own_scale_costs_what_the_format_says(self):
        result = self.venture("32players", "--duration", "10s")
        self.assertIs(result["deterministic"], True)
        self.assertEqual(result["scenario"]["dialect"], "venture")
        down = result["results"]["bytes"]["downstream"]["per_client_per_second"]
        self.assertEqual((down["min"], down["max"]), (32 * 20 * FRAMED_UPDATE_BYTES,) * 2)  # 73,600 B/s
        self.assertEqual(result["metrics"]["client_state_updates_per_second"]["min"], 640)
        up = result["results"]["bytes"]["upstream"]["by_message"]
        self.assertEqual(list(up), ["input"])
        self.assertEqual(up["input"]["bytes"] + 4 * up["input"]["count"], up["input"]["count"] * FRAMED_COMMAND_BYTES)
        self.assertEqual(result["metrics"]["sequence_gaps_total"], 0)
        self.assertEqual(result["metrics"]["ticks_skipped_total"], 0)

    def test_states_that_a_slow_line_cannot_take_are_gaps_that_clients_see(self):
        result = self.venture("32players_tcp", "--duration", "20s", expect=(0, 99))
        skipped = result["metrics"]["states_skipped_total"]
        self.assertGreater(skipped, 0)
        self.assertGreater(result["metrics"]["sequence_gaps_total"], 0)
        satellite = result["results"]["updates"]["cohorts"]["satellite"]
        self.assertGreater(satellite["stalls"], 0)
        self.assertIn("satellite: stalls:", " ".join(result["results"]["updates"]["diagnosis"]))

    def test_storms_cut_venture_clients_and_they_come_back(self):
        result = self.venture("reconnect_storm", expect=(0, 99))
        self.assertGreater(result["metrics"]["reconnects_total"], 0)
        self.assertEqual(result["metrics"]["resumes_total"], 0)  # nobody is known again
        storm = "    storm: {at: 1s}\n    reconnect: {first: 100ms, max: 200ms}\n"
        small = self.write("storm.yaml", harness.SMALL + storm)
        result = self.result(small, *VENTURE)
        self.assertEqual(result["metrics"]["reconnects_total"], 2)
        self.assertEqual(result["metrics"]["early_closes_total"], 0)  # what a storm cuts is planned

    def test_thresholds_say_which_dialect_they_belong_to(self):
        thresholds = 'thresholds: {rtt_seconds: "p(50)<1", stalls_total: "count==0", state_age_seconds: "p(50)<1"}\n'
        small = self.write("small.yaml", harness.SMALL + thresholds)
        for dialect, expected in (("venture", ["not_applicable", "passed", "passed"]), ("netrig", ["passed", "not_applicable", "passed"])):
            result = self.result(small, "--dialect", dialect)
            self.assertEqual([each["state"] for each in result["thresholds"]], expected)
        only = self.write("only.yaml", harness.SMALL + 'thresholds: {stalls_total: "count==0"}\n')
        self.loadgen("run", only, *VENTURE)
        run = self.loadgen("run", only, expect=104)
        self.assertIn("none of the thresholds applies", run.stderr)

    def test_baselines_are_comparable_within_a_dialect(self):
        self.write("small.yaml", harness.SMALL)
        self.loadgen("run", "small.yaml", *VENTURE, "--quiet", "--save-baseline", "venture.json")
        self.assertEqual(json.loads((self.folder / "venture.json").read_text())["scenario"]["dialect"], "venture")
        self.loadgen("run", "small.yaml", *VENTURE, "--quiet", "--baseline", "venture.json")
        run = self.loadgen("run", "small.yaml", "--quiet", "--baseline", "venture.json", expect=95)
        self.assertIn("dialect", run.stderr)
        heavier = ["--set", "world={npcs: 1}", *VENTURE, "--quiet", "--baseline", "venture.json"]
        self.loadgen("run", "small.yaml", *heavier, expect=96)

    def test_seeds_and_other_outputs_know_the_dialect(self):
        self.write("small.yaml", harness.SMALL)
        self.loadgen("run", "small.yaml", *VENTURE, "--seeds", "1..2", "--quiet", "--out", "json=seeds.json")
        self.assertEqual({run["scenario"]["dialect"] for run in self.read_json("seeds.json")["runs"]}, {"venture"})
        self.loadgen("run", "small.yaml", *VENTURE, "--quiet", "--out", "markdown=report.md", "--out", "csv=series.csv")
        self.assertIn("no gap, no stall, nobody cut off", (self.folder / "report.md").read_text())
        self.assertIn("update_interval_seconds", (self.folder / "series.csv").read_text().splitlines()[0])
        shown = self.loadgen("run", "small.yaml", "--quiet", "--out", "json=native.json")
        self.assertEqual(shown.stdout, "")
        self.assertNotIn("updates", self.read_json("native.json")["results"])

    def test_every_byte_stream_carries_it_and_datagrams_do_not(self):
        self.write("small.yaml", harness.SMALL)
        for transport in ("memory", "tcp", "tls", "ws", "wss"):
            result = self.result("small.yaml", *VENTURE, "--transport", transport)
            self.assertEqual(result["metrics"]["joins_total"], 2)
        run = self.loadgen("run", "small.yaml", *VENTURE, "--transport", "udp", expect=2)
        self.assertIn("needs a byte stream", run.stderr)


if __name__ == "__main__":
    harness.main()
