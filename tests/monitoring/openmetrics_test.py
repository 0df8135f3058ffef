"""A virtual run's OpenMetrics file, loaded into a real Prometheus, answers the dashboards' queries: all but those on times
of this machine.

    openmetrics_test.py LOADGEN"""

import pathlib
import subprocess
import sys
import tempfile

import grafana_test
import prometheus

EPOCH = 1577836800
SECONDS = 600
OF_THIS_MACHINE = ("netrig_tick_duration_seconds", "netrig_tick_phase_duration_seconds", "netrig_speed_ratio", "netrig:tick_duration", "up{")


def run(program, folder):
    text = grafana_test.SCENARIO.replace("duration: 4h", f"duration: {SECONDS}s").replace("ramp: 3h", "ramp: 20s")
    (folder / "monitored.yaml").write_text(text.replace("at: 10m", "at: 60s"), encoding="utf-8")
    subprocess.run([program, "run", "monitored.yaml", "--quiet", "--out", "openmetrics=run.om"], cwd=folder, check=True)
    made = prometheus.promtool("tsdb", "create-blocks-from", "openmetrics", "run.om", "data", cwd=folder)
    assert made.returncode == 0, made.stdout + made.stderr


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(program, folder)
        unanswered, asked = [], 0
        with prometheus.Server(folder, "global: {}\n", "--storage.tsdb.retention.time=100y") as server:
            for name, board in grafana_test.dashboards():
                for at, expression, _ in grafana_test.expressions(board):
                    if any(word in expression for word in OF_THIS_MACHINE):
                        continue
                    asked += 1
                    result = server.range(expression, EPOCH, EPOCH + SECONDS + 60, 5)
                    if not grafana_test.has_data(result):
                        unanswered.append(f"{name}: {at}: no data\n    {expression}")
            rate = server.range('sum(rate(netrig_ticks_total{instance="monitored/seed-1"}[30s]))', EPOCH + 120, EPOCH + 300, 30)
            values = {round(float(value), 6) for _, value in rate[0]["values"]}
            assert values == {20.0}, values  # 20 Hz, in simulated seconds
    print("\n".join(unanswered) or f"{asked} expressions return data")
    return 1 if unanswered else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
