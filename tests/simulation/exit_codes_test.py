"""Every exit code of the contract that a run can end with, watched from outside, and which one wins."""

import os
import signal
import subprocess

import harness

IMPOSSIBLE = "thresholds.client_downstream_bytes_per_second=max<1"


class ExitCodes(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL)

    def small_with(self, *lines):
        return self.write("other.yaml", harness.SMALL + "".join(line + "\n" for line in lines))

    def test_pass_is_0_with_thresholds_and_without(self):
        self.loadgen("run", self.small, expect=0)
        self.loadgen("run", self.small_with('thresholds: {desyncs_total: "count==0"}'), expect=0)
        for command in (["validate", self.small], ["inspect", self.small], ["verify", self.small], ["version"],
                        ["--version"], ["--help"], ["run", "--help"]):  # fmt: skip
            self.loadgen(*command, expect=0)

    def test_wrong_usage_is_2_and_says_what_is_wrong(self):
        cases = [
            ([], "subcommand is required"),
            (["rnu", self.small], 'no such command: rnu; did you mean "run"?'),
            (["report", self.small], "not built yet: report"),
            (["serve", self.small], "--listen is required"),
            (["serve", self.small, "--listen", "7777"], "is no URL"),
            (["serve", self.small, "--listen", "tcp://127.0.0.1:0", "--seed", "abc"], "--seed: "),
            (["serve", self.small, "--listen", "tcp://192.0.2.1:0"], "cannot listen on tcp://192.0.2.1:0"),
            (["run"], "SCENARIO is required"),
            (["run", self.small, "extra.yaml"], "extra.yaml"),
            (["run", self.small, "--no-such-flag"], "run has no --no-such-flag"),
            (["run", self.small, "--baselin", "b"], 'run has no --baselin; did you mean "--baseline"?'),
            (["--versio"], 'did you mean "--version"?'),
            (["run", self.small, "--seed"], "--seed"),
            (["run", self.small, "--set", "duration"], "is not PATH=VALUE"),
            (["run", self.small, "--out", "result.json"], "is not KIND=FILE"),
            (["run", self.small, "--out", "json="], "is not KIND=FILE"),
            (["run", self.small, "--out", "jsn=r.json"], 'no kind of output is called "jsn"'),
            (["run", self.small, "--out", "pcap=r.pcap"], "pcap is not built yet"),
            (["run", self.small, "--clock", "real", "--seeds", "1..2"], "no two runs are alike"),
            (["run", self.small, "--target", "10.0.0.7:7777"], "is no URL"),
            (["run", self.small, "--target", "tpc://10.0.0.7:7777"], "unknown scheme; there are tcp"),
            (["run", self.small, "--target", "tcp://10.0.0.7"], "has no port"),
            (["run", self.small, "--target", "tcp://10.0.0.7:7777", "--clock", "virtual"], "needs --clock real"),
            (["run", self.small, "--target", "tcp://10.0.0.7:7777", "--transport", "udp"], "contradict"),
            (["run", self.small, "--tls-ca", "ca", "--clock", "real"], "--tls-ca needs a --target tls://"),
            (["run", self.small, "--target", "tcp://10.0.0.7:7777", "--tls-insecure"], "--tls-insecure needs a --target tls://"),
            (["run", self.small, "--target", "tls://10.0.0.7:7777", "--tls-insecure", "--tls-ca", "ca"], "exclude each other"),
            (["serve", self.small, "--listen", "wss://127.0.0.1:0", "--tls-cert", "c"], "needs --tls-cert and --tls-key"),
            (["serve", self.small, "--listen", "tcp://127.0.0.1:0", "--tls-cert", "c"], "are for tls:// and wss://, not tcp://"),
            (["run", self.small, "--token-key", "key"], "tokens need --clock real"),
            (["run", self.small, "--clock", "real", "--token", "t"], "--token needs --target"),
            (["run", self.small, "--clock", "sundial"], 'no clock is called "sundial"'),
            (["run", self.small, "--dialect", "ventur"], 'no dialect is called "ventur"; did you mean "venture"?'),
            (["run", self.small, "--log", "xml"], "--log"),
            (["compare", "one.json"], "RESULT is required"),
            (["compare", "a.json", "b.json", "--tolerance", "5%"], "METRIC=P%"),
            (["compare", "a.json", "b.json", "--tolerance", "rtt_seconds=5%"], "rtt_seconds is a histogram; name a figure"),
            (["compare", "a.json", "b.json", "--tolerance", "rtt_secnds.p95=5%"], 'did you mean "rtt_seconds"?'),
            (["compare", "a.json", "b.json", "--tolerance", "joins_total.p95=5%"], "is one number"),
            (["new"], "FILE is required"),
            (["completion", "tcsh"], 'no shell is called "tcsh"'),
            (["validate"], "FILE is required"),
        ]
        for arguments, said in cases:
            with self.subTest(" ".join(arguments)):
                run = self.loadgen(*arguments, expect=2)
                self.assertIn(said, run.stderr)
                self.assertIn("loadgen:", run.stderr)
                self.assertEqual(run.stdout, "")

    def test_what_is_planned_is_2_and_says_so(self):
        for command in "report explain sweep capacity fuzz merge".split():
            run = self.loadgen(command, self.small, "--listen", "tcp://127.0.0.1:7777", expect=2)
            self.assertIn(f"not built yet: {command}", run.stderr)
        for kind in "html pcap".split():
            self.assertIn(f"{kind} is not built yet", self.loadgen("run", self.small, "--out", f"{kind}=f", expect=2).stderr)

    def test_output_that_cannot_be_written_is_92_after_the_report(self):
        (self.folder / "folder").mkdir()
        for path in ("no/such/folder/r.json", "folder", "/dev/full"):
            with self.subTest(path):
                run = self.loadgen("run", self.small, "--out", f"json={path}", expect=92)
                self.assertIn("PASSED", run.stdout)
                self.assertIn("BANDWIDTH", run.stdout)
                self.assertIn(f"could not write {path}", run.stdout)
                self.assertTrue(run.stdout.splitlines()[-1].startswith("loadgen run"))
                quiet = self.loadgen("run", self.small, "--quiet", "--out", f"json={path}", expect=92)
                self.assertIn(f"cannot write {path}", quiet.stderr)
        self.loadgen("run", self.small, "--save-baseline", "no/folder/b.json", expect=92)

    def test_one_output_is_written_though_another_cannot_be(self):
        self.loadgen("run", self.small, "--out", "json=no/r.json", "--out", "json=r.json", expect=92)
        self.assertEqual(self.read_json("r.json")["verdict"], "passed")

    def test_threshold_that_fails_is_99(self):
        result = self.result(self.small, "--set", IMPOSSIBLE, expect=99)
        self.assertEqual((result["verdict"], result["exit_code"]), ("failed", 99))
        (threshold,) = result["thresholds"]
        self.assertEqual(threshold["state"], "failed")
        self.assertGreater(threshold["value"], 1)
        run = self.loadgen("run", self.small, "--set", IMPOSSIBLE, expect=99)
        self.assertIn("FAILED  1 of 1 threshold does not hold (exit 99)", run.stdout)

    def test_threshold_without_data_is_99(self):
        # Joining takes 2 RTT at least, so the window never begins.
        scenario = self.small_with("measure: {warm_up_max: 50ms}", "thresholds: {rtt_seconds: 'max<9'}")
        slow = self.result(scenario, "--set", "duration=1s", expect=103)  # nobody is in session by then
        self.assertEqual(slow["thresholds"][0]["state"], "no_data")
        # They are in session, but the window is over before the first pong.
        scenario = self.small_with("thresholds: {rtt_seconds: 'max<9'}")
        result = self.result(scenario, "--duration", "1ms", expect=99)
        self.assertEqual(result["thresholds"], [
            {"metric": "rtt_seconds", "expression": "max<9", "value": None, "state": "no_data"}])  # fmt: skip
        self.assertEqual(result["verdict"], "failed")

    def test_nobody_in_session_is_103(self):
        lossy = harness.SMALL.replace("rtt: 40ms", "rtt: 40ms, loss: 100%")
        for after in ("start", "all_joined"):
            scenario = self.write("lossy.yaml", lossy + f"measure: {{after: {after}}}\n")
            result = self.result(scenario, expect=103)
            self.assertEqual((result["verdict"], result["exit_code"]), ("error", 103))
            self.assertEqual(result["metrics"]["clients_connected"], 0)

    def test_some_who_find_no_seat_are_errors_but_not_103(self):
        crowded = harness.SMALL.replace("count: 2", "count: 3") + "measure: {after: start}\n"
        result = self.result(self.write("crowded.yaml", crowded))
        self.assertEqual(result["results"]["errors"], {"refused": 1})
        self.assertEqual(result["metrics"]["clients_connected"], 2)
        self.result("crowded.yaml", "--set", 'thresholds.errors_total="count==0"', expect=99)

    def test_clients_who_left_by_plan_are_not_missed(self):
        scenario = self.small_with("measure: {after: start}")
        result = self.result(scenario, "--set", "clients.players.leave.at=1s")
        self.assertEqual((result["metrics"]["clients_connected"], result["metrics"]["leaves_total"]), (0, 2))

    def test_the_worst_code_wins(self):
        self.result(self.small, "--baseline", "missing.json", "--set", IMPOSSIBLE, expect=95)
        self.loadgen("run", self.small, "--baseline", "missing.json", "--out", "json=no/r.json", expect=92)
        self.loadgen("run", "missing.yaml", "--no-such-flag", expect=2)
        self.loadgen("run", "missing.yaml", "--out", "json=no/r.json", expect=104)


