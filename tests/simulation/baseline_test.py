"""Baselines end to end: saved, compared, grown, shrunk, and what is not comparable."""

import json

import harness


class Baselines(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL)
        self.loadgen("run", self.small, "--quiet", "--save-baseline", "b.json", "--out", "json=r.json")
        self.baseline = self.read_json("b.json")

    def save(self, name, baseline):
        return self.write(name, json.dumps(baseline))

    def bent(self, name, bytes_more, direction="downstream", message="state_update"):
        totals = json.loads(json.dumps(self.baseline))
        of = totals["bytes"][direction]
        of["by_message"][message]["bytes"] += bytes_more
        of["by_layer"]["payload"] += bytes_more
        of["total"] += bytes_more
        return self.save(name, totals)

    def test_saved_baseline_passes_and_is_stable(self):
        run = self.loadgen("run", self.small, "--baseline", "b.json", "--save-baseline", "again.json")
        self.assertIn("no byte more than the baseline", run.stdout)
        self.assertEqual((self.folder / "again.json").read_bytes(), (self.folder / "b.json").read_bytes())
        result = self.result(self.small, "--baseline", "b.json")
        self.assertEqual(result["baseline"], {"file": "b.json", "state": "same", "changes": []})

    def test_one_byte_more_is_96_and_named(self):
        for direction, message in (("downstream", "state_update"), ("upstream", "input")):
            before = self.bent("tight.json", -1, direction, message)
            result = self.result(self.small, "--baseline", before, expect=96)
            self.assertEqual((result["verdict"], result["exit_code"]), ("regressed", 96))
            self.assertEqual(result["baseline"]["state"], "grew")
            changed = [(each["kind"], each["name"], each["bytes"] - each["bytes_before"])
                       for each in result["baseline"]["changes"]]  # fmt: skip
            self.assertEqual(changed, [("message", message, 1), ("layer", "payload", 1), ("total", "total", 1)])
            report = self.loadgen("run", self.small, "--baseline", before, expect=96).stdout
            self.assertIn("REGRESSED", report)
            self.assertIn(message, report.split("BASELINE")[1].split("BANDWIDTH")[0])

    def test_a_regression_does_not_move_its_own_baseline(self):
        before = self.bent("tight.json", -1)
        for _ in range(2):
            run = self.loadgen("run", self.small, "--baseline", before, "--save-baseline", before, expect=96)
            self.assertIn(f"kept {before}, the baseline", run.stdout)
        self.loadgen("run", self.small, "--baseline", before, "--save-baseline", "accepted.json", expect=96)
        self.loadgen("run", self.small, "--baseline", "accepted.json")

    def test_one_byte_less_passes_and_says_to_keep_it(self):
        run = self.loadgen("run", self.small, "--baseline", self.bent("loose.json", +1))
        self.assertIn("fewer bytes than the baseline", run.stdout)
        self.assertIn("--save-baseline loose.json", run.stdout)
        result = self.result(self.small, "--baseline", "loose.json")
        self.assertEqual((result["verdict"], result["baseline"]["state"]), ("passed", "shrank"))

    def test_other_runs_are_not_comparable(self):
        for arguments, problem in [
            (["--seed", "2"], "seed was 1, now 2"),
            (["--duration", "1s"], "duration was 2s, now 1s"),
            (["--transport", "tls"], "transport was tcp, now tls"),
            (["--set", "clients.players.count=1"], "clients was 2, now 1"),
            (["--set", "name=another"], "name was small, now another"),
        ]:
            with self.subTest(problem):
                result = self.result(self.small, "--baseline", "b.json", *arguments, expect=95)
                self.assertEqual(result["baseline"]["state"], "unusable")
                self.assertIn(f"not comparable: {problem}", result["baseline"]["problem"])

    def test_scenario_file_that_changed_is_a_note_not_a_refusal(self):
        self.write("small.yaml", harness.SMALL + "# a remark\n")
        run = self.loadgen("run", self.small, "--baseline", "b.json")
        self.assertIn("no byte more than the baseline", run.stdout)
        self.assertIn(self.baseline["scenario"]["file_digest"], run.stdout.split("BASELINE")[1])

    def test_baseline_that_cannot_be_read_is_95_after_the_report(self):
        text = (self.folder / "b.json").read_bytes()
        total = self.baseline["bytes"]["downstream"]["total"]
        cases = {
            "empty": b"",
            "half": text[: len(text) // 2],
            "binary": bytes(range(256)) * 4,
            "deep": b"[" * 100_000,
            "not an object": b"[1, 2]",
            "another schema": text.replace(b"netrig-baseline/1", b"netrig-baseline/9"),
            "sums that do not add up": text.replace(str(total).encode(), str(total + 1).encode()),
            "a negative count": text.replace(b'"count": ', b'"count": -', 1),
            "an overflow": text.replace(b'"count": ', b'"count": 99999999999999999999', 1),
        }
        for what, content in cases.items():
            with self.subTest(what):
                run = self.loadgen("run", self.small, "--baseline", self.write("bad.json", content), expect=95)
                self.assertIn("BASELINE", run.stdout)
                self.assertIn("BANDWIDTH", run.stdout)
                self.assertIn("bad.json", run.stdout)
        for path in ("missing.json", "."):
            self.loadgen("run", self.small, "--baseline", path, expect=95)

    def test_compare_takes_baselines_and_results(self):
        for before, now in (("b.json", "r.json"), ("b.json", "b.json"), ("r.json", "r.json"), ("r.json", "b.json")):
            run = self.loadgen("compare", before, now)
            self.assertIn("PASSED", run.stdout)
        grown = self.bent("grown.json", 100)
        self.assertIn("state_update", self.loadgen("compare", "b.json", grown, expect=96).stdout)
        self.assertIn("fewer bytes", self.loadgen("compare", grown, "r.json").stdout)
        self.loadgen("compare", "b.json", "missing.json", expect=95)
        self.loadgen("compare", "missing.json", "r.json", expect=95)

    def test_compare_tolerates_what_it_is_told_to(self):
        payload = self.baseline["bytes"]["downstream"]["by_message"]["state_update"]["bytes"]
        grown = self.bent("grown.json", payload // 200)  # 0.5 %
        both = ["--tolerance", "message_bytes_total=1%", "--tolerance", "wire_bytes_total=1%"]
        self.loadgen("compare", "b.json", grown, *both)
        self.loadgen("compare", "b.json", grown, *both[:2], expect=96)  # layers and totals grew too
        self.loadgen("compare", "b.json", grown, "--tolerance", "message_bytes_total=0.4%", *both[2:], expect=96)


if __name__ == "__main__":
    harness.main()
