"""installed_test.py BUILD_FOLDER COMPILER VERSION: what `cmake --install` leaves, as a stranger uses it.

Installs into a folder of its own, builds docs/examples/coins against that, and plays the game."""

import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/examples/coins"
BUILD, COMPILER, VERSION = sys.argv[1:4]
SECONDS_MAX = 300  # for one step; nobody waits for it unless the test fails
COINS = 3

# A game's own loadgen: here with the game that comes with netrig.
OWN_LOADGEN = """\
cmake_minimum_required(VERSION 3.25)
project(own LANGUAGES CXX)
find_package(netrig REQUIRED COMPONENTS loadgen)
add_executable(own main.cc)
target_link_libraries(own PRIVATE netrig::loadgen netrig::loadgen_arena)
"""
ONLY_FINDS = "cmake_minimum_required(VERSION 3.25)\nproject(finds LANGUAGES CXX)\nfind_package(netrig {})\n"


def run(*command, expect=0, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=SECONDS_MAX,
                          check=False, **options)  # fmt: skip
    if done.returncode != expect:
        raise AssertionError(f"{command}\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.prefix = cls.folder / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)

    def configure(self, source, build, *options, expect=0):
        launcher = [f"-DCMAKE_CXX_COMPILER_LAUNCHER={found}"] if (found := shutil.which("ccache")) else []
        return run("cmake", "-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_CXX_COMPILER={COMPILER}", *launcher,
                   f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror", *options,
                   expect=expect)  # fmt: skip

    def project(self, name, lists, **sources):
        folder = self.folder / name
        folder.mkdir()
        for file, text in {"CMakeLists.txt": lists, **sources}.items():
            (folder / file).write_text(text, encoding="utf-8")
        return folder

    def server(self, program, url):
        process = subprocess.Popen([str(program), url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        said = process.stdout.readline()
        self.assertRegex(said, r"^listening on port [0-9]+$")
        return process, int(said.split()[-1])

    def test_the_example_builds_without_what_only_loadgen_needs_and_is_played(self):
        build = self.folder / "coins"
        others = ["yaml-cpp", "prometheus-cpp", "CLI11", "fmt", "nlohmann_json"]
        self.configure(EXAMPLE, build, *(f"-DCMAKE_DISABLE_FIND_PACKAGE_{other}=ON" for other in others))
        run("cmake", "--build", build)
        for scheme in ("tcp", "udp"):
            with self.subTest(scheme):
                server, port = self.server(build / "coins_server", f"{scheme}://127.0.0.1:0")
                said = run(build / "coins_client", f"{scheme}://127.0.0.1:{port}", COINS)
                self.assertRegex(said, r"^playing as entity 2\n")
                self.assertGreaterEqual(said.count("entity 2 has a coin"), COINS - 1)  # it may leave before the last
                self.assertTrue(said.endswith(f"left with {COINS} coins\n"), said)
                server.send_signal(signal.SIGINT)
                self.assertEqual(server.wait(SECONDS_MAX), 0)
                self.assertEqual(server.stdout.read(), "player 1 joined\nplayer 1 left: left\nstopped\n")

        refused = run(build / "coins_client", "tcp://127.0.0.1:1", expect=1)
        self.assertEqual(refused, "Connection refused\n")

    def test_loadgen_and_its_scenarios_are_installed(self):
        loadgen = self.prefix / "bin/loadgen"
        self.assertIn(VERSION, run(loadgen, "version"))
        scenarios = self.prefix / "share/netrig/scenarios"
        run(loadgen, "validate", *sorted(scenarios.glob("*.yaml")))
        run(loadgen, "run", "--quiet", scenarios / "smoke.yaml", cwd=self.folder)

    def test_a_game_links_its_own_loadgen(self):
        main = (ROOT / "loadgen/main.cc").read_text(encoding="utf-8")
        source = self.project("own", OWN_LOADGEN, **{"main.cc": main})
        self.configure(source, source / "build")
        run("cmake", "--build", source / "build")
        self.assertIn(VERSION, run(source / "build/own", "version"))

    def test_what_cannot_be_found_is_said(self):
        minor = VERSION.rsplit(".", 1)[0]
        good = self.project("good", ONLY_FINDS.format(f"{minor} REQUIRED COMPONENTS prometheus"))
        self.configure(good, good / "build")
        later = self.project("later", ONLY_FINDS.format(f"{minor}.999 REQUIRED"))
        self.assertIn(f"version: {VERSION}", self.configure(later, later / "build", expect=1))
        other = self.project("other", ONLY_FINDS.format("REQUIRED COMPONENTS matchmaking"))
        said = self.configure(other, other / "build", expect=1)
        self.assertIn("without a component matchmaking", re.sub(r"\s+", " ", said))
        lone = self.project("lone", ONLY_FINDS.format("REQUIRED"))
        said = self.configure(lone, lone / "build", "-DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON", expect=1)
        self.assertIn("Boost", said)

    # A header whose source includes it first compiles alone: the build has shown it. The others are compiled here.
    def test_every_installed_header_compiles_alone(self):
        include = self.prefix / "include"
        headers = sorted(file.relative_to(include).as_posix() for file in include.rglob("*.h"))
        self.assertIn("netrig/transport/host/server_host.h", headers)
        self.assertNotIn("netrig/transport/asio/tcp_core.h", headers)  # the inside of its folder
        shown = {header for header in headers if self.is_first_in_its_source(header)}

        def compile_alone(header):
            run(COMPILER, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{include}", "-x", "c++", "-",
                input=f'#include "{header}"\n')  # fmt: skip

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(compile_alone, (header for header in headers if header not in shown)))

    @staticmethod
    def is_first_in_its_source(header):
        source = (ROOT / header.removeprefix("netrig/")).with_suffix(".cc")
        if not source.is_file():
            return False
        first = re.search(r'^#include ["<]([^">]+)', source.read_text(encoding="utf-8"), re.MULTILINE)
        return bool(first) and first[1] == header


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
