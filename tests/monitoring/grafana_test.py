"""Every expression of every panel, variable, annotation and rule of grafana/ runs against a real Prometheus that scrapes
a real loadgen, and returns data.

    grafana_test.py LOADGEN             the check
    grafana_test.py LOADGEN --real      the same under the real clock
    grafana_test.py LOADGEN --self-test the same on dashboards that are broken on purpose: it must find each fault"""

import copy
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import prometheus

GRAFANA = prometheus.ROOT / "grafana"
RULES = GRAFANA / "prometheus/netrig.rules.yml"
INTERVAL = "10s"  # for $__rate_interval; the scrapes are 250 ms apart
SECONDS_MAX = 180  # until everything has data; minutes on a busy machine

# Something of everything: loss, doubles, full queues, churn, reconnects; a warm-up long enough to be scraped.
SCENARIO = """\
netrig: 1
name: monitored
duration: 4h
transport: tcp
stream: {congestion: ideal}
measure: {after: all_joined, warm_up_max: 24h}
server: {players_max: 16, tick_rate: 20Hz}
clients:
  - name: near
    count: 4
    link: {rtt: 60ms, jitter: 10ms, loss: 1%}
    join: {ramp: 3h}
    churn: {stay: 60s, away: 5s}
  - name: far
    count: 4
    link: {rtt: 900ms, jitter: 100ms, loss: 3%, rate: 1Mbit/s, queue: 32KiB}
    storm: {at: 10m, every: 60s, share: 50%}
    reconnect: {first: 1s}
"""

# The same in real time: shorter.
REAL_SCENARIO = SCENARIO
for of_hours, of_seconds in (("duration: 4h", "duration: 40s"), ("warm_up_max: 24h", "warm_up_max: 10m"), ("ramp: 3h", "ramp: 8s"),
                             ("stay: 60s, away: 5s", "stay: 8s, away: 2s"), ("at: 10m, every: 60s", "at: 12s, every: 8s")):  # fmt: skip
    assert of_hours in REAL_SCENARIO
    REAL_SCENARIO = REAL_SCENARIO.replace(of_hours, of_seconds)


def dashboards():
    for path in sorted((GRAFANA / "dashboards").glob("*.json")):
        yield path.name, json.loads(path.read_text(encoding="utf-8"))


def filled_in(expression, board):
    """As Grafana would send it with all of everything chosen."""
    values = {"__rate_interval": INTERVAL, "__interval": "1s", "__range": "1m"}
    for variable in board["templating"]["list"]:
        values[variable["name"]] = ".*" if variable["type"] == "query" else variable.get("query", "")
    text = re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match[1], match[0]), expression)
    if "$" in text:
        raise ValueError(f"unknown variable in {expression}")
    return text


def expressions(board):
    """(where it stands, expression, the labels that its legend names)"""
    for panel in board["panels"]:
        for target in panel["targets"]:
            legend = re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"])
            yield f"panel {panel['title']!r} {target['refId']}", filled_in(target["expr"], board), legend
    for annotation in board["annotations"]["list"]:
        yield f"annotation {annotation['name']!r}", filled_in(annotation["expr"], board), []
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            query = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"])
            yield f"variable {variable['name']!r}", filled_in(query[1], board), [query[2]]


LIMITED = ("Downstream per client", "Tick time", "Loss", "The tester's lateness")  # panels of what has a limit


def draws_limit(panel):
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    return len(steps) > 1 or any(target["legendFormat"].startswith("budget") for target in panel["targets"])


