"""A real Prometheus for the tests: Debian's, from the PATH or from where bin/test --all unpacks it."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNPACKED = ROOT / "build/prometheus/usr/bin"
START_SECONDS_MAX = 120  # of a busy machine


def tool(name):
    found = shutil.which(name) or shutil.which(str(UNPACKED / name))
    if not found:
        raise SystemExit(f"{name} is missing: bin/test --all fetches it")
    return found


def promtool(*arguments, **options):
    return subprocess.run([tool("promtool"), *map(str, arguments)], capture_output=True, text=True, check=False, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


class Server:
    """`with Server(folder, config) as server:` runs one on loopback until the block ends."""

    def __init__(self, folder, config, *arguments):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = pathlib.Path(folder)
        (self.folder / "prometheus.yml").write_text(config, encoding="utf-8")
        self.command = [
            tool("prometheus"),
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=warn",
            *arguments,
        ]

    def __enter__(self):
        self.log = open(self.folder / "prometheus.log", "wb")
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log, cwd=self.folder)
        ends = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < ends and self.process.poll() is None:
            try:
                get(self.url + "/-/ready")
                return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        self.__exit__()
        raise AssertionError("Prometheus did not start:\n" + (self.folder / "prometheus.log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def api(self, path, **parameters):
        """The `data` of an answer; what Prometheus says when it refuses."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            return json.loads(get(url))["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.loads(error.read()).get("error", str(error))) from None

    def range(self, expression, start, end, step):
        return self.api("query_range", query=expression, start=start, end=end, step=step)["result"]


class Loadgen:
    """A run that can be scraped; `url` is where. Ends when the block ends."""

    def __init__(self, program, folder, *arguments):
        self.command = [str(program), "run", *map(str, arguments)]
        self.folder = pathlib.Path(folder)
        self.url = None

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ | {"LC_ALL": "C"}
        )
        for line in self.process.stderr:
            if line.startswith("metrics at "):
                self.url = line.split()[-1]
                return self
        raise AssertionError(f"{' '.join(self.command)} ended with {self.process.wait()}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.stderr.close()
        self.process.wait()
