"""How a run went, second by second: `results.series` of the result, and `--out csv=FILE`."""

import csv
import io

import harness

HEAD = ["at_seconds", "step_seconds"]
STATE_BYTES = "message_bytes_total.downstream.state_update"


class Series(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL)

    def table(self, *arguments):
        self.loadgen("run", self.small, "--quiet", "--out", "csv=r.csv", "--out", "json=r.json", *arguments)
        text = (self.folder / "r.csv").read_text(encoding="utf-8")
        rows = list(csv.DictReader(io.StringIO(text)))
        for row in rows:
            self.assertNotIn(None, row)  # as many fields as the heading
        return rows, self.read_json("r.json")

    def test_what_the_seconds_sent_is_what_the_run_sent(self):
        rows, result = self.table()
        self.assertEqual([row["step_seconds"] for row in rows], ["1", "1"])
        self.assertEqual(float(rows[1]["at_seconds"]), float(rows[0]["at_seconds"]) + 1)
        for direction in ("downstream", "upstream"):
            for name, message in result["results"]["bytes"][direction]["by_message"].items():
                for metric, of in (("message_bytes_total", "bytes"), ("messages_total", "count")):
                    column = f"{metric}.{direction}.{name}"
                    self.assertEqual(sum(float(row[column]) for row in rows), message[of], column)
        self.assertEqual([row["clients_connected"] for row in rows], ["2", "2"])

    def test_the_result_has_the_same_columns_and_those_of_this_machine_apart(self):
        rows, result = self.table()
        series = result["results"]["series"]
        host = result["host"]["series"]
        names = [*series["columns"], *("host." + name for name in host["columns"])]
        self.assertEqual([name for name in rows[0] if not name.endswith((".min", ".max"))], HEAD + names)
        self.assertIn("host.tick_duration_seconds.p99", names)
        for figure, suffix in (("mean", ""), ("min", ".min"), ("max", ".max")):
            for name in series["columns"]:
                values = ["" if value is None else value for value in series["columns"][name][figure]]
                self.assertEqual([row[name + suffix] and float(row[name + suffix]) for row in rows], values)

    def test_one_seed_gives_the_same_table_but_for_this_machines_times(self):
        first, _ = self.table()
        again, _ = self.table()
        other, _ = self.table("--seed", "2")
        no_host = lambda rows: [{name: value for name, value in row.items() if not name.startswith("host.")} for row in rows]
        self.assertEqual(no_host(first), no_host(again))
        self.assertNotEqual(no_host(first), no_host(other))

    def test_a_long_run_has_longer_steps_and_loses_nothing(self):
        rows, result = self.table("--duration", "1205s")
        self.assertEqual(len(rows), 302)
        self.assertEqual({row["step_seconds"] for row in rows[:-1]}, {"4"})
        self.assertEqual(rows[-1]["step_seconds"], "1")
        sent = sum(float(row[STATE_BYTES]) * int(row["step_seconds"]) for row in rows)
        self.assertEqual(sent, result["results"]["bytes"]["downstream"]["by_message"]["state_update"]["bytes"])
        for row in rows:
            self.assertLessEqual(float(row[STATE_BYTES + ".min"]), float(row[STATE_BYTES]))
            self.assertLessEqual(float(row[STATE_BYTES]), float(row[STATE_BYTES + ".max"]))

    def test_a_window_shorter_than_a_second_has_a_heading_only(self):
        self.loadgen("run", self.small, "--quiet", "--duration", "900ms", "--out", "csv=r.csv", "--out", "json=r.json")
        self.assertEqual((self.folder / "r.csv").read_text(), ",".join(HEAD) + "\n")
        self.assertNotIn("series", self.read_json("r.json")["results"])

    def test_several_seeds_have_no_series(self):
        run = self.loadgen("run", self.small, "--seeds", "1..2", "--out", "csv=r.csv", expect=2)
        self.assertIn("--out csv is of one run, and --seeds are several", run.stderr)
        self.loadgen("run", self.small, "--seeds", "1..2", "--quiet", "--out", "json=r.json")
        self.assertNotIn("series", self.read_json("r.json")["runs"][0]["results"])

    def test_a_table_that_cannot_be_written_is_92_and_the_verdict_stands(self):
        for path in ("no/folder/r.csv", "/dev/full"):
            self.loadgen("run", self.small, "--quiet", "--out", f"csv={path}", "--out", "json=r.json", expect=92)
            self.assertEqual(self.read_json("r.json")["verdict"], "passed")


if __name__ == "__main__":
    harness.main()
