"""What bash and fish offer for a line, by the scripts themselves; that zsh loads its own; that all know the same."""

import re
import shutil
import subprocess
import tempfile
import unittest

import harness

ASK = r"""
set -u
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=$3
"$(complete -p "$4" | sed 's/.*-F \([^ ]*\).*/\1/')" "$4" x x
printf '%s\n' "${COMPREPLY[@]}"
"""
BASH_BREAKS = " \t\n\"'><=;|&(:"


class Completion(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.name = harness.program().rsplit("/", 1)[-1]
        self.script = self.write("completion.bash", self.loadgen("completion", "bash").stdout)
        for name in ("one.yaml", "two.yml", "notes.txt"):
            self.write(name, "")
        (self.folder / "folder").mkdir()

    def offered(self, line, breaks=BASH_BREAKS):
        done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", self.script, f"{self.name} {line}", breaks, self.name],
                              cwd=self.folder, capture_output=True, text=True, check=True)  # fmt: skip
        self.assertEqual(done.stderr, "")
        return sorted(word for word in done.stdout.splitlines() if word)

    def commands(self):
        text = self.loadgen("--help").stdout
        return sorted(re.findall(r"^  (\w[\w-]*)  ", text[text.index("Subcommands:"):], re.MULTILINE))

    def flags(self, command):
        return sorted(set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*)(?= |$|,)", self.loadgen(command, "--help").stdout, re.MULTILINE)))

    def test_commands(self):
        self.assertEqual(self.offered(""), self.commands())
        self.assertEqual(self.offered("val"), ["validate"])
        self.assertEqual(self.offered("--ver"), ["--version"])

    def test_the_flags_of_each_command_are_those_of_its_help(self):
        for command in self.commands():
            offered = self.offered(f"{command} --")
            self.assertIn("--help", offered)
            for flag in self.flags(command):
                self.assertIn(flag, offered, command)
        self.assertIn("--seeds", self.offered("run --"))
        self.assertNotIn("--seeds", self.offered("validate --"))

    def test_words_of_a_list(self):
        self.assertEqual(self.offered("run one.yaml --log "), ["json", "text"])
        self.assertEqual(self.offered("run one.yaml --log=j"), ["json"])
        self.assertEqual(self.offered("run one.yaml --log=j", breaks=" \t\n"), ["--log=json"])
        self.assertEqual(self.offered("run --clock "), ["real", "virtual"])
        self.assertEqual(self.offered("completion "), ["bash", "fish", "zsh"])
        self.assertEqual(self.offered("new x.yaml --from m"), ["minimal"])
        self.assertIn("rtt_seconds.p95=", self.offered("compare a b --tolerance rtt_s"))

    def test_scenarios_are_yaml_files_and_folders(self):
        for command in ("run", "validate", "inspect", "verify"):
            self.assertEqual(self.offered(f"{command} "), ["folder/", "one.yaml", "two.yml"])
        self.assertEqual(self.offered("validate one.yaml t"), ["two.yml"])

    def test_files(self):
        self.assertEqual(self.offered("run one.yaml --baseline n"), ["notes.txt"])
        self.assertEqual(self.offered("compare n"), ["notes.txt"])

    def test_kinds_of_output_and_their_files(self):
        self.assertEqual(self.offered("run one.yaml --out "), ["csv=", "inputs=", "json=", "junit=", "markdown=", "openmetrics="])
        self.assertEqual(self.offered("run one.yaml --out json=n"), ["notes.txt"])
        self.assertEqual(self.offered("run one.yaml --out json=n", breaks=" \t\n"), ["json=notes.txt"])

    def test_keys_of_a_scenario_and_their_words(self):
        self.assertEqual(self.offered("run one.yaml --set server.tick_r"), ["server.tick_rate="])
        self.assertEqual(self.offered("run one.yaml --set phase="), ["random", "zero"])
        self.assertEqual(self.offered("run one.yaml --set phase=z", breaks=" \t\n"), ["phase=zero"])
        self.assertIn("clients.0.link.rtt.from=", self.offered("run one.yaml --set clients.0.link.rtt"))
        self.assertIn("thresholds.rtt_seconds=", self.offered("run one.yaml --set thresholds.rtt"))

    def test_the_keys_and_behaviours_are_those_of_the_programs_own_games(self):
        world = [word for word in self.offered("run one.yaml --set world.") if not word.startswith("world.game=")]
        behaviours = self.offered("run one.yaml --set clients.0.behaviour=")
        if self.name == "duel_loadgen":
            self.assertEqual(world, ["world.dummies="])
            self.assertEqual([word for word in behaviours if word], ["duellist", "guard", "idle", "replay", "scripted"])
        else:
            self.assertEqual(world, ["world.height=", "world.npcs=", "world.pickups=", "world.width="])
            self.assertEqual([word for word in behaviours if word], ["fight", "idle", "replay", "scripted", "wander"])

    def test_after_a_flag_whose_value_is_free_nothing_is_offered(self):
        self.assertEqual(self.offered("run one.yaml --seed "), [])
        self.assertEqual(self.offered("run one.yaml --duration "), [])

    def shell(self, name, *arguments):
        """What a script says to one of the other shells, which are installed for the slow tests."""
        program = shutil.which(name)
        if program is None:
            raise unittest.SkipTest(f"{name} is not installed")
        with tempfile.TemporaryDirectory() as home:  # elsewhere: a shell makes folders in it
            environment = harness.environment() | {"HOME": home, "XDG_CONFIG_HOME": home}
            done = subprocess.run([program, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def offered_by_fish(self, line):
        said = self.shell("fish", "--no-config", "-c", f"source completion.fish; complete -C '{self.name} {line}'")
        return sorted({word.partition("\t")[0] for word in said.splitlines()})

    def test_fish_offers_commands_flags_words_and_scenarios(self):
        self.write("completion.fish", self.loadgen("completion", "fish").stdout)
        self.assertEqual(self.offered_by_fish(""), self.commands())
        for command in ("run", "validate", "compare", "fit-link"):
            self.assertEqual([flag for flag in self.flags(command) if flag not in self.offered_by_fish(f"{command} --")], [])
        self.assertNotIn("--seeds", self.offered_by_fish("validate --"))
        self.assertEqual(self.offered_by_fish("run --log "), ["json", "text"])
        self.assertLessEqual({"phase=random", "phase=zero"}, set(self.offered_by_fish("run --set phase=")))
        self.assertEqual(self.offered_by_fish("run "), ["folder/", "one.yaml", "two.yml"])

    def test_zsh_loads_its_script_and_completes_the_program_with_it(self):
        self.write("completion.zsh", self.loadgen("completion", "zsh").stdout)
        self.assertEqual(self.shell("zsh", "-n", "completion.zsh"), "")
        load = f"autoload -Uz compinit && compinit -u -d dump && source completion.zsh && print $_comps[{self.name}] $+functions[_{self.name}]"
        self.assertEqual(self.shell("zsh", "-f", "-c", load).split(), [f"_{self.name}", "1"])

    def test_every_shell_knows_every_command_and_flag(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.loadgen("completion", shell).stdout
            for command in self.commands():
                self.assertIn(command, script)
                for flag in self.flags(command):
                    self.assertRegex(script, flag if shell != "fish" else f"-l {flag[2:]}(?= )", f"{shell} {command}")
        self.loadgen("completion", "tcsh", expect=2)


if __name__ == "__main__":
    harness.main()