def shape_faults(board):
    """What needs no data: ids, places, units, legends, descriptions, limits, annotations and variables."""
    if {each["name"] for each in board["annotations"]["list"]} != {"Run started", "Measuring", "Run ended"}:
        yield "an annotation is missing"
    if not {"job", "instance", "cohort"} <= {each["name"] for each in board["templating"]["list"]}:
        yield "a variable is missing"
    ids = [panel["id"] for panel in board["panels"]]
    if len(set(ids)) != len(ids):
        yield "two panels have one id"
    taken = set()
    for panel in board["panels"]:
        at = f"panel {panel['title']!r}"
        for needed in ("title", "description"):
            if not panel.get(needed):
                yield f"{at} has no {needed}"
        if not panel["fieldConfig"]["defaults"].get("unit"):
            yield f"{at} has no unit"
        if panel["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
            yield f"{at} does not use the variable of the data source"
        if any(not target.get("legendFormat") for target in panel["targets"]):
            yield f"{at} has a series without a legend"
        if panel["title"] in LIMITED and not draws_limit(panel):
            yield f"{at} draws no limit"
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        if place["x"] + place["w"] > 24 or cells & taken:
            yield f"{at} lies over another, or outside"
        taken |= cells


def rules():
    """(where, expression); an alert's that compares is also asked without its threshold, for data it is made from."""
    text = subprocess.run(
        [sys.executable, "-c", "import json,sys,yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"],
        input=RULES.read_text(encoding="utf-8"), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for group in json.loads(text)["groups"]:
        for rule in group["rules"]:
            if "record" in rule:
                yield f"rule {rule['record']}", rule["expr"]
            else:
                yield f"alert {rule['alert']}", re.split(r" (?:>|==) ", rule["expr"])[0]


def has_data(series):
    return any(not math.isnan(float(value)) for each in series for _, value in each["values"])


class Asking:
    """Runs expressions over the time since the start."""

    def __init__(self, server):
        self.server = server
        self.start = time.time()

    def fault(self, expression, labels=()):
        try:
            result = self.server.range(expression, self.start, time.time(), 1)
        except ValueError as error:
            return f"refused: {error}"
        if not has_data(result):
            return "no data"
        missing = [label for label in labels if not any(label in each["metric"] for each in result)]
        return f"no label {missing[0]} for the legend" if missing else None


def faults(asking, boards):
    for name, board in boards:
        for at, expression, labels in expressions(board):
            fault = asking.fault(expression, labels)
            if fault:
                yield f"{name}: {at}: {fault}\n    {expression}"
    for at, expression in rules():
        fault = asking.fault(expression)
        if fault:
            yield f"{RULES.name}: {at}: {fault}\n    {expression}"


def config(url):
    rules_file = GRAFANA / "prometheus/netrig.rules.yml"
    return f"""
global: {{scrape_interval: 250ms, evaluation_interval: 1s}}
rule_files: [{rules_file}]
scrape_configs:
  - job_name: netrig
    static_configs: [{{targets: ["{url.removeprefix('http://').removesuffix('/metrics')}"]}}]
"""


def monitored(program, use, real=False):
    """Calls use(asking, run) while a Prometheus scrapes a run."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "monitored.yaml").write_text(REAL_SCENARIO if real else SCENARIO, encoding="utf-8")
        # Prometheus first: it is to see the warm-up.
        port = prometheus.free_port()
        url = f"http://127.0.0.1:{port}/metrics"
        with prometheus.Server(folder, config(url)) as server:
            asking = Asking(server)
            arguments = ["monitored.yaml", "--prometheus", f"127.0.0.1:{port}", "--prometheus-hold", "10m"]
            arguments += ["--clock", "real"] if real else []
            with prometheus.Loadgen(program, folder, *arguments) as run:
                return use(asking, run)


def until_scraped(asking, count):
    ends = time.monotonic() + SECONDS_MAX
    while time.monotonic() < ends:
        result = asking.server.api("query", query="sum_over_time(up[10m])")["result"]
        if result and float(result[0]["value"][1]) >= count:
            return
        time.sleep(0.5)
    raise AssertionError(f"not {count} scrapes in {SECONDS_MAX} s")


def check(program, real=False):
    boards = list(dashboards())
    found = [f"{name}: {fault}" for name, board in boards for fault in shape_faults(board)]

    def use(asking, _):
        until_scraped(asking, 10)  # the run ends meanwhile or soon, and its endpoint stays
        ends = time.monotonic() + SECONDS_MAX
        while True:
            left = list(faults(asking, boards))
            if not left or time.monotonic() > ends:
                return left
            time.sleep(2)

    found += monitored(program, use, real)
    count = sum(len(list(expressions(board))) for _, board in boards) + len(list(rules()))
    print("\n".join(found) or f"{count} expressions of {len(boards)} dashboards and the rules return data")
    return 1 if found else 0


def self_test(program):
    (name, good), *_ = dashboards()

    def broken(change):
        board = copy.deepcopy(good)
        change(board["panels"][0])
        return board

    cases = {
        "no data": lambda panel: panel["targets"][0].update(expr="sum(netrig_no_such_metric)"),
        "refused": lambda panel: panel["targets"][0].update(expr="sum(netrig_ticks_total"),
        "no label nonsense": lambda panel: panel["targets"][0].update(expr="netrig_run_seconds_total", legendFormat="{{nonsense}}"),
    }
    for needed, change in (("no unit", lambda panel: panel["fieldConfig"]["defaults"].pop("unit")),
                           ("no description", lambda panel: panel.pop("description")),
                           ("lies over", lambda panel: panel["gridPos"].update(w=25))):  # fmt: skip
        assert any(needed in fault for fault in shape_faults(broken(change))), needed
    assert not list(shape_faults(good))
    for needed, part, name_of in (("annotation is missing", "annotations", "Run ended"), ("variable is missing", "templating", "cohort")):
        board = copy.deepcopy(good)
        board[part]["list"] = [each for each in board[part]["list"] if each["name"] != name_of]
        assert any(needed in fault for fault in shape_faults(board)), needed
    board = copy.deepcopy(good)
    for panel in board["panels"]:
        panel["targets"] = [target for target in panel["targets"] if not target["legendFormat"].startswith("budget")]
        panel["fieldConfig"]["defaults"].pop("thresholds", None)
    assert any("draws no limit" in fault for fault in shape_faults(board))

    def use(asking, _):
        until_scraped(asking, 4)
        for needed, change in cases.items():
            found = [fault for fault in faults(asking, [(name, broken(change))]) if "panel" in fault and " A: " in fault]
            first = [fault for fault in found if good["panels"][0]["title"] in fault]
            assert first and needed in first[0], (needed, found)
        print(f"finds all {len(cases) + 6} faults")
        return 0

    return monitored(program, use)


if __name__ == "__main__":
    program_path = pathlib.Path(sys.argv[1]).resolve()
    sys.exit(self_test(program_path) if "--self-test" in sys.argv else check(program_path, "--real" in sys.argv))
