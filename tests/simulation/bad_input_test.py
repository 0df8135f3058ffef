"""Whatever stands where a scenario should be: exit code 104, a message with its place, never a crash."""

import re

import harness

PLACE = re.compile(r"^(?P<file>[^:\n]+):(?P<line>[1-9]\d*):(?P<column>[1-9]\d*): (?P<message>\S.*)$", re.MULTILINE)
ALIAS_BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


def small(old="", new=""):
    """The small scenario with one thing replaced."""
    assert old in harness.SMALL, old
    return harness.SMALL.replace(old, new, 1) if old else harness.SMALL + new


# what it is: (content, line or None for any, what the message says)
CASES = {
    "empty": ("", 1, "empty"),
    "blank": ("\n\n  \n", None, ""),
    "only a comment": ("# nothing\n", None, ""),
    "null": ("null\n", None, ""),
    "a list": ("- netrig: 1\n", None, ""),
    "a word": ("hello\n", None, ""),
    "binary": (bytes(range(256)) * 16, None, ""),
    "zeros": (bytes(4096), None, ""),
    "not UTF-8": (small("name: small", "name: sm\xe4ll").encode("latin-1"), None, "UTF-8"),
    "not YAML": ("netrig: [1, 2\nname: {\n", None, ""),
    "two documents": (small() + "---\n" + small(), None, "document"),
    "duplicate key": (small(new="duration: 3s\n"), 11, "duration"),
    "duplicate key inside": (small("{rtt: 40ms}", "{rtt: 40ms, rtt: 50ms}"), 10, "rtt"),
    "alias bomb": (ALIAS_BOMB + small(), None, ""),
    "deep nesting": ("world: " + "[" * 100_000 + "]" * 100_000 + "\n", None, ""),
    "deep nesting that never ends": ("{a: " * 50_000, None, ""),
    "two mebibytes": (small() + "#" * (2 * 1024 * 1024) + "\n", 1, "1048576 bytes"),
    "overflowed number": (small("count: 2", "count: 99999999999999999999"), 9, "count"),
    "overflowed duration": (small("2s", "99999999999999999999s"), 3, "duration"),
    "negative number": (small("count: 2", "count: -2"), 9, "count"),
    "no unit": (small("2s", "2"), 3, "unit"),
    "unknown unit": (small("2s", "2 fortnights"), 3, ""),
    "wrong type": (small("count: 2", "count: [2]"), 9, "count"),
    "out of range": (small("duration: 2s", "duration: 25h"), 3, "24h"),
    "misspelt key": (small("duration", "duratoin"), 3, 'did you mean "duration"?'),
    "misspelt value": (small("avatars: from_start", "avatars: from_strat"), 6, 'did you mean "from_start"?'),
    "misspelt metric": (small(new='thresholds: {rtt_second: "max<1"}\n'), 11, 'did you mean "rtt_seconds"?'),
    "threshold out of grammar": (small(new='thresholds: {rtt_seconds: "p95<1"}\n'), 11, ""),
    "no stream model": (small("stream: {congestion: ideal}\n", ""), None, "stream"),
    "more clients than seats": (small("count: 2", "count: 3"), None, "players_max"),
    "only thresholds that never apply": (small(new='thresholds: {tick_overruns_total: "count==0"}\n'), None, "none of the"),
    "another version": (small("netrig: 1", "netrig: 2"), 1, "netrig"),
    "variable that is not set": (small("2s", "${NOT_SET_ANYWHERE}"), 3, "NOT_SET_ANYWHERE"),
}


class BadInput(harness.LoadgenTest):
    def places(self, run, file):
        found = [match.groupdict() for match in PLACE.finditer(run.stderr)]
        self.assertTrue(found, run.stderr)
        for each in found:
            self.assertEqual(each["file"], file)
        return found

    def test_each_is_104_with_file_line_and_column(self):
        for what, (content, line, said) in CASES.items():
            with self.subTest(what):
                file = self.write("bad.yaml", content)
                run = self.loadgen("run", file, "--out", "json=r.json", expect=104)
                self.assertEqual(run.stdout, "")
                found = self.places(run, file)
                self.assertIn(said, run.stderr)
                if line is not None:
                    self.assertIn(line, [int(each["line"]) for each in found], run.stderr)
                self.assertLess(len(run.stderr), 10_000)
                self.assertFalse((self.folder / "r.json").exists())

    def test_caret_stands_under_the_mistake(self):
        file = self.write("bad.yaml", small("duration: 2s", "duration: 25h"))
        lines = self.loadgen("run", file, expect=104).stderr.splitlines()
        column = int(PLACE.match(lines[0])["column"])
        self.assertEqual(lines[1], "  duration: 25h")
        self.assertEqual(lines[2], "  " + " " * (column - 1) + "^")

    def test_all_mistakes_are_told_at_once(self):
        content = small("duration: 2s", "duratoin: 2s").replace("count: 2", "count: two").replace("40ms", "40")
        found = self.places(self.loadgen("run", self.write("bad.yaml", content), expect=104), "bad.yaml")
        self.assertLessEqual({3, 9, 10}, {int(each["line"]) for each in found})

    def test_what_is_no_readable_file_is_104(self):
        (self.folder / "folder").mkdir()
        for path in ("missing.yaml", "folder", ".", "/dev/null", "no/such/folder/a.yaml"):
            with self.subTest(path):
                self.places(self.loadgen("run", path, expect=104), path)

    def test_every_command_that_reads_a_scenario_says_the_same(self):
        file = self.write("bad.yaml", small("duration", "duratoin"))
        said = {self.loadgen(command, file, expect=104).stderr for command in ("run", "verify", "inspect", "validate")}
        self.assertEqual(len(said), 1, said)

    def test_validate_reads_every_file_and_writes_json(self):
        good, bad = self.write("good.yaml", small()), self.write("bad.yaml", small("2s", "2"))
        run = self.loadgen("validate", good, bad, "missing.yaml", expect=104)
        self.assertIn("good.yaml: valid: small, 2 clients, 2 s", run.stdout)
        self.assertIn("bad.yaml:3:", run.stderr)
        self.assertIn("missing.yaml:1:1:", run.stderr)
        self.loadgen("validate", "--json", good, bad, expect=104)

    def test_override_that_is_wrong_is_104_and_named(self):
        file = self.write("small.yaml", small())
        for override, said in [
            ("duration=forever", "duration"),
            ("server.tick_rte=20Hz", 'did you mean "tick_rate"?'),
            ("clients.nobody.count=1", "nobody"),
            ("clients.99.count=1", "99"),
            ("a" * 10_000 + "=1", "aaa"),
            ("seed=99999999999999999999", "seed"),
            ("duration={a: [}", "duration"),
        ]:
            with self.subTest(override[:40]):
                self.assertIn(said, self.loadgen("run", file, "--set", override, expect=104).stderr)

    def test_a_flag_with_a_wrong_value_is_2_and_named(self):
        file = self.write("small.yaml", small())
        for arguments in (["--seed", "-1"], ["--duration", "10"], ["--transport", "pigeon"]):
            with self.subTest(" ".join(arguments)):
                self.assertIn(arguments[0], self.loadgen("run", file, *arguments, expect=2).stderr)


if __name__ == "__main__":
    harness.main()
