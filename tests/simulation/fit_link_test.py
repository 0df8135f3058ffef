"""loadgen fit-link: from a ping log to a run over the link that was fitted."""

import random
import re

import harness


def ping_log(round_trips_ms, interval_s=0.2):
    lines = ["PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data."]
    for i, trip in enumerate(round_trips_ms):
        if trip is not None:
            lines.append(f"[{1700000000 + i * interval_s:.6f}] 64 bytes from 192.0.2.1: icmp_seq={(i + 1) % 65536} ttl=57 time={trip:.1f} ms")
    return "\n".join([*lines, "", f"{len(round_trips_ms)} packets transmitted, 1 received"]) + "\n"


class FitLink(harness.LoadgenTest):
    def test_a_run_over_the_fitted_link_takes_what_the_pings_took(self):
        dice = random.Random(1)
        self.write("ping.log", ping_log([dice.uniform(180, 220) if dice.random() < 0.98 else None for _ in range(3000)]))
        fitted = self.loadgen("fit-link", "ping.log", "--out", "line.yaml")
        self.assertIn("3,000 pings", fitted.stdout)
        self.write("small.yaml", harness.SMALL)
        link = ["--set", "clients.players.link={profile: line.yaml}"]
        self.assertIn("profile   line.yaml", self.loadgen("inspect", "small.yaml", *link).stdout)
        network = self.result("small.yaml", *link, "--duration", "60s")["results"]
        rtt = network["latency_seconds"]["rtt"]
        self.assertAlmostEqual(rtt["p50"], 0.2, delta=0.03)  # states in order wait for the late ones
        self.assertAlmostEqual(network["network"]["lost"] / network["network"]["sent"], 0.01, delta=0.005)

    def test_bursts_of_known_length_come_back_in_time_however_often_one_pings(self):
        for interval_s in (0.05, 0.2):
            dice = random.Random(4)
            lost, until, pings, bursts_s = False, 0.0, [], []
            for i in range(200_000):
                while until <= i * interval_s:
                    lost = not lost
                    length_s = dice.expovariate(1 / (0.8 if lost else 19.2))  # 4 % of the time
                    bursts_s += [length_s] if lost else []
                    until += length_s
                pings.append(None if lost else 20.0)
            drawn_ms = 1000 * sum(bursts_s) / len(bursts_s)
            log = ping_log(pings, interval_s)
            self.write("ping.log", log)
            fitted = self.loadgen("fit-link", "ping.log", "--out", "line.yaml")
            burst = re.search(r"burst: (\d+)ms", (self.folder / "line.yaml").read_text(encoding="utf-8"))
            self.assertAlmostEqual(int(burst[1]) / drawn_ms, 1, delta=0.05, msg=f"{interval_s} s")
            self.assertRegex(fitted.stdout, r"# Losses come in bursts of \d+ ms on average")
        self.write("ping.log", re.sub(r"(?m)^\[[\d.]+\] ", "", log))  # without times: in pings, 0.8 s / 0.2 s of them
        self.loadgen("fit-link", "ping.log", "--out", "line.yaml")
        burst = re.search(r"burst: ([\d.]+)}", (self.folder / "line.yaml").read_text(encoding="utf-8"))
        self.assertAlmostEqual(float(burst[1]), 4.5, delta=0.5)

    def test_without_a_file_the_link_goes_to_standard_output(self):
        self.write("ping.log", ping_log([20.0] * 30))
        self.assertTrue(self.loadgen("fit-link", "ping.log").stdout.endswith("link:\n  up:\n    delay: 10ms\n  down:\n    delay: 10ms\n"))

    def test_what_cannot_be_used_is_refused_with_its_line(self):
        self.write("bad.log", ping_log([20.0] * 30).replace("time=20.0 ms", "time=20.0 parsecs", 1))
        self.assertIn("bad.log:2: time=:", self.loadgen("fit-link", "bad.log", expect=104).stderr)
        self.assertIn("none.log: No such file", self.loadgen("fit-link", "none.log", expect=104).stderr)
        self.loadgen("fit-link", expect=2)
        self.loadgen("fit-link", "bad.log", "--out", "", expect=2)
        self.loadgen("fit-link", "bad.log", "--out", "./bad.log", expect=2)
        self.write("small.yaml", harness.SMALL)
        run = self.loadgen("run", "small.yaml", "--set", "clients.players.link={profile: none.yaml}", expect=104)
        self.assertIn("none.yaml: No such file or directory", run.stderr)


if __name__ == "__main__":
    harness.main()