class Interruption(harness.LoadgenTest):
    """With a terminal as stderr, because the progress line is repainted there ten times a second."""

    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL)

    def interrupted(self, sent, *arguments, wait_for=b"ETA"):
        """What a run says that gets the signal once `wait_for` stands on its terminal."""
        terminal, slave = self.open_terminal()
        self.addCleanup(os.close, terminal)
        with subprocess.Popen(
            [harness.program(), *arguments],
            cwd=self.folder,
            env=harness.environment(),
            stdout=subprocess.PIPE,
            stderr=slave,
            text=True,
        ) as run:
            os.close(slave)
            self.addCleanup(lambda: run.poll() is None and run.kill())
            shown = b""
            while wait_for not in shown:
                shown += os.read(terminal, 4096)
            run.send_signal(sent)
            report, _ = run.communicate(timeout=harness.SECONDS_MAX)
            self.assertEqual(run.returncode, 105, report)
            return report

    def test_signal_ends_a_run_with_105_and_a_partial_result(self):
        for sent in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(sent.name):
                report = self.interrupted(sent, "run", self.small, "--duration", "23h", "--out", "json=r.json",
                                          "--save-baseline", "b.json")  # fmt: skip
                self.assertIn("INTERRUPTED", report)
                self.assertTrue(report.splitlines()[-1].startswith("loadgen run small.yaml --duration 23h"), report)
                result = self.read_json("r.json")
                self.assertEqual((result["verdict"], result["exit_code"]), ("interrupted", 105))
                self.assertGreater(result["events"], 0)
                self.assertGreater(result["simulated_seconds"], 0)
                self.assertLess(result["simulated_seconds"], 23 * 3600)
                for direction in result["results"]["bytes"].values():
                    if isinstance(direction, dict) and "by_layer" in direction:
                        self.assertEqual(sum(direction["by_layer"].values()), direction["total"])
                # What was cut short is no yardstick.
                self.assertFalse((self.folder / "b.json").exists())
                (self.folder / "r.json").unlink()

    def test_verify_is_interrupted_too(self):
        # It shows no progress, but a warning before it starts.
        crowded = self.write("crowded.yaml", harness.SMALL.replace("count: 2", "count: 3") + "measure: {after: start}\n")
        self.interrupted(signal.SIGINT, "verify", crowded, "--duration", "23h", wait_for=b"players_max")


if __name__ == "__main__":
    harness.main()
