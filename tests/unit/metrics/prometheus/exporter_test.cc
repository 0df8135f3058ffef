#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/metrics/prometheus_exporter.h"
#include "netrig/tests/support/scrape.h"

namespace netrig::metrics {
namespace {

using netrig::testing::scraped;

// The names may be anything that a shape takes, when a server of one's own is embedded.
const std::string kHostile = "a\"b\\c{d}=e,f# le";

Shape shape() {
  return *Shape::make({.cohorts = {"le", kHostile},
                       .messages = {"ping"},
                       .leave_causes = {"left"},
                       .drop_causes = {"queue"},
                       .error_causes = {"malformed"}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exporter)

BOOST_AUTO_TEST_CASE(three_lines_let_an_embedded_server_be_scraped) {
  Registry registry{shape()};
  RunInfo info;
  info.scenario = "line\nbreak \"quoted\"";
  info.tick_interval = 50ms;
  auto exporter = PrometheusExporter::open("127.0.0.1:0", info, registry.shape());
  BOOST_REQUIRE(exporter.has_value());
  BOOST_TEST(scraped((*exporter)->url()).find("netrig_joins_total{cohort=\"le\"} 0\n") != std::string::npos);

  registry.counter(catalog::kJoinsTotal, {.cohort = 1}) = 3;
  registry.histogram(catalog::kRttSeconds, {.cohort = 0}).record(250ms);
  (*exporter)->publish(registry, {.simulated = 5s});
  const std::string page = scraped((*exporter)->url());
  for (const char* const line :
       {"netrig_joins_total{cohort=\"a\\\"b\\\\c{d}=e,f# le\"} 3\n",
        "netrig_rtt_seconds_bucket{cohort=\"le\",le=\"0.2\"} 0\n",
        "netrig_rtt_seconds_bucket{cohort=\"le\",le=\"0.3\"} 1\n",
        "netrig_rtt_seconds_sum{cohort=\"le\"} 0.25\n", "scenario=\"line\\nbreak \\\"quoted\\\"\"",
        "netrig_run_seconds_total 5\n", "# TYPE netrig_run_seconds_total counter\n"})
    BOOST_TEST(page.find(line) != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(two_cannot_have_one_address) {
  Registry registry{shape()};
  auto first = PrometheusExporter::open("127.0.0.1:0", {}, registry.shape());
  const std::string url = (*first)->url();
  const std::string address = url.substr(7, url.rfind('/') - 7);
  const auto second = PrometheusExporter::open(address, {}, registry.shape());
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST(second.error() == address + ": Address already in use");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
