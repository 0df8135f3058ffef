"""What promtool has to say: of a live scrape, of the rules, of the configuration that is shipped.

    promtool_test.py LOADGEN"""

import json
import pathlib
import subprocess
import sys
import tempfile

import grafana_test
import prometheus
import yaml


def checked(what, done):
    assert done.returncode == 0 and not (done.stdout + done.stderr).count("error"), f"{what}:\n{done.stdout}{done.stderr}"
    print(f"{what}: passed")


def check_compose():
    """docker-compose reads the file and resolves it, which needs no engine; what it names must be there."""

    def config(text):
        command = ["docker-compose", "-f", "-", "config"]
        return subprocess.run(command, cwd=grafana_test.GRAFANA, input=text, capture_output=True, text=True, check=False)

    file = grafana_test.GRAFANA / "docker-compose.yml"
    good = config(file.read_text(encoding="utf-8"))
    checked("docker-compose.yml", good)
    assert config(file.read_text(encoding="utf-8").replace("command:", "comand:")).returncode != 0, "it takes anything"
    services = yaml.safe_load(good.stdout)["services"]
    assert set(services) == {"server", "players", "prometheus", "grafana"}, services
    for name, service in services.items():
        for volume in service.get("volumes", []):
            assert pathlib.Path(volume["source"] if isinstance(volume, dict) else volume.split(":")[0]).exists(), (name, volume)
        for port in service.get("ports", []):
            assert (port["host_ip"] if isinstance(port, dict) else port.split(":")[0]) == "127.0.0.1", (name, port)
    assert (prometheus.ROOT / "grafana/Dockerfile").exists()


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "monitored.yaml").write_text(grafana_test.SCENARIO, encoding="utf-8")
        with prometheus.Loadgen(program, folder, "monitored.yaml", "--prometheus", "127.0.0.1:0") as run:
            checked("metrics", prometheus.promtool("check", "metrics", input=prometheus.get(run.url)))
        bad = prometheus.promtool("check", "metrics", input="# TYPE netrigBad counter\nnetrigBad 1\n")
        assert bad.returncode != 0, "promtool takes anything"
    config = grafana_test.GRAFANA / "prometheus"
    checked("rules", prometheus.promtool("test", "rules", "netrig.rules.test.yml", cwd=config))
    for name in ("prometheus.yml", "local.yml"):
        checked(name, prometheus.promtool("check", "config", name, cwd=config))
    check_compose()
    subprocess.run([sys.executable, grafana_test.GRAFANA / "make_dashboards.py", "--check"], check=True)
    for name, board in grafana_test.dashboards():
        assert json.loads(json.dumps(board))["uid"].startswith("netrig-"), name


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
