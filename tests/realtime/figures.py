"""What real sockets cost: a server and a load generator, each in a process of its own, over loopback.

    tests/realtime/figures.py LOADGEN [--duration 10s] [--set PATH=VALUE]... [NAME...]

prints a line for each scenario of tests/realtime/figures: processor time of both by getrusage, updates sent and lost, the
load generator's lateness, memory for each client. Exits 1 when states were lost, or more than --lost-max. Processor time and lateness are what
this machine does just now; they are told, and held to nothing."""

import argparse
import contextlib
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent / "figures"
NAMES = ["32x32", "128x32", "32x128", "1000x32", "1000x8_udp"]
SECONDS_MAX = 120


class Child:
    """A process whose use of the machine is known when it has ended."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, text=True, **options)
        self.usage = None

    def wait(self):
        _, status, self.usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return self.process.returncode

    def cpu_seconds(self):
        return self.usage.ru_utime + self.usage.ru_stime

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(r"VmRSS:\s*([0-9]+) kB", status)[1])


def started_server(loadgen, scenario, transport, settings):
    server = Child([loadgen, "serve", scenario, "--listen", f"{transport}://127.0.0.1:0", *settings],
                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
    return server, server.process.stdout.readline().split()[-1]


def measured(loadgen, name, duration, settings):
    scenario = str(FOLDER / f"{name}.yaml")
    settings = [each for setting in settings for each in ("--set", setting)]
    transport = "udp" if name.endswith("_udp") else "tcp"
    server, url = started_server(loadgen, scenario, transport, settings)
    try:
        empty = server.rss_bytes()
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "result.json"
            command = [loadgen, "run", scenario, "--target", url, "--duration", duration, "--out", f"json={out}", *settings]
            run = Child(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            said = run.process.stderr.read()
            run.process.stderr.close()
            if run.wait() not in (0, 99):  # 99: late, which is told below
                raise SystemExit(f"{name}: the run ended with {run.process.returncode}\n{said}")
            result = json.loads(out.read_text())
        full = server.rss_bytes()
        server.process.send_signal(signal.SIGTERM)
        report = server.process.stdout.read()
        server.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.process.kill()
        server.process.stdout.close()
    return figures_of(name, server, run, result, report, full - empty)


def number(pattern, report):
    return int(re.search(pattern, report)[1].replace(",", ""))


def figures_of(name, server, run, result, report, server_growth):
    clients = result["scenario"]["clients"]
    messages = result["results"]["bytes"]["downstream"]["by_message"]
    seconds = result["results"]["series"]["seconds"]
    states = messages.get("state_header", {"count": 0})["count"]
    refused = number(r"([0-9,]+) states skipped", report) + number(r"([0-9,]+) sends refused", report)
    lateness = result["generator"]["lateness_seconds"]
    # The window cuts off what is under way to each client: a tick, and as many as the load generator is late.
    under_way = 1 + math.ceil(20 * result["metrics"]["state_age_seconds"]["max"])
    due = clients * (int(seconds * 20) - under_way)
    return {
        "name": name,
        "clients": clients,
        "server_cpu_seconds": server.cpu_seconds(),
        "tester_cpu_seconds": run.cpu_seconds(),
        "updates_received": messages.get("state_update", {"count": 0})["count"],
        "states_due": due,
        "states_lost": max(0, due - states) + refused,
        "ticks_skipped": number(r"([0-9,]+) skipped\n", report),
        "lateness_p99_seconds": lateness["p99"] if lateness["count"] else 0,
        "input_to_ack_p50_seconds": result["metrics"].get("input_to_ack_seconds", {}).get("p50", 0),
        "server_bytes_per_client": server_growth // clients,
        "tester_bytes_per_client": result["host"]["rss_bytes_max"] // clients,
    }


def table(rows):
    print("scenario     clients  server CPU  tester CPU    updates  lost  late p99  input to ack p50  server B/client"
          "  tester B/client")  # fmt: skip
    for row in rows:
        print(f"{row['name']:<12} {row['clients']:>7,}  {row['server_cpu_seconds']:>8.2f} s  {row['tester_cpu_seconds']:>8.2f} s"
              f"  {row['updates_received']:>9,}  {row['states_lost']:>4,}  {1e3 * row['lateness_p99_seconds']:>5.2f} ms"
              f"  {1e3 * row['input_to_ack_p50_seconds']:>13.1f} ms  {row['server_bytes_per_client']:>15,}"
              f"  {row['tester_bytes_per_client']:>15,}", flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loadgen")
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME", help="of " + ", ".join(NAMES))
    parser.add_argument("--duration", default="10s")
    parser.add_argument("--lost-max", type=float, default=0, metavar="PERCENT", help="of all states; 0 unless said")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    options = parser.parse_args()
    rows = [measured(options.loadgen, name, options.duration, options.set) for name in options.names]
    table(rows)
    print(f"(both processes beside each other on {os.cpu_count()} processors)")
    return any(row["states_lost"] > options.lost_max / 100 * row["states_due"] or row["ticks_skipped"] for row in rows)


if __name__ == "__main__":
    sys.exit(main())
