"""same_digest.py LOADGEN: clang++ -O0 gives the digests of the optimised g++ build, for the events and for the world.

Builds the other loadgen in build/clang. Anything between the two that is not the same to the bit shows here."""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OTHER = ROOT / "build/clang/loadgen/loadgen"
RUNS = [["scenarios/smoke.yaml"], ["scenarios/32players.yaml", "--duration", "10s"], ["scenarios/satellite_5s.yaml"],
        ["scenarios/32players_tcp.yaml", "--duration", "10s"]]


def digests(program, arguments):
    """The digests of one run. Its verdict is another test's affair, but it has to reach one."""
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "result.json"
        command = [str(program), "run", *arguments, "--quiet", "--out", f"json={result}"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if run.returncode not in (0, 99) or not result.is_file():
            sys.exit(f"{' '.join(command)}\nexit code {run.returncode}\n{run.stdout}{run.stderr}")
        written = json.loads(result.read_text(encoding="utf-8"))
        return written["digest"], written["results"]["world_digest"]


def main():
    for arguments in RUNS:
        if not (ROOT / arguments[0]).is_file():
            sys.exit(f"there is no {arguments[0]}")
    subprocess.run([ROOT / "tests/checks/nested_build.sh", "clang", "loadgen"], check=True)
    different = 0
    for arguments in RUNS:
        gcc, clang = digests(sys.argv[1], arguments), digests(OTHER, arguments)
        print(f"{' '.join(arguments)}: g++ {gcc}, clang++ {clang}")
        if gcc != clang or not all(gcc):
            different += 1
            print(f"  the digests differ; find the first diverging event with: loadgen verify {' '.join(arguments)}")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
