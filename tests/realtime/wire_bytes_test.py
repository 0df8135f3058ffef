"""Wire bytes as the model counts them, against what a kernel's interface counted of the same run in real time.

Runs in a network namespace of its own (in_namespace.sh), whose loopback is made like an Ethernet: 1,500 B, no offloads, no
TCP options. The bounds, for all bytes of both directions, from IP headers on:

    udp   the model's, within 5 %: what joining and parting cost stands outside the measured window
    tcp   the model's, within 5 %, and 40 B for each segment without payload: acknowledgements, of which the model
          counts none as wire bytes"""

import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "simulation"))

import harness  # noqa: E402

ETHERNET_BYTES = 14  # that loopback counts with each packet
SCENARIO = """\
netrig: 1
name: wire
duration: 4s
transport: tcp
stream: {congestion: ideal}
server: {players_max: 8, avatars: from_start}
world: {npcs: 24}
clients:
  - name: players
    count: 8
    behaviour: {wander: 100%}
thresholds:
  generator_lateness_seconds: "p(99)<2"
  states_skipped_total: "count==0"
"""


def interface():
    """Packets that passed, and their bytes from the IP header on."""
    numbers = re.search(r"lo:(.*)", pathlib.Path("/proc/net/dev").read_text())[1].split()
    return int(numbers[9]), int(numbers[8]) - ETHERNET_BYTES * int(numbers[9])


def counter(file, group, name):
    lines = [line.split() for line in pathlib.Path(file).read_text().splitlines() if line.startswith(f"{group}:")]
    return int(dict(zip(lines[0], lines[1], strict=True))[name])


class WireBytes(harness.LoadgenTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run(["ip", "link", "set", "lo", "mtu", "1500", "gso_max_segs", "1"], check=True)
        pathlib.Path("/proc/sys/net/ipv4/tcp_timestamps").write_text("0")

    def run_counted(self, transport):
        scenario = self.write("wire.yaml", SCENARIO)
        before = (*interface(), self.pure_acks())
        result = self.result(scenario, "--clock", "real", "--transport", transport)
        time.sleep(0.2)  # the last goodbyes
        packets, wire, acks = (now - then for now, then in zip((*interface(), self.pure_acks()), before, strict=True))
        model = sum(sum(result["results"]["bytes"][way]["by_layer"].values()) for way in ("downstream", "upstream"))
        return packets, wire, acks, model

    @staticmethod
    def pure_acks():
        return counter("/proc/net/netstat", "TcpExt", "TCPPureAcks")

    def test_datagrams_cost_what_the_model_says(self):
        packets, wire, _, model = self.run_counted("udp")
        self.assertGreater(packets, 8 * 4 * 20)
        self.assertAlmostEqual(wire / model, 1, delta=0.05)

    def test_segments_cost_what_the_model_says_and_acknowledgements_besides(self):
        packets, wire, acks, model = self.run_counted("tcp")
        self.assertGreater(packets, 8 * 4 * 20)
        self.assertGreater(acks, 0)
        self.assertAlmostEqual((wire - 40 * acks) / model, 1, delta=0.05)
        self.assertLess(wire / model, 1.12)  # acknowledgements and all


if __name__ == "__main__":
    harness.main()
