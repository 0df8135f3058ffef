"""renew_baselines.py LOADGEN [NAME...]: writes the baselines that the gate compares with, of all scenarios or of those
named, and removes the baselines of scenarios that are gone."""

import subprocess
import sys

import gate
import harness


def main():
    names = {scenario.stem for scenario in harness.SCENARIOS.glob("*.yaml")}
    gate.BASELINES.mkdir(parents=True, exist_ok=True)
    for file in gate.BASELINES.glob("*.json"):
        if file.stem not in names:
            print(f"removed {file.relative_to(harness.ROOT)}: there is no such scenario")
            file.unlink()
    for name in sorted(sys.argv[2:] or names):
        file = gate.BASELINES / f"{name}.json"
        before = file.read_bytes() if file.is_file() else b""
        command = [harness.program(), "run", f"scenarios/{name}.yaml", "--quiet", "--save-baseline", str(file)]
        run = subprocess.run(command, cwd=harness.ROOT, check=False)
        if run.returncode != 0:
            sys.exit(f"{' '.join(command)}\nexit code {run.returncode}: a run that fails is no baseline")
        print(f"{file.relative_to(harness.ROOT)}: {'the same' if file.read_bytes() == before else 'written'}")


if __name__ == "__main__":
    main()
