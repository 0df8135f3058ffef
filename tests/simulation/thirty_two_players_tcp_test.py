"""scenarios/32players_tcp.yaml against its twin: only the stream differs, and the result tells what that did."""

import harness

SCENARIO, TWIN = (harness.SCENARIOS / f"{name}.yaml" for name in ("32players_tcp", "32players"))
DIRECTIONS = ("downstream", "upstream")


def keys(file):
    """The lines of a scenario up to its thresholds, without what tells the twins apart."""
    lines = file.read_text(encoding="utf-8").split("thresholds:")[0].split("\nseed:")[1].splitlines()
    return [line.split("#")[0].rstrip() for line in lines if not line.startswith("stream:")]


class ThirtyTwoPlayersOverTcp(harness.LoadgenTest):
    runs = None

    def setUp(self):
        super().setUp()
        if type(self).runs is None:
            run = self.loadgen("run", SCENARIO, "--out", "json=tcp.json")
            type(self).runs = self.read_json("tcp.json"), self.result(TWIN), " ".join(run.stdout.split())
        self.tcp, self.ideal, self.report = self.runs
        self.streams = self.tcp["results"]["streams"]

    def test_the_twins_differ_in_their_stream_only(self):
        self.assertEqual(keys(SCENARIO), keys(TWIN))
        self.assertIn("stream: {congestion: cubic}", SCENARIO.read_text(encoding="utf-8"))
        self.assertNotIn("streams", self.ideal["results"])

    def test_times_of_every_stream_add_up(self):
        for cohort in self.streams["cohorts"].values():
            for direction in DIRECTIONS:
                use = cohort[direction]
                self.assertAlmostEqual(sum(use["limited_seconds"].values()), use["observed_seconds"], places=3)
                self.assertLessEqual(use["slow_start_seconds"], use["observed_seconds"])
                window = use["congestion_window_bytes"]
                self.assertTrue(window["min"] <= window["mean"] <= window["max"])
                self.assertAlmostEqual(use["observed_seconds"], 60 * use["streams"], places=3)

    def test_facts_agree_with_the_metrics(self):
        uses = [cohort[direction] for cohort in self.streams["cohorts"].values() for direction in DIRECTIONS]
        again = sum(use["fast_retransmissions"] + use["timeout_retransmissions"] for use in uses)
        self.assertEqual(again, self.tcp["metrics"]["segments_retransmitted_total"])
        self.assertEqual(again, self.tcp["results"]["network"]["retransmitted"])
        cohorts = self.streams["cohorts"].values()
        self.assertEqual(sum(cohort["states_skipped"] for cohort in cohorts), self.tcp["metrics"]["states_skipped_total"])
        by_message = self.tcp["results"]["bytes"]["downstream"]["by_message"]
        self.assertEqual(sum(cohort["states_sent"] for cohort in cohorts), by_message["state_header"]["count"])
        self.assertEqual(sum(cohort["states_sent"] + cohort["states_skipped"] for cohort in cohorts), 32 * 60 * 20)
        self.assertEqual(sum(use["ack_wire_bytes"] for use in uses), 40 * sum(use["acks"] for use in uses))

    def test_windows_leave_less_than_the_design_wants(self):
        cohorts = self.streams["cohorts"]
        self.assertEqual(self.ideal["metrics"]["states_skipped_total"], 0)
        far = cohorts["satellite"]["downstream"]
        self.assertGreater(far["limited_seconds"]["congestion_window"], 0.9 * far["observed_seconds"])
        near = cohorts["broadband"]["downstream"]
        self.assertLess(near["limited_seconds"]["congestion_window"], 0.2 * near["observed_seconds"])
        self.assertGreater(cohorts["satellite"]["states_skipped"], 0.2 * cohorts["satellite"]["states_sent"])
        sent = [result["results"]["bytes"]["downstream"]["total"] for result in (self.tcp, self.ideal)]
        self.assertLess(sent[0], sent[1])
        age = [result["results"]["cohorts"]["satellite"]["latency_seconds"]["state_age"]["p50"]
               for result in (self.tcp, self.ideal)]  # fmt: skip
        self.assertLess(age[1], 3.5)  # seconds: one way of 5 s, with its losses
        self.assertGreater(age[0], 2.5 * age[1])

    def test_layers_add_up_as_they_do_without_windows(self):
        for direction in DIRECTIONS:
            of = self.tcp["results"]["bytes"][direction]
            self.assertEqual(sum(each["bytes"] for each in of["by_message"].values()), of["by_layer"]["payload"])
            self.assertEqual(sum(of["by_layer"].values()), of["total"])

    def test_the_report_says_it_in_words(self):
        self.assertIn("STREAMS TCP with cubic: receive window 3.15 MB, send buffer 4.19 MB", self.report)
        self.assertRegex(self.report, r"satellite: the stream to a client was limited by its congestion window for "
                                      r"9\d\.\d % of the time; \d+\.\d % of its states were skipped; a state was \S+ s "
                                      r"old when it arrived \(p50\); slow start took \S+ s \(p50\)\.")  # fmt: skip


if __name__ == "__main__":
    harness.main()
