"""gate.py LOADGEN NAME: scenario NAME passes and sends exactly the bytes of its committed baseline, no more and no fewer.

gate.py LOADGEN --self-test: the gate refuses one byte more, one byte fewer, another message count, and no baseline.

A change that is meant: tests/simulation/renew_baselines.py LOADGEN [NAME...], and commit the difference with its reason."""

import json
import pathlib
import subprocess
import sys
import tempfile

import harness

BASELINES = harness.ROOT / "tests/golden/baselines"


def renewal(name):
    return f"python3 tests/simulation/renew_baselines.py {sys.argv[1]} {name}"


def what_differs(name, baseline):
    """Sentences; none when the run sends what the baseline says."""
    if not baseline.is_file():
        return [f"there is no {baseline}"]
    with tempfile.TemporaryDirectory() as folder:
        written = pathlib.Path(folder) / "result.json"
        command = [harness.program(), "run", f"scenarios/{name}.yaml", "--quiet"]
        command += ["--baseline", str(baseline), "--out", f"json={written}"]
        run = subprocess.run(command, cwd=harness.ROOT, capture_output=True, text=True, check=False)
        if not written.is_file():
            return [f"exit code {run.returncode} and no result: {run.stderr}"]
        result = json.loads(written.read_text(encoding="utf-8"))
    comparison = result["baseline"]
    problems = [f"{each['metric']} {each['expression']}: {each['state']}, {each['value']}"
                for each in result["thresholds"] if each["state"] in ("failed", "no_data")]  # fmt: skip
    problems += [comparison["problem"]] if "problem" in comparison else []
    problems += [
        f"{each['direction']} {each['name']}: {each['bytes']} bytes, was {each['bytes_before']}"
        + ("; another number of messages" if each["bytes"] == each["bytes_before"] else "")
        for each in comparison["changes"]
    ]
    if not problems and (run.returncode != 0 or comparison["state"] != "same"):
        problems = [f"exit code {run.returncode}, {result['verdict']}: {comparison['state']}"]
    return problems


def bent(name, change):
    """The committed baseline with `change` made to its downstream totals."""
    baseline = json.loads((BASELINES / f"{name}.json").read_text(encoding="utf-8"))
    change(baseline["bytes"]["downstream"])
    return json.dumps(baseline)


def add_bytes(count):
    def change(direction):
        direction["by_message"]["state_update"]["bytes"] += count
        direction["by_layer"]["payload"] += count
        direction["total"] += count

    return change


def add_message(direction):
    direction["by_message"]["state_update"]["count"] += 1


def self_test():
    name = "smoke"
    cases = [
        ("as committed", lambda direction: None, None),
        ("one byte grown", add_bytes(-1), "downstream state_update"),
        ("one byte shrunk", add_bytes(+1), "downstream state_update"),
        ("another number of messages", add_message, "another number of messages"),
    ]
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "baseline.json"
        for what, change, expected in cases:
            file.write_text(bent(name, change), encoding="utf-8")
            found = " / ".join(what_differs(name, file))
            if (expected is None and found) or (expected is not None and expected not in found):
                failed.append(f"{what}: expected {expected}, found: {found or 'nothing'}")
        if not what_differs(name, pathlib.Path(folder) / "missing.json"):
            failed.append("a baseline that is missing passes")
    return failed


def main():
    name = sys.argv[2]
    problems = self_test() if name == "--self-test" else what_differs(name, BASELINES / f"{name}.json")
    for problem in problems:
        print(problem)
    if problems and name != "--self-test":
        print(f"If that is meant, renew the baseline and commit it:\n  {renewal(name)}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
