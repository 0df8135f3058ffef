"""A day of the smoke test takes no more memory than ten minutes of it: whatever a run keeps has a bound."""

import harness

# Peak resident memory differs by some pages from run to run of the same thing: the allocator's and the loader's.
SLACK_BYTES = 512 * 1024


class LongRun(harness.LoadgenTest):
    def rss_of(self, duration):
        result = self.result(harness.SCENARIOS / "smoke.yaml", "--duration", duration, "--set", "thresholds={desyncs_total: count==0}")
        self.assertGreater(result["simulated_seconds"], 599)
        return result["host"]["rss_bytes_max"]

    def test_24_hours_take_no_more_than_10_minutes(self):
        minutes = self.rss_of("10m")
        day = self.rss_of("24h")
        self.assertLessEqual(day, minutes + SLACK_BYTES)


if __name__ == "__main__":
    harness.SECONDS_MAX = 1200  # two minutes of an idle machine
    harness.main()
