"""`run --prometheus`: a live endpoint that scrapers cannot hurt, and the table of its families in metrics/README.md.

    prometheus_test.py LOADGEN --write   renews the table"""

import os
import pathlib
import re
import resource
import socket
import sys
import threading
import time

import harness
import scraping
from scraping import page, samples

README = harness.ROOT / "metrics/README.md"
BEGIN, END = "<!-- families: written by tests/simulation/prometheus_test.py --write -->\n", "<!-- families end -->\n"
HOSTILE = ["le", "a-b", "name"]  # what a scenario's names may be: letters, digits, - and _
SERIES_MAX = 1000


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def families_table(text):
    rows = ["| family | type | labels | meaning |\n", "|---|---|---|---|\n"]
    for name, help_text in re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE):
        kind = re.search(rf"^# TYPE {name} (\w+)$", text, re.MULTILINE)[1]
        labels = []
        for found in re.findall(rf"^{name}(?:_bucket)?{{(.*)}} ", text, re.MULTILINE):
            labels += [label for label in re.findall(r'(\w+)="', found) if label != "le" and label not in labels]
        rows.append(f"| `{name}` | {kind} | {' '.join(labels)} | {help_text} |\n")
    return "".join(rows)


class Prometheus(scraping.ScrapedTest):
    def setUp(self):
        super().setUp()
        self.small = self.write("small.yaml", harness.SMALL)

    def start(self, *arguments, address="127.0.0.1:0", scenario="small.yaml"):
        return self.scraped("run", scenario, *arguments, address=address)

    def held(self, *arguments, **options):
        """A run that is over, and holds its endpoint."""
        process, url = self.start("--prometheus-hold", "10m", *arguments, **options)
        self.until_held(process)
        return process, url

    def test_what_is_scraped_is_what_the_result_says(self):
        process, url = self.held("--out", "json=r.json")
        seen = samples(page(url))
        self.assertIn("PASSED", self.end(process))
        result = self.read_json("r.json")
        for direction in ("downstream", "upstream"):
            for name, message in result["results"]["bytes"][direction]["by_message"].items():
                series = f'netrig_message_bytes_total{{cohort="players",direction="{direction}",message="{name}"}}'
                self.assertEqual(int(seen[series]), message["bytes"])
        summary = result["metrics"]["input_to_ack_seconds"]
        self.assertEqual(int(seen['netrig_input_to_ack_seconds_count{cohort="players"}']), summary["count"])
        self.assertAlmostEqual(float(seen['netrig_input_to_ack_seconds_sum{cohort="players"}']), summary["mean"] * summary["count"], 6)
        self.assertEqual(seen['netrig_run_verdict{verdict="passed"}'], "1")
        self.assertEqual(seen['netrig_run_state{state="finished"}'], "1")
        self.assertEqual(seen['netrig_clients_planned{cohort="players"}'], "2")
        self.assertEqual(float(seen["netrig_tick_interval_seconds"]), 0.05)

    def test_buckets_only_grow_and_end_with_all(self):
        process, url = self.held()
        seen = samples(page(url))
        self.end(process)
        buckets = {}
        for series, value in seen.items():
            match = re.fullmatch(r'(\w+)_bucket\{(.*?),?le="(.*)"\}', series)
            if match:
                buckets.setdefault((match[1], match[2]), []).append((float(match[3]), int(value)))
        self.assertGreater(len(buckets), 10)
        for (name, labels), counts in buckets.items():
            self.assertEqual(counts, sorted(counts))
            self.assertEqual([count for _, count in counts], sorted(count for _, count in counts))
            self.assertEqual(counts[-1][0], float("inf"))
            self.assertEqual(counts[-1][1], int(seen[f"{name}_count{{{labels}}}" if labels else f"{name}_count"]))

    def test_a_run_is_scraped_while_it_goes_on(self):
        process, url = self.start("--duration", "23h")
        times = []
        while len(set(times)) < 3:
            times.append(float(samples(page(url))["netrig_run_seconds_total"]))
        self.assertEqual(times, sorted(times))
        self.assertIn("INTERRUPTED", self.end(process, expect=105).upper())

    def test_scraping_changes_no_byte(self):
        arguments = ["--duration", "3h"]  # long enough to be scraped in the middle
        digest = self.result(self.small, *arguments)["digest"]
        process, url = self.start(*arguments, "--out", "json=r.json", "--prometheus-hold", "10m")
        while_running = 0
        while (seen := samples(page(url)))['netrig_run_state{state="finished"}'] == "0":
            while_running += float(seen["netrig_run_seconds_total"]) > 0
        self.until_held(process)
        self.end(process)
        self.assertGreater(while_running, 0)
        self.assertEqual(self.read_json("r.json")["digest"], digest)

    def test_names_that_mean_something_elsewhere_stay_names(self):
        cohorts = "".join(f"  - {{name: {name}, count: 1}}\n" for name in HOSTILE)
        self.write("names.yaml", harness.SMALL.split("clients:")[0].replace("players_max: 2", "players_max: 3") + "clients:\n" + cohorts)
        process, url = self.held(scenario="names.yaml")
        seen = samples(page(url))
        self.end(process)
        for name in HOSTILE:
            self.assertEqual(seen[f'netrig_joins_total{{cohort="{name}"}}'], "1")

    def test_a_thousand_clients_in_three_cohorts_are_less_than_a_thousand_series(self):
        cohorts = "".join(f"  - {{name: {name}, count: {count}, behaviour: idle}}\n" for name, count in (("a", 500), ("b", 300), ("c", 200)))
        settings = harness.SMALL.split("clients:")[0].replace("players_max: 2, avatars: from_start", "players_max: 1000, avatars: none")
        process, url = self.held("--duration", "1s", scenario=self.write("many.yaml", settings + "clients:\n" + cohorts))
        self.assertLess(len(samples(page(url))), SERIES_MAX)
        self.end(process)

    # --- where it listens

    def test_ipv6_and_names_work(self):
        for address, there in (("[::1]:0", "http://[::1]:"), ("localhost:0", "http://"), ("0", "http://127.0.0.1:"), (":0", "http://127.0.0.1:")):
            if address.startswith("[") and not pathlib.Path("/proc/net/if_inet6").exists():
                continue
            with self.subTest(address):
                process, url = self.held(address=address)
                self.assertTrue(url.startswith(there), url)
                self.assertIn("netrig_build_info", page(url))
                self.end(process)

    def test_an_address_that_cannot_be_had_is_2_before_the_run(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            cases = [
                (f"127.0.0.1:{port}", "Address already in use"),
                ("192.0.2.1:9464", "Cannot assign requested address"),
                ("no.such.host.invalid:1", "no.such.host.invalid:1: "),
                ("127.0.0.1:65536", "is not HOST:PORT"),
                ("127.0.0.1:http", "is not HOST:PORT"),
                ("::1:9464", "is not HOST:PORT"),
                ("127.0.0.1:", "is not HOST:PORT"),
            ]
            for address, said in cases:
                with self.subTest(address):
                    run = self.loadgen("run", self.small, "--prometheus", address, "--out", "json=r.json", expect=2)
                    self.assertIn(said, run.stderr)
                    self.assertIn("loadgen: --prometheus ", run.stderr)
                    self.assertEqual(run.stdout, "")
                    self.assertFalse((self.folder / "r.json").exists())

    def test_options_that_make_no_sense_are_2(self):
        for arguments, said in (
            (["--prometheus-hold", "5s"], "--prometheus-hold needs --prometheus"),
            (["--prometheus", "0", "--prometheus-hold", "soon"], "--prometheus-hold:"),
            (["--prometheus", "0", "--prometheus-hold", "25h"], "between 0s and 24h"),
            (["--prometheus", "0", "--seeds", "1..2"], "--prometheus shows one run"),
            (["--out", "openmetrics=r.om", "--clock", "real"], "--out openmetrics is of simulated time"),
        ):
            self.assertIn(said, self.loadgen("run", self.small, *arguments, expect=2).stderr)

    def test_the_hold_ends_by_itself_and_is_not_there_unless_asked_for(self):
        self.loadgen("run", self.small, "--prometheus", "127.0.0.1:0", "--quiet")
        began = time.monotonic()
        run = self.loadgen("run", self.small, "--prometheus", "127.0.0.1:0", "--prometheus-hold", "1500ms")
        self.assertGreater(time.monotonic() - began, 1.5)
        self.assertIn("for 1.5s; Ctrl-C ends it", run.stderr)

    def test_json_lines_say_where(self):
        run = self.loadgen("run", self.small, "--prometheus", "127.0.0.1:0", "--prometheus-hold", "1ms", "--log", "json")
        events = [re.search(r'"event": "(\w+)"', line)[1] for line in run.stderr.splitlines()]
        self.assertEqual([event for event in events if event != "progress"], ["metrics_listening", "finished", "metrics_holding"])

    # --- scrapers that mean harm, or mean well in numbers

    def test_a_hundred_at_once_are_all_answered(self):
        process, url = self.held()
        pages = []

        def scrape():
            pages.append(page(url))

        scrapers = [threading.Thread(target=scrape) for _ in range(100)]
        for scraper in scrapers:
            scraper.start()
        for scraper in scrapers:
            scraper.join()
        self.end(process)
        self.assertEqual(len(pages), 100)
        self.assertEqual(len(set(pages)), 1)

    def test_who_never_reads_or_never_asks_keeps_nobody_out(self):
        process, url = self.held()
        host, port = re.search(r"//(.*):(\d+)/", url).groups()
        silent = []
        for number in range(300):
            client = socket.create_connection((host, int(port)), timeout=60)
            if number % 2 == 0:
                client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            silent.append(client)
            if number % 50 == 49:
                self.assertIn("netrig_build_info", page(url))
        for client in silent:
            client.close()
        self.end(process)

    def test_out_of_descriptors_it_waits_and_does_not_spin(self):
        process, url = self.held()
        pid = process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        taken = max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 1
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (taken, limits[1]))
        host, port = re.search(r"//(.*):(\d+)/", url).groups()
        with socket.create_connection((host, int(port)), timeout=60) as outside:
            outside.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            before = cpu_seconds(pid)
            time.sleep(2)
            self.assertLess(cpu_seconds(pid) - before, 0.5)  # 2 if it spins
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
            self.assertIn(b" 200 OK", outside.recv(4096))  # it had waited
        self.end(process)

    def test_a_hundred_that_never_stop_change_nothing(self):
        """Not the bytes, not the ticks, and not how long any of them takes in simulated time; all are answered."""
        arguments = ["--duration", "1h", "--out", "json=r.json"]
        alone = self.result(self.small, "--duration", "1h")
        process, url = self.start(*arguments, "--prometheus-hold", "10m")
        answered, over = [], threading.Event()

        def scrape():
            count = 0
            while not over.is_set() or count == 0:
                page(url)
                count += 1
            answered.append(count)

        scrapers = [threading.Thread(target=scrape) for _ in range(100)]
        for scraper in scrapers:
            scraper.start()
        self.until_held(process)
        over.set()
        for scraper in scrapers:
            scraper.join()
        self.end(process)
        self.assertEqual(len(answered), 100)
        result = self.read_json("r.json")
        for same in ("digest", "results", "thresholds"):
            self.assertEqual(result[same], alone[same], same)

    def test_who_drips_is_cut_off_when_its_time_is_over(self):
        process, url = self.held()
        host, port = re.search(r"//(.*):(\d+)/", url).groups()
        began = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=0.2) as drip, self.assertRaises(OSError):
            while time.monotonic() - began < 30:
                drip.sendall(b"G")
                try:
                    if not drip.recv(1):
                        raise OSError("closed")
                except TimeoutError:
                    pass
        self.assertGreater(time.monotonic() - began, 9)
        self.end(process)

    def test_what_is_no_scrape_is_told_so(self):
        process, url = self.held()
        host, port = re.search(r"//(.*):(\d+)/", url).groups()

        def ask(request):
            with socket.create_connection((host, int(port)), timeout=60) as client:
                client.sendall(request)
                answer = b""
                while chunk := client.recv(65536):
                    answer += chunk
                return answer

        self.assertIn(b" 404 ", ask(b"GET /metric HTTP/1.1\r\n\r\n"))
        self.assertIn(b" 405 ", ask(b"POST /metrics HTTP/1.1\r\n\r\n"))
        self.assertIn(b" 405 ", ask(b"\x00\xff\r\n\r\n"))
        self.assertIn(b" 200 ", ask(b"GET / HTTP/1.0\r\n\r\n"))
        head = ask(b"HEAD /metrics HTTP/1.1\r\n\r\n")
        self.assertTrue(head.endswith(b"\r\n\r\n"))
        self.assertRegex(head, rb"Content-Length: \d{4,}")
        try:
            self.assertEqual(ask(b"x" * 100_000), b"")  # cut off
        except ConnectionError:
            pass
        self.assertIn("netrig_build_info", page(url))
        self.end(process)

    # --- the table

    def test_the_table_in_the_readme_is_that_of_the_endpoint(self):
        process, url = self.held()
        table = families_table(page(url))
        self.end(process)
        before, rest = README.read_text(encoding="utf-8").split(BEGIN)
        written, after = rest.split(END)
        if WRITE:
            README.write_text(before + BEGIN + table + END + after, encoding="utf-8")
        else:
            self.assertEqual(written, table, "prometheus_test.py LOADGEN --write renews it")


WRITE = "--write" in sys.argv
if __name__ == "__main__":
    if WRITE:
        sys.argv = [sys.argv[0], sys.argv[1], "Prometheus.test_the_table_in_the_readme_is_that_of_the_endpoint"]
    harness.main()
