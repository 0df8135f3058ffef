// A game that runs a server of its own lets Prometheus scrape it.
#include "netrig/metrics/recorder/server_metrics.h"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "netrig/tests/support/duel_world.h"
#include "netrig/tests/support/scrape.h"
#include "netrig/transport/host/client_host.h"
#include "netrig/transport/host/server_host.h"

namespace netrig::metrics {
namespace {

using netrig::testing::DuelWorld;
using netrig::testing::scraped;

constexpr auto kPatience = std::chrono::seconds{20};  // nobody waits for it unless the test fails

// The value of a series, or nothing.
std::string value_of(const std::string& page, const std::string& series) {
  const std::size_t at = page.find('\n' + series + ' ');
  if (at == std::string::npos) return {};
  const std::size_t begins = at + series.size() + 2;
  return page.substr(begins, page.find('\n', begins) - begins);
}

bool shows(const ServerMetrics& metrics, const std::string& series, const std::string& value) {
  const auto bound = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < bound) {
    if (value_of(scraped(metrics.url()), series) == value) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return false;
}

const std::string kHere = "netrig_clients_connected{cohort=\"players\"}";

std::unique_ptr<transport::ClientHost> player(const Schema& schema, const transport::ServerHost& host) {
  auto client = std::make_unique<transport::ClientHost>(schema, transport::ClientHostOptions{});
  BOOST_REQUIRE_EQUAL(client->connect("tcp://127.0.0.1:" + std::to_string(host.local()->port)), "");
  return client;
}

BOOST_AUTO_TEST_SUITE(server_metrics)

BOOST_AUTO_TEST_CASE(three_lines_let_prometheus_scrape_a_game) {
  DuelWorld world{Random{7}};
  const Schema schema = netrig::testing::duel_schema();
  const ServerConfig config;
  const std::string address = "127.0.0.1:0";
  const auto complain = [](const std::string& why) { BOOST_FAIL(why); };

  auto metrics =
      ServerMetrics::open(address, {.game = "duel \"of\" two\n", .version = "3.1", .server = config});
  if (!metrics) return complain(metrics.error());
  transport::ServerHost host{world, {.server = config}, **metrics};

  BOOST_REQUIRE_EQUAL(host.start("tcp://127.0.0.1:0"), "");
  {
    const auto alice = player(schema, host);
    const auto bob = player(schema, host);
    BOOST_REQUIRE(shows(**metrics, kHere, "2"));
    BOOST_REQUIRE(
        shows(**metrics, "netrig_client_downstream_bytes_per_second_count{cohort=\"players\"}", "2") ||
        shows(**metrics, "netrig_client_downstream_bytes_per_second_count{cohort=\"players\"}", "4"));
  }
  BOOST_TEST(shows(**metrics, kHere, "0"));
  const std::string page = scraped((*metrics)->url());
  BOOST_TEST(value_of(page, "netrig_joins_total{cohort=\"players\"}") == "2");
  BOOST_TEST(value_of(page, "netrig_leaves_total{cohort=\"players\",cause=\"left\"}") == "2");
  BOOST_TEST(value_of(page, "netrig_clients_planned{cohort=\"players\"}") ==
             std::to_string(config.players_max));
  BOOST_TEST(std::stoull(value_of(page, "netrig_ticks_total")) > 0u);
  BOOST_TEST(std::stoull(value_of(page, "netrig_tick_duration_seconds_count")) > 0u);
  BOOST_TEST(
      std::stoull(value_of(page,
                           "netrig_message_bytes_total{cohort=\"players\",direction=\"downstream\",message="
                           "\"state_update\"}")) > 0u);
  BOOST_TEST(page.find("scenario=\"duel \\\"of\\\" two\\n\"") != std::string::npos);
  BOOST_TEST(page.find("version=\"3.1\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_endpoint_serves_a_host_that_stops_and_starts_again) {
  DuelWorld world{Random{7}};
  const Schema schema = netrig::testing::duel_schema();
  auto metrics = ServerMetrics::open("0", {.game = "duel", .server = {}});
  BOOST_REQUIRE(metrics.has_value());
  for (int round = 1; round <= 3; ++round) {
    transport::ServerHost host{world, {}, **metrics};
    BOOST_REQUIRE_EQUAL(host.start("tcp://127.0.0.1:0"), "");
    const auto client = player(schema, host);
    BOOST_REQUIRE(shows(**metrics, "netrig_joins_total{cohort=\"players\"}", std::to_string(round)));
    BOOST_REQUIRE(shows(**metrics, kHere, "1"));
  }
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_had_is_said) {
  const auto first = ServerMetrics::open("0", {.game = "duel"});
  BOOST_REQUIRE(first.has_value());
  const std::string& url = (*first)->url();
  const std::string taken = url.substr(7, url.rfind('/') - 7);
  const auto second = ServerMetrics::open(taken, {.game = "duel"});
  BOOST_REQUIRE(second.has_error());
  BOOST_TEST(second.error() == taken + ": Address already in use");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::metrics
