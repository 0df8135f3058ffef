"""`run --seeds A..B --jobs N`: each seed is a run of its own, and what they say together depends on nothing else."""

import os
import pty
import re
import signal
import subprocess
import time

import harness

# The link loses, so that every seed sends other bytes.
LOSSY = harness.SMALL.replace("rtt: 40ms", "rtt: 40ms, jitter: 5ms, loss: 5%")


def without_host(run):
    return {key: value for key, value in run.items() if key != "host"} | {"metrics": {
        name: value for name, value in run["metrics"].items() if not name.startswith("tick_")}}  # fmt: skip


class Seeds(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.lossy = self.write("lossy.yaml", LOSSY)

    def results(self, *arguments, expect=0):
        self.loadgen("run", self.lossy, "--quiet", "--out", "json=results.json", *arguments, expect=expect)
        return self.read_json("results.json")

    def test_each_seed_is_the_run_of_its_own(self):
        results = self.results("--seeds", "3..5")
        self.assertEqual((results["schema"], results["verdict"], results["exit_code"]), ("netrig-results/1", "passed", 0))
        self.assertEqual([run["scenario"]["seed"] for run in results["runs"]], [3, 4, 5])
        self.assertEqual(len({run["digest"] for run in results["runs"]}), 3)
        for run in results["runs"]:
            seed = str(run["scenario"]["seed"])
            alone = self.result(self.lossy, "--seed", seed)
            self.assertIn("series", alone["results"])
            del alone["results"]["series"]  # one seed's alone: as much as all the rest
            self.assertEqual(without_host(run), without_host(alone))
            self.assertEqual(run["replay"], f"loadgen run lossy.yaml --seed {seed}")

    def test_the_result_does_not_depend_on_the_number_of_jobs(self):
        one, many = ([without_host(run) for run in self.results("--seeds", "1..7", "--jobs", jobs)["runs"]] for jobs in "15")
        self.assertEqual(one, many)
        self.assertEqual(len(one), 7)

    def test_report_shows_the_spread_and_names_failing_seeds_with_their_command(self):
        results = self.results("--seeds", "1..6")
        totals = sorted(run["results"]["bytes"]["downstream"]["total"] for run in results["runs"])
        limit = totals[3]  # half of them are below it
        scenario = self.write("limit.yaml", LOSSY + f"thresholds: {{wire_bytes_total: 'count<1', errors_total: 'count==0'}}\n")
        run = self.loadgen("run", scenario, "--seeds", "1..6", "--jobs", "2", expect=99)
        self.assertIn("FAILED  0 of 6 runs pass (exit 99)", run.stdout)
        for title in ("THRESHOLDS", "BANDWIDTH", "FAILING SEEDS"):
            self.assertIn(f"\n{title}", run.stdout)
        for seed in range(1, 7):
            self.assertIn(f"seed {seed}  wire_bytes_total count<1 was ", run.stdout)
            self.assertIn(f"\n    loadgen run limit.yaml --seed {seed}\n", run.stdout)
        spread = re.search(r"= total +([\d,]+) +([\d,]+) +([\d,]+)", run.stdout)
        low, middle, high = (int(number.replace(",", "")) for number in spread.groups())
        self.assertEqual((low, high), (totals[0], totals[-1]))
        self.assertLessEqual(abs(middle - (totals[2] + totals[3]) / 2), 1)
        self.assertGreater(limit, 0)
        self.assertEqual(run.stdout.splitlines()[-1], "loadgen run limit.yaml --seeds 1..6")
        self.assertEqual([line for line in run.stdout.splitlines() if len(line) > 80], [])

    def test_some_seeds_fail_and_the_worst_code_is_the_runs(self):
        totals = {run["scenario"]["seed"]: run["metrics"]["wire_bytes_total"] for run in self.results("--seeds", "1..6")["runs"]}
        limit = sorted(totals.values())[3]
        results = self.results("--seeds", "1..6", "--set", f"thresholds.wire_bytes_total=count<{limit}", expect=99)
        failing = {run["scenario"]["seed"] for run in results["runs"] if run["exit_code"] == 99}
        self.assertEqual(failing, {seed for seed, total in totals.items() if total >= limit})
        self.assertTrue(0 < len(failing) < 6)

    def test_all_seeds_together_are_a_baseline(self):
        self.loadgen("run", self.lossy, "--quiet", "--seeds", "1..3", "--save-baseline", "b.json")
        self.loadgen("run", self.lossy, "--quiet", "--seeds", "1..3", "--baseline", "b.json")
        self.loadgen("run", self.lossy, "--quiet", "--seeds", "1..4", "--baseline", "b.json", expect=95)
        more = ["--seeds", "1..3", "--baseline", "b.json", "--set", "world.npcs=1"]
        self.assertIn("more bytes than the baseline: state_update", self.loadgen("run", self.lossy, *more, expect=96).stdout)
        self.loadgen("run", self.lossy, "--quiet", "--seeds", "1..3", "--out", "json=r.json")
        self.loadgen("compare", "b.json", "r.json")

    def test_json_log_tells_how_it_ended(self):
        run = self.loadgen("run", self.lossy, "--seeds", "1..2", "--log", "json", "--set", "thresholds.errors_total=count>0", expect=99)
        self.assertEqual(run.stdout, "")
        self.assertIn('"event": "finished", "verdict": "failed", "exit_code": 99, "runs_planned": 2, '
                      '"runs_finished": 2, "failing_seeds": [1, 2]', run.stderr)  # fmt: skip

    def test_what_cannot_be_meant_is_wrong_usage(self):
        for arguments, said in (
            (["--seeds", "5..1"], "the smaller seed comes first"),
            (["--seeds", "5"], "is not A..B"),
            (["--seeds", "1..x"], "expected a whole number"),
            (["--seeds", "1..1001"], "more than 1000 seeds"),
            (["--seeds", "1..2", "--seed", "1"], "exclude each other"),
            (["--seeds", "1..2", "--jobs", "0"], "between 1 and 256"),
            (["--jobs", "2"], "--jobs needs --seeds"),
        ):
            self.assertIn(said, self.loadgen("run", self.lossy, *arguments, expect=2).stderr)


class Interruption(harness.LoadgenTest):
    def begin(self, *arguments):
        """A run of seeds whose first is over long before the others; returns the process and its terminal."""
        terminal, slave = pty.openpty()
        self.addCleanup(os.close, terminal)
        run = subprocess.Popen([harness.program(), "run", *arguments], cwd=self.folder, env=harness.environment(),
                               stdout=subprocess.PIPE, stderr=slave, text=True, start_new_session=True)  # fmt: skip
        os.close(slave)
        self.addCleanup(lambda: run.poll() is None and run.kill())
        return run, terminal

    def wait_for(self, terminal, text):
        shown = b""
        while text not in shown:
            shown += os.read(terminal, 4096)

    @staticmethod
    def workers(run):
        return [int(child) for child in open(f"/proc/{run.pid}/task/{run.pid}/children", encoding="ascii").read().split()]

    def test_signal_ends_it_with_105_and_what_has_finished(self):
        small = self.write("small.yaml", harness.SMALL)
        run, terminal = self.begin(small, "--seeds", "1..300", "--jobs", "1", "--duration", "10m", "--out", "json=r.json")
        self.wait_for(terminal, b" of 300 runs")
        while not re.search(rb"[1-9]\d* of 300 runs", os.read(terminal, 4096)):
            pass
        run.send_signal(signal.SIGINT)
        report, _ = run.communicate(timeout=harness.SECONDS_MAX)
        self.assertEqual(run.returncode, 105, report)
        self.assertIn("INTERRUPTED", report)
        results = self.read_json("r.json")
        self.assertEqual((results["verdict"], results["exit_code"]), ("interrupted", 105))
        self.assertTrue(0 < len(results["runs"]) < 300)
        self.assertEqual({run["verdict"] for run in results["runs"]}, {"passed"})

    def test_a_worker_that_is_killed_is_93_and_named_and_the_others_count(self):
        small = self.write("small.yaml", harness.SMALL)
        run, _ = self.begin(small, "--seeds", "1..2", "--jobs", "2", "--duration", "20m", "--out", "json=r.json")
        while len(self.workers(run)) < 2:
            time.sleep(0.001)
        os.kill(self.workers(run)[0], signal.SIGKILL)
        report, _ = run.communicate(timeout=harness.SECONDS_MAX)
        self.assertEqual(run.returncode, 93, report)
        self.assertIn("seed 1  the worker was lost: killed by signal 9", report)
        self.assertIn("loadgen run small.yaml --duration 20m --seed 1", report)
        results = self.read_json("r.json")
        self.assertEqual([run["scenario"]["seed"] for run in results["runs"]], [2])
        self.assertEqual((results["verdict"], results["exit_code"]), ("error", 93))


if __name__ == "__main__":
    harness.main()
