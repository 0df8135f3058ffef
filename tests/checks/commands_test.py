"""bin/loadgen and bin/test, on a copy of bin/ and with stand-ins for apt-get, dpkg-query, cmake, ninja and ctest.

Each stand-in notes its call in a log. What is seen here is what the commands decide; that the real tools then do their
work is seen in every run of the tests."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

BIN = pathlib.Path(__file__).resolve().parents[2] / "bin"
RUN_PACKAGES = (
    "g++ cmake ninja-build pkg-config libboost1.81-dev libyaml-cpp-dev libcli11-dev libfmt-dev libxxhash-dev "
    "nlohmann-json3-dev"
)
STAND_INS = {
    "dpkg-query": """
        shift 2
        for package; do
          case " $(cat "$STATE/missing") " in
            *" $package "*) echo "dpkg-query: no packages found matching $package" >&2; code=1 ;;
            *) echo "$package installed" ;;
          esac
        done
        exit ${code:-0}""",
    "apt-get": """
        case "$*" in
          *download*) : >prometheus_2.42_amd64.deb; exit ;;
          *update*) exit "$(cat "$STATE/update_code" 2>/dev/null || echo 0)" ;;
        esac
        if [ -f "$STATE/apt_error" ]; then cat "$STATE/apt_error"; exit 100; fi
        echo '0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.'
        echo 'Get:1 http://debian.example/debian bookworm/main amd64 g++ amd64 4:12.2.0-3 [1356 B]'
        echo 'Setting up g++ (4:12.2.0-3) ...'
        echo 'Setting up cmake (3.25.1-1) ...'
        : >"$STATE/missing" """,
    "dpkg-deb": 'mkdir -p "$3/usr/bin" && touch "$3/usr/bin/promtool" "$3/usr/bin/prometheus" && chmod +x "$3"/usr/bin/*',
    "prometheus": "exit 1",
    "promtool": "exit 1",
    "id": 'cat "$STATE/uid"',
    "sudo": 'if [ -f "$STATE/sudo" ]; then shift; exec "$@"; fi; echo "sudo: a password is required" >&2; exit 1',
    "cmake": """
        folder=$2/build/release
        mkdir -p "$folder"
        echo "CMAKE_HOME_DIRECTORY:INTERNAL=$2" >"$folder/CMakeCache.txt"
        case "$*" in *TESTS=ON*) echo NETRIG_TESTS:BOOL=ON >>"$folder/CMakeCache.txt" ;; esac
        if [ -f "$STATE/cmake_error" ]; then echo 'CMake Error at CMakeLists.txt:7'; exit 1; fi
        : >"$folder/build.ninja" """,
    "ninja": """
        [ ! -f "$STATE/slow" ] || sleep 1
        echo "HOME=${HOME-unset} CCACHE_DIR=${CCACHE_DIR-unset}" >>"$STATE/environment"
        if [ -f "$STATE/ninja_error" ]; then
          printf '[1/2] Building a.cc\\nFAILED: b.o\\nb.cc:3: error: no such thing\\n'; exit 1
        fi
        printf '[1/2] Building a.cc\\n[2/2] Linking\\n'
        mkdir -p "$2/loadgen"
        cp "$STATE/program" "$2/loadgen/loadgen" """,
    "ctest": 'echo "100% tests passed, 0 tests failed out of 3"; exit "$(cat "$STATE/ctest_code")"',
}
PROGRAM = """#!/bin/sh
printf 'in %s:' "$PWD"
printf ' <%s>' "$@"
echo
exit 99
"""


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name).resolve()
        self.tree, self.state, tools = self.top / "a tree", self.top / "state", self.top / "tools"
        self.tree.mkdir()
        self.state.mkdir()
        tools.mkdir()
        shutil.copytree(BIN, self.tree / "bin")
        for tool, body in STAND_INS.items():
            (tools / tool).write_text(f'#!/bin/sh\necho "{tool} $*" >>"$STATE/calls"\n{body}\n', encoding="utf-8")
            (tools / tool).chmod(0o755)
        (self.state / "program").write_text(PROGRAM, encoding="utf-8")
        (self.state / "program").chmod(0o755)
        self.set(missing="", uid="0", ctest_code="0", calls="")
        self.environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "STATE": str(self.state)}
        self.environment.pop("CCACHE_DIR", None)

    def set(self, **values):
        for name, value in values.items():
            (self.state / name).write_text(value, encoding="utf-8")

    def calls(self, *tools):
        lines = (self.state / "calls").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.split()[0] in tools]

    def start(self, command, *arguments, cwd=None, **environment):
        process = subprocess.Popen(
            [command if "/" in command else self.tree / "bin" / command, *arguments],
            cwd=cwd or self.top,
            env={key: value for key, value in (self.environment | environment).items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def run_command(self, *arguments, **options):
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def test_arguments_directory_and_exit_code_reach_the_program_and_stdout_is_its_own(self):
        self.set(missing="g++ cmake")
        code, out, err = self.run_command("loadgen", "run", "a b.yaml", "", "--set=x=*")
        self.assertEqual((code, out), (99, f"in {self.top}: <run> <a b.yaml> <> <--set=x=*>\n"))
        for shown in ("installing g++ cmake", "[1/2] downloading", "[2/2] installing cmake", "[2/2] Linking"):
            self.assertIn(shown, err)

    def test_a_link_from_elsewhere_leads_to_the_same_tree(self):
        (self.top / "link").symlink_to(self.tree / "bin/loadgen")
        code, out, _ = self.run_command(str(self.top / "link"), "version", cwd="/")
        self.assertEqual((code, out), (99, "in /: <version>\n"))

    def test_the_second_call_neither_installs_nor_configures(self):
        self.run_command("loadgen", "version")
        self.set(calls="")
        self.run_command("loadgen", "version")
        self.assertEqual(self.calls("apt-get", "cmake"), [])
        self.assertEqual(len(self.calls("ninja")), 1)

    def test_the_run_needs_no_package_of_the_tests(self):
        self.set(missing=f"{RUN_PACKAGES} libboost-test1.81-dev libbenchmark-dev python3 clang")
        self.run_command("loadgen", "version")
        update, install = self.calls("apt-get")
        self.assertTrue(update.endswith(" update"))
        self.assertIn(f"install --yes --no-install-recommends --no-remove {RUN_PACKAGES} --option", install)

    def test_only_the_slow_tests_need_clang(self):
        self.set(missing="libbenchmark-dev clang")
        self.run_command("test")
        self.assertIn("--no-remove libbenchmark-dev --option", self.calls("apt-get")[1])
        self.set(missing="clang", calls="")
        self.run_command("test", "--all")
        self.assertIn("--no-remove clang --option", self.calls("apt-get")[1])

    def test_only_the_slow_tests_need_prometheus_which_is_unpacked_and_not_installed(self):
        tools = self.top / "tools"
        self.run_command("test", "--all")
        self.assertEqual(self.calls("apt-get", "dpkg-deb"), [])  # it is on the PATH
        (tools / "promtool").unlink()
        if shutil.which("promtool"):
            self.skipTest("Prometheus is installed here")
        self.run_command("test")
        self.assertEqual(self.calls("apt-get"), [])
        self.run_command("test", "--all")
        self.assertEqual(self.calls("apt-get"), ["apt-get download prometheus"])
        self.assertTrue((self.tree / "build/prometheus/usr/bin/promtool").exists())
        self.assertFalse((self.tree / "build/prometheus.deb").exists())
        self.run_command("test", "--all")
        self.assertEqual(len(self.calls("apt-get")), 1)

    def test_a_failed_update_does_not_keep_packages_from_being_installed(self):
        self.set(missing="g++", update_code="100")
        code, _, err = self.run_command("loadgen", "version")
        self.assertEqual(code, 99)
        self.assertIn("apt-get update failed; trying", err)

    def test_without_root_the_exact_command_is_printed(self):
        self.set(missing="g++ libfmt-dev", uid="1000")
        code, out, err = self.run_command("loadgen", "version")
        command = "apt-get update && apt-get install --yes --no-install-recommends --no-remove g++ libfmt-dev"
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(err, f"bin/loadgen: packages are missing; run as root: {command}\n")
        self.assertEqual(self.calls("apt-get", "cmake"), [])

    def test_without_root_sudo_installs(self):
        self.set(missing="g++", uid="1000", sudo="")
        self.assertEqual(self.run_command("loadgen", "version")[0], 99)
        self.assertEqual(len(self.calls("apt-get")), 2)

    def test_without_root_nothing_is_needed_when_all_is_there(self):
        self.set(uid="1000")
        self.assertEqual(self.run_command("loadgen", "version")[0], 99)
        self.assertEqual(self.calls("sudo", "apt-get"), [])

    def test_a_failed_installation_says_why_in_one_line(self):
        reason = "E: Unable to locate package g++; before that: W: Failed to fetch http://debian.example/"
        self.set(missing="g++", apt_error="W: Failed to fetch http://debian.example/\nE: Unable to locate package g++\n")
        code, _, err = self.run_command("loadgen", "version")
        self.assertEqual(code, 1)
        last = f"could not install packages: {reason} (details: {self.tree}/build/install.log)"
        self.assertEqual(err.splitlines()[-1], f"bin/loadgen: {last}")

    def test_boost_in_another_version_is_named(self):
        self.set(missing="libboost1.81-dev", apt_error="E: Packages need to be removed but remove is disabled.\n")
        code, _, err = self.run_command("loadgen", "version")
        self.assertEqual(code, 1)
        self.assertIn("libboost-dev 1.74 excludes libboost1.81-dev", err.splitlines()[-1])

    def test_a_tree_that_cannot_be_written_is_named(self):
        (self.tree / "build").write_text("not a folder", encoding="utf-8")
        code, _, err = self.run_command("loadgen", "version")
        self.assertEqual((code, err), (1, f"bin/loadgen: cannot write to {self.tree}/build\n"))

    def test_a_failed_configuration_names_its_log_and_is_tried_again(self):
        self.set(cmake_error="")
        code, _, err = self.run_command("loadgen", "version")
        self.assertEqual(code, 1)
        self.assertIn("CMake Error at CMakeLists.txt:7", err)
        self.assertIn("release.configure.log)", err.splitlines()[-1])
        (self.state / "cmake_error").unlink()
        self.assertEqual(self.run_command("loadgen", "version")[0], 99)

    def test_a_failed_build_shows_the_error_and_names_its_log(self):
        self.set(ninja_error="")
        code, out, err = self.run_command("loadgen", "version")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("b.cc:3: error: no such thing", err)
        self.assertIn("release.build.log)", err.splitlines()[-1])

    def test_a_tree_that_was_moved_is_configured_afresh(self):
        self.run_command("loadgen", "version")
        self.tree = self.tree.rename(self.top / "moved")
        self.set(calls="")
        self.assertEqual(self.run_command("loadgen", "version")[0], 99)
        self.assertIn("--fresh", self.calls("cmake")[0])

    def test_loadgen_leaves_the_tests_on(self):
        self.run_command("loadgen", "version")
        self.run_command("test")
        self.run_command("loadgen", "version")
        options = [call.split()[-1] for call in self.calls("cmake")]
        self.assertEqual(options, ["-DNETRIG_TESTS=OFF", "-DNETRIG_TESTS=ON"])

    def test_two_calls_at_once_wait_for_each_other(self):
        self.set(slow="")
        first = self.start("loadgen", "one")
        while not (self.state / "calls").read_text(encoding="utf-8").count("ninja"):
            time.sleep(0.02)
        second = self.start("loadgen", "two")
        self.assertEqual(first.communicate(timeout=60)[0], f"in {self.top}: <one>\n")
        out, err = second.communicate(timeout=60)
        self.assertEqual(out, f"in {self.top}: <two>\n")
        self.assertIn("waiting for another build", err)

    def test_a_running_loadgen_keeps_no_other_waiting(self):
        self.set(program="#!/bin/sh\necho up\nread -r line <\"$STATE/end\"\n")
        os.mkfifo(self.state / "end")
        first = self.start("loadgen", "one")
        self.assertEqual(first.stdout.readline(), "up\n")
        self.set(program=PROGRAM)
        _, _, err = self.run_command("loadgen", "two")
        self.set(end="over\n")
        first.communicate(timeout=60)
        self.assertNotIn("waiting", err)

    def test_ccache_has_a_place_without_a_home(self):
        for home in (None, "", "/nonexistent"):
            self.set(environment="")
            self.assertEqual(self.run_command("loadgen", "version", HOME=home)[0], 99)
            written = (self.state / "environment").read_text(encoding="utf-8")
            self.assertIn(f"CCACHE_DIR={self.tree}/build/ccache", written)

    def test_the_tests_exclude_the_slow_ones_unless_asked_for_all(self):
        self.run_command("test", "-R", "a b")
        self.run_command("test", "-R", "c", "--all")
        fast, every = self.calls("ctest")
        self.assertIn("--label-exclude slow", fast)
        self.assertTrue(fast.endswith(" -R a b"))
        self.assertNotIn("--label-exclude", every)
        self.assertTrue(every.endswith(" -R c"))

    def test_the_tests_end_with_ctests_count_and_exit_code(self):
        self.set(ctest_code="8")
        code, out, _ = self.run_command("test")
        self.assertEqual((code, out), (8, "100% tests passed, 0 tests failed out of 3\n"))


if __name__ == "__main__":
    unittest.main()
