"""What stands on the console: the report and its last line, colours, progress, and a reader that goes away."""

import fcntl
import os
import re
import shlex
import shutil
import struct
import subprocess
import termios

import harness

ESCAPE = "\x1b"


class Console(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL)

    def on_terminal(self, *arguments, columns=100, env=None, expect=0):
        """Everything a terminal of that width is sent, by stdout and stderr together."""
        terminal, slave = self.open_terminal()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        run = subprocess.Popen(
            [harness.program(), *arguments], cwd=self.folder, env=env or harness.environment(), stdout=slave, stderr=slave
        )
        os.close(slave)
        sent = b""
        try:
            while chunk := os.read(terminal, 65536):
                sent += chunk
        except OSError:
            pass  # the other end was closed
        os.close(terminal)
        self.assertEqual(run.wait(timeout=harness.SECONDS_MAX), expect, sent)
        return sent.decode()

    # --- the report

    def test_piped_report_is_plain_and_80_columns_wide(self):
        shutil.copytree(harness.SCENARIOS, self.folder, dirs_exist_ok=True)
        for name in sorted(scenario.name for scenario in harness.SCENARIOS.glob("*.yaml")):
            for locale in ("C", "C.UTF-8"):
                # What takes a minute to happen, and its thresholds, has not happened then.
                run = self.loadgen("run", name, "--duration", "2s", expect=(0, 99), env=harness.environment(LC_ALL=locale))
                self.assertNotIn(ESCAPE, run.stdout + run.stderr)
                self.assertNotIn("\r", run.stdout + run.stderr)
                self.assertEqual(run.stdout.isascii(), locale == "C")
                wide = [line for line in run.stdout.splitlines() if len(line) > 80]
                self.assertEqual(wide, [], name)
                self.assertFalse(any(line != line.rstrip() for line in run.stdout.splitlines()))

    def test_report_has_its_sections_in_order_and_ends_with_the_command(self):
        run = self.loadgen("run", self.small, "--set", "thresholds.desyncs_total=count==0")
        titles = re.findall(r"^[A-Z]{4,}", run.stdout, re.MULTILINE)
        self.assertEqual(titles, ["PASSED", "THRESHOLDS", "BANDWIDTH", "LATENCY", "TICKS", "NETWORK", "COHORTS",
                                  "GENERATOR", "PASSED"])  # fmt: skip
        last = run.stdout.splitlines()[-1]
        self.assertEqual(last, "loadgen run small.yaml --set thresholds.desyncs_total=count==0")
        self.assertEqual(run.stderr, "")  # a run this short needs no progress in a log

    def test_quiet_prints_nothing_but_a_failure_and_what_repeats_it(self):
        run = self.loadgen("run", self.small, "--quiet")
        self.assertEqual((run.stdout, run.stderr), ("", ""))
        run = self.loadgen("run", self.small, "--quiet", "--set", "thresholds.rtt_seconds=max<0.001", expect=99)
        self.assertEqual(run.stdout, "")
        verdict, replay = run.stderr.splitlines()
        self.assertRegex(verdict, r"FAILED  1 of \d+ thresholds? do(es)? not hold \(exit 99\)")
        self.assertEqual(replay, f"loadgen run {self.small} --set 'thresholds.rtt_seconds=max<0.001'")
        self.assertEqual(self.on_terminal("run", self.small, "--quiet"), "")
        run = self.loadgen("verify", self.small, "--quiet")
        self.assertEqual((run.stdout, run.stderr), ("", ""))

    def test_colours_are_for_terminals_that_did_not_decline(self):
        self.assertIn(ESCAPE + "[", self.on_terminal("run", self.small))
        self.assertIn(ESCAPE + "[", self.on_terminal("run", self.small, env=harness.environment(NO_COLOR="")))
        self.assertNotRegex(self.on_terminal("run", self.small, env=harness.environment(NO_COLOR="1")), ESCAPE + r"\[[\d;]*m")

    # --- the command that repeats a run

    def test_last_line_repeats_the_run_whatever_the_names(self):
        hostile = "a b'c\"d $(e) `f` *.yaml"
        self.write(hostile, harness.SMALL.replace("duration: 2s", "duration: 1s"))
        runs = [
            [self.small],
            [self.small, "--seed", "7", "--duration", "1500ms", "--transport", "tls"],
            [hostile, "--seed", "3"],
            ["./" + hostile, "--set", "clients.players.link={rtt: 90ms, jitter: 5ms}", "--set", "name=it-s"],
        ]
        digests = set()
        for arguments in runs:
            with self.subTest(arguments[0]):
                self.loadgen("run", *arguments, "--out", "json=a.json")
                first = self.read_json("a.json")
                report = self.loadgen("run", *arguments).stdout
                command = report.splitlines()[-1]
                self.assertEqual(command, first["replay"])
                self.assertTrue(command.startswith("loadgen run "))
                again = shlex.quote(harness.program()) + command.removeprefix("loadgen") + " --out json=b.json --quiet"
                subprocess.run(["sh", "-c", again], cwd=self.folder, check=True)
                self.assertEqual(self.read_json("b.json")["digest"], first["digest"])
                digests.add(first["digest"])
        self.assertEqual(len(digests), len(runs))

    def test_verify_prints_its_own_command(self):
        run = self.loadgen("verify", self.small, "--seed", "5")
        self.assertTrue(run.stdout.startswith("identical: two runs of small, seed 5, "), run.stdout)
        self.assertEqual(run.stdout.splitlines()[-1].strip(), "repeat with: loadgen verify small.yaml --seed 5")
        ran = self.result(self.small, "--seed", "5")
        self.assertIn(f"digest {ran['digest']} and {ran['digest']}", run.stdout)

    # --- progress

    def test_terminal_shows_one_repainted_line_with_percent_and_eta(self):
        # A virtual hour takes long enough for several repaints.
        sent = self.on_terminal("run", self.small, "--duration", "1h", columns=72, env=harness.environment(TERM="dumb"))
        painted = [line for line in sent.replace("\n", "\r").split("\r") if "ETA" in line]
        self.assertGreater(len(painted), 1)
        percents = []
        for line in painted:
            self.assertLess(len(line.rstrip()), 72)
            self.assertRegex(line, r"^[\d.,]+ m?s of 3,60\d s .* \d+ %  [\d.,]+x  ETA [\d.,]+ [um]?s  2 of 2 clients")
            percents.append(int(re.search(r"(\d+) %", line)[1]))
        self.assertEqual(percents, sorted(percents))
        self.assertLess(percents[-1], 100)
        # It is wiped before the report: nothing of it stands on a line of the report.
        before, _, report = sent.rpartition("\r" + " " * len(painted[-1].rstrip()))
        self.assertIn("ETA", before)
        self.assertNotIn("ETA", report)
        self.assertIn("PASSED", report)

    def test_a_terminal_that_can_shows_cohorts_and_sparklines_and_wipes_them(self):
        virtual, real = ["--duration", "2h"], ["--clock", "real", "--duration", "3s", "--set", "thresholds.generator_lateness_seconds=max<10"]
        for columns, clock in ((30, virtual), (80, virtual), (200, virtual), (80, real), (200, real)):
            sent = self.on_terminal("run", self.small, *clock, columns=columns, env=harness.environment(TERM="xterm", NO_COLOR="1"))
            live, _, report = sent.rpartition(ESCAPE + "[J")
            self.assertIn("PASSED", report)
            self.assertNotIn(ESCAPE, report)
            self.assertNotRegex(live, ESCAPE + r"\[[\d;]*m")  # NO_COLOR is about colours, not about the cursor
            self.assertEqual("players" in live, columns > 30)
            for label in ("downstream", "input ack", "tick p99", "lateness"):
                self.assertEqual(f"  {label} " in live, columns > 30, label)
            painted = re.findall(r"([^\r\n]*)" + ESCAPE + r"\[K", live)
            self.assertGreater(len(painted), 1)
            for line in painted:
                self.assertLess(len(re.sub(ESCAPE + r"\[J", "", line)), columns, line)

    def test_log_json_is_one_object_a_line_and_no_report(self):
        run = self.loadgen("run", self.small, "--log", "json")
        self.assertEqual(run.stdout, "")
        last = harness.json.loads(run.stderr.splitlines()[-1])
        self.assertEqual((last["event"], last["verdict"], last["exit_code"]), ("finished", "passed", 0))
        self.assertEqual(last["replay"], "loadgen run small.yaml")

    # --- a reader that goes away

    def test_reader_that_goes_away_costs_neither_exit_code_nor_result(self):
        impossible = ["--set", "thresholds.rtt_seconds=max<0.001"]
        for arguments, code in (([], 0), (impossible, 99)):
            command = [harness.program(), "run", self.small, *arguments, "--out", "json=r.json"]
            run = subprocess.Popen(command, cwd=self.folder, env=harness.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
            run.stdout.close()
            said = run.stderr.read()
            run.stderr.close()
            self.assertEqual(run.wait(timeout=harness.SECONDS_MAX), code)
            self.assertEqual(said, b"")
            self.assertEqual(self.read_json("r.json")["exit_code"], code)
            (self.folder / "r.json").unlink()

    def test_no_stdout_and_no_stderr_at_all(self):
        command = f"{shlex.quote(harness.program())} run {self.small} --out json=r.json >&- 2>&-"
        run = subprocess.run(["sh", "-c", command], cwd=self.folder, check=False)
        self.assertEqual(run.returncode, 0)
        self.assertEqual(self.read_json("r.json")["verdict"], "passed")  # and no report in the middle of it

    def test_result_on_stdout_is_the_only_thing_there_when_quiet(self):
        run = self.loadgen("run", self.small, "--quiet", "--out", "json=/dev/stdout")
        self.assertEqual(harness.json.loads(run.stdout)["verdict"], "passed")


if __name__ == "__main__":
    harness.main()
