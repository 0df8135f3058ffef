"""What the tests of the program share: running it, a scenario small enough to bend, and reading what it wrote.

Each test is `python3 TEST.py LOADGEN`. A failure of one repeats with: python3 TEST.py LOADGEN Class.test_name"""

import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
HAS_WEBSOCKET = os.environ.get("NETRIG_WEBSOCKET", "ON") == "ON"  # of the build that is tested
SECONDS_MAX = 100  # a run of seconds that takes longer hangs

# Two clients, two seconds. What a test appends stands at the top level.
SMALL = """\
netrig: 1
name: small
duration: 2s
transport: tcp
stream: {congestion: ideal}
server: {players_max: 2, avatars: from_start}
clients:
  - name: players
    count: 2
    link: {rtt: 40ms}
"""


def program():
    return str(pathlib.Path(sys.argv[1]).resolve())


def environment(**more):
    """This process's, without what changes how a report looks."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "LANG", "LC_CTYPE", "COLUMNS")}
    return kept | {"LC_ALL": "C"} | more


class LoadgenTest(unittest.TestCase):
    """Works in a folder of its own, where the program runs too."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def open_terminal(self):
        """Both ends of a pseudo-terminal. Skips the test where there are none."""
        try:
            return pty.openpty()
        except OSError as error:
            self.skipTest(f"no pseudo-terminal: {error} (a chroot without /dev/pts?)")

    def write(self, name, content):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def read_json(self, name):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def loadgen(self, *arguments, expect=0, **options):
        """Runs it to its end, and checks that the exit code is `expect`, or one of them."""
        command = [program(), *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=options.pop("cwd", self.folder),
            env=options.pop("env", environment()),
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
            **options,
        )
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        said = f"{' '.join(command)}\nstdout:\n{done.stdout}\nstderr:\n{done.stderr}"
        self.assertIn(done.returncode, expect if isinstance(expect, tuple) else (expect,), said)
        return done

    def result(self, *arguments, expect=0, **options):
        """The JSON result of `run`."""
        self.loadgen("run", *arguments, "--quiet", "--out", "json=result.json", expect=expect, **options)
        return self.read_json("result.json")


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
