#include <boost/test/unit_test.hpp>
#include <netdb.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "netrig/metrics/prometheus_exporter.h"

namespace netrig::metrics {
namespace {

// The names may be anything that a shape takes, when a server of one's own is embedded.
const std::string kHostile = "a\"b\\c{d}=e,f# le";

Shape shape() {
  return *Shape::make({.cohorts = {"le", kHostile},
                       .messages = {"ping"},
                       .leave_causes = {"left"},
                       .drop_causes = {"queue"},
                       .error_causes = {"malformed"}});
}

std::string scraped(const std::string& url) {
  const std::size_t port = url.rfind(':') + 1;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  BOOST_REQUIRE(::getaddrinfo("127.0.0.1", url.substr(port, url.rfind('/') - port).c_str(), &hints, &found) ==
                0);
  const int socket = ::socket(found->ai_family, found->ai_socktype, 0);
  BOOST_REQUIRE(::connect(socket, found->ai_addr, found->ai_addrlen) == 0);
  ::freeaddrinfo(found);
  const std::string request = "GET /metrics HTTP/1.1\r\n\r\n";
  BOOST_REQUIRE(::send(socket, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
  std::string answer;
  char chunk[4096];
  for (ssize_t count = 1; count > 0;) {
    count = ::recv(socket, chunk, sizeof chunk, 0);
    if (count > 0) answer.append(chunk, static_cast<std::size_t>(count));
  }
  ::close(socket);
  return answer;
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
