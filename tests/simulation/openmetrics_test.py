"""`--out openmetrics=FILE`: a virtual run as Prometheus would have scraped it, second by second."""

import re

import harness

EPOCH = 1577836800
SAMPLE = re.compile(r"^(\w+)\{(.*)\} (\S+) (\S+)$")


class OpenMetrics(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL)

    def written(self, *arguments):
        """The text, and {series: [(time, value)]}."""
        run = self.loadgen("run", self.small, "--out", "openmetrics=r.om", "--out", "json=r.json", *arguments)
        self.assertIn("(simulated time 0 is 2020-01-01T00:00:00Z)", " ".join(run.stdout.split()))
        text = (self.folder / "r.om").read_text(encoding="utf-8")
        series = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels, value, time = SAMPLE.match(line).groups()
            self.assertIn('job="netrig",instance="small/seed-', labels)
            series.setdefault((name, labels), []).append((float(time) - EPOCH, float(value)))
        return text, series

    def test_totals_end_where_the_result_ends(self):
        text, series = self.written()
        result = self.read_json("r.json")
        self.assertTrue(text.endswith("\n# EOF\n"))
        for direction in ("downstream", "upstream"):
            for name, message in result["results"]["bytes"][direction]["by_message"].items():
                (ends,) = [points[-1] for (family, labels), points in series.items()
                           if family == "netrig_message_bytes_total" and f'direction="{direction}",message="{name}"' in labels]  # fmt: skip
                self.assertEqual(ends[1], message["bytes"])
                self.assertAlmostEqual(ends[0], result["simulated_seconds"], 2)

    def test_time_goes_forward_in_whole_seconds_and_totals_never_back(self):
        _, series = self.written()
        for (name, labels), points in series.items():
            times = [time for time, _ in points]
            self.assertEqual(times, sorted(set(times)), (name, labels))
            self.assertTrue(all(time == int(time) for time in times[:-1]), (name, labels))
            if name.endswith(("_total", "_bucket", "_count", "_sum")):
                values = [value for _, value in points]
                self.assertEqual(values, sorted(values), (name, labels))
        start = [points[0][0] for (name, _), points in series.items() if name == "netrig_joins_total"]
        self.assertEqual(start, [0])

    def test_one_seed_gives_one_file_and_no_time_of_this_machine(self):
        first, _ = self.written()
        again, _ = self.written()
        other, _ = self.written("--seed", "2")
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertNotIn("netrig_tick_duration_seconds", first)
        self.assertNotIn("netrig_speed_ratio", first)

    def test_a_long_run_has_no_more_rows_than_a_short_one_and_its_last(self):
        _, series = self.written("--duration", "1801s")
        (points,) = [points for (name, _), points in series.items() if name == "netrig_ticks_total"]
        self.assertLessEqual(len(points), 601)
        self.assertGreater(len(points), 300)
        self.assertEqual(points[-1][1], self.read_json("r.json")["results"]["ticks"]["count"])
        steps = {round(b[0] - a[0]) for a, b in zip(points[:-1], points[1:-1])}
        self.assertEqual(steps, {4})

    def test_families_stand_together_and_are_declared_first(self):
        text, _ = self.written()
        seen = []
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                seen.append(line.split()[2])
            elif not line.startswith("#"):
                self.assertTrue(SAMPLE.match(line)[1].startswith(seen[-1]), line)
        self.assertEqual(len(seen), len(set(seen)))
        self.assertNotIn("_total counter", text)  # OpenMetrics names the family without it

    def test_it_is_of_one_run(self):
        run = self.loadgen("run", self.small, "--seeds", "1..2", "--out", "openmetrics=r.om", expect=2)
        self.assertIn("--out openmetrics is of one run", run.stderr)

    def test_a_full_disk_is_92_and_the_verdict_stands(self):
        self.loadgen("run", self.small, "--quiet", "--out", "openmetrics=/dev/full", "--out", "json=r.json", expect=92)
        self.assertEqual(self.read_json("r.json")["verdict"], "passed")


if __name__ == "__main__":
    harness.main()
