"""`--out junit=FILE` and `--out markdown=FILE`: what CI systems and pull requests show, whatever the names."""

import re
import resource
import signal
import subprocess
import xml.etree.ElementTree

import harness

IMPOSSIBLE = "thresholds.client_downstream_bytes_per_second=max<1"
HOSTILE = "a<b>&\"c'd]]>|`x`\x01\n<script>.json"


class Outputs(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL + 'thresholds: {desyncs_total: "count==0"}\n')

    def suites(self, *arguments, expect=0):
        self.loadgen("run", self.small, "--quiet", "--out", "junit=r.xml", *arguments, expect=expect)
        root = xml.etree.ElementTree.fromstring((self.folder / "r.xml").read_bytes())
        self.assertEqual(root.tag, "testsuites")
        for name in ("tests", "failures", "errors"):
            self.assertEqual(int(root.get(name)), sum(int(suite.get(name)) for suite in root), name)
        for suite in root:
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(name)), len(suite.findall(f"testcase/{tag}")))
        return list(root)

    def markdown(self, *arguments, expect=0):
        self.loadgen("run", self.small, "--quiet", "--out", "markdown=r.md", *arguments, expect=expect)
        return (self.folder / "r.md").read_text(encoding="utf-8")

    # --- JUnit

    def test_each_threshold_is_a_test_case(self):
        (suite,) = self.suites("--set", "thresholds.tick_overruns_total=count==0", "--set", IMPOSSIBLE, expect=99)
        self.assertEqual(suite.get("name"), "small")
        cases = {case.get("name"): case for case in suite.findall("testcase")}
        self.assertEqual(list(cases), ["comes to its end with clients in session", "desyncs_total count==0",
                                       "tick_overruns_total count==0", "client_downstream_bytes_per_second max<1"])  # fmt: skip
        self.assertEqual(len(cases["desyncs_total count==0"]), 0)
        self.assertIn("virtual clock", cases["tick_overruns_total count==0"].find("skipped").get("message"))
        self.assertRegex(cases["client_downstream_bytes_per_second max<1"].find("failure").get("message"),
                         r"^client_downstream_bytes_per_second was [\d,.]+ B/s, not max<1$")  # fmt: skip
        properties = {each.get("name"): each.get("value") for each in suite.find("properties")}
        self.assertEqual((properties["seed"], properties["transport"], properties["exit_code"]), ("1", "tcp", "99"))
        self.assertIn("repeat with: loadgen run small.yaml", suite.findtext("system-out"))

    def test_a_regression_is_a_failure_and_a_missing_baseline_an_error(self):
        self.loadgen("run", self.small, "--quiet", "--save-baseline", "b.json")
        (suite,) = self.suites("--baseline", "b.json")
        self.assertEqual(len(suite.find("testcase[@classname='small.baseline']")), 0)
        (suite,) = self.suites("--baseline", "b.json", "--set", "world.npcs=1", expect=96)
        failure = suite.find("testcase[@classname='small.baseline']/failure")
        self.assertIn("more bytes than the baseline: state_update", failure.get("message"))
        self.assertRegex(failure.text, r"downstream state_update: [\d,]+ B, now [\d,]+ B\n")
        (suite,) = self.suites("--baseline", "missing.json", expect=95)
        self.assertIsNotNone(suite.find("testcase[@classname='small.baseline']/error"))

    def test_a_run_without_anybody_is_an_error(self):
        self.write("small.yaml", harness.SMALL.replace("rtt: 40ms", "rtt: 40ms, loss: 100%"))
        (suite,) = self.suites(expect=103)
        self.assertIn("no client had a session", suite.find("testcase[@classname='small.run']/error").get("message"))

    def test_each_seed_is_a_suite_and_one_is_for_all(self):
        suites = self.suites("--seeds", "1..3", "--set", IMPOSSIBLE, expect=99)
        self.assertEqual([suite.get("name") for suite in suites], ["small.seed-1", "small.seed-2", "small.seed-3", "small.all-seeds"])
        self.assertEqual([suite.get("failures") for suite in suites], ["1", "1", "1", "0"])
        self.assertIn("--seed 2", suites[1].findtext("system-out"))

    def test_hostile_names_stay_text(self):
        self.loadgen("run", self.small, "--quiet", "--save-baseline", "b.json")
        (self.folder / "b.json").rename(self.folder / HOSTILE)
        (suite,) = self.suites("--baseline", HOSTILE)
        name = suite.find("testcase[@classname='small.baseline']").get("name")
        self.assertTrue(name.startswith("no more bytes than a<b>&\"c'd]]>|`x`\ufffd\ufffd<script>"), name)

    # --- Markdown

    def test_the_verdict_stands_first_and_the_command_last(self):
        text = self.markdown()
        self.assertTrue(text.startswith("### ✅ netrig: small passed\n\n1 of 1 threshold holds\n"), text)
        self.assertIn("| ✅ | desyncs\\_total | count==0 | 0 |", text)
        self.assertIn("\n```\nloadgen run small.yaml\n```\n", text)
        text = self.markdown("--set", IMPOSSIBLE, expect=99)
        self.assertTrue(text.startswith("### ❌ netrig: small failed\n"), text)
        self.assertRegex(text, r"\| ❌ \| client\\_downstream\\_bytes\\_per\\_second \| max&lt;1 \| [\d,.]+ B/s \|")

    def test_the_bandwidth_table_adds_up(self):
        rows = re.findall(r"^\| (down|up) \| (\S+).*? \| ([\d,]*) \| ([\d,]+) \|", self.markdown(), re.MULTILINE)
        for direction in ("down", "up"):
            sizes = {name: int(size.replace(",", "")) for of, name, _, size in rows if of == direction}
            total = sizes.pop("**total**")
            self.assertEqual(sum(sizes.values()), total)

    def test_every_table_is_one(self):
        self.loadgen("run", self.small, "--quiet", "--save-baseline", "b.json")
        (self.folder / "b.json").rename(self.folder / HOSTILE)
        for arguments, code in ((["--baseline", HOSTILE, "--set", "world.npcs=1"], 96), (["--seeds", "1..3", "--set", IMPOSSIBLE], 99)):
            text = self.markdown(*arguments, expect=code)
            columns = None
            tables = 0
            for line in text.splitlines():
                if not line.startswith("|"):
                    columns = None
                    continue
                count = len(re.findall(r"(?<!\\)\|", line))
                tables += columns is None
                self.assertEqual(columns or count, count, line)
                columns = count
            self.assertGreater(tables, 1)
            self.assertNotIn("<script>", re.sub(r"^```+\n.*?\n```+$", "", text, flags=re.MULTILINE | re.DOTALL))

    # --- both

    def test_an_output_that_cannot_be_written_is_92_and_the_verdict_stands(self):
        for kind in ("junit", "markdown"):
            run = self.loadgen("run", self.small, "--out", f"{kind}=no/folder/r", "--out", "json=r.json", expect=92)
            self.assertIn("could not write no/folder/r", run.stdout)
            result = self.read_json("r.json")
            self.assertEqual((result["verdict"], result["exit_code"]), ("passed", 92))
            self.assertIn("an output could not be written (exit 92)", run.stdout)

    def test_a_disk_that_fills_in_mid_write_leaves_what_was_there_and_no_half_file(self):
        def little_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that write() says it, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))  # bytes; every output is longer

        for kind in ("json", "csv", "openmetrics", "junit", "markdown", "inputs"):
            with self.subTest(kind):
                self.write("old", "what was there")
                command = [harness.program(), "run", self.small, "--out", f"{kind}=old", "--out", f"{kind}=new"]
                run = subprocess.run(command, cwd=self.folder, env=harness.environment(), preexec_fn=little_room,
                                     capture_output=True, text=True, check=False)  # fmt: skip
                self.assertEqual(run.returncode, 92, run.stderr)
                self.assertIn("PASSED", run.stdout)
                self.assertIn("could not write old: File too large", run.stdout)
                self.assertIn("could not write new: File too large", run.stdout)
                self.assertEqual((self.folder / "old").read_text(encoding="utf-8"), "what was there")
                self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["old", "small.yaml"])

    def test_a_file_is_written_once_and_never_over_the_scenario(self):
        for arguments, said in [
            (["--out", "json=r", "--out", "junit=./r"], "would be written twice"),
            (["--out", "json=r", "--save-baseline", "r"], "would be written twice"),
            (["--out", f"json={self.small}"], "is the file that SCENARIO is read from"),
            (["--out", "json=-"], "/dev/stdout"),
            (["--baseline", "b", "--out", "json=./b"], "is the file that --baseline is read from"),
            (["--clock", "real", "--token-key", "k", "--save-baseline", "k"], "is the file that --token-key is read from"),
        ]:
            with self.subTest(said):
                self.assertIn(said, self.loadgen("run", self.small, *arguments, expect=2).stderr)

    def test_the_same_run_gives_the_same_files_but_for_its_time(self):
        first = self.markdown()
        self.assertEqual(first, self.markdown())


if __name__ == "__main__":
    harness.main()
