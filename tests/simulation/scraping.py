"""Runs that are scraped, for tests."""

import re
import signal
import subprocess
import urllib.request

import harness


def page(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def samples(text):
    """{series: value}"""
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


class ScrapedTest(harness.LoadgenTest):
    def scraped(self, *words, address="127.0.0.1:0"):
        """`loadgen WORDS`, once its endpoint is there: the process, and where."""
        process = subprocess.Popen(
            [harness.program(), *words, "--prometheus", address],
            cwd=self.folder, env=harness.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        line = process.stderr.readline()
        self.assertRegex(line, r"^metrics at http://\S+/metrics\n$")
        return process, line.split()[-1]

    def until_held(self, process):
        for line in process.stderr:
            if line.startswith("holding "):
                return
        self.fail("it does not hold")

    def end(self, process, expect=0):
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=harness.SECONDS_MAX)
        self.assertEqual(process.returncode, expect)
        return out
