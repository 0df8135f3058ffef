#include "netrig/metrics/catalog.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <set>
#include <string>
#include <string_view>

namespace netrig::metrics {
namespace {

bool only_lower_case_and_underscores(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || letter == '_';
  });
}

// What a metric's name ends in, by Prometheus' conventions.
std::string_view suffix_of(const Metric& metric) {
  const bool total = metric.kind == Kind::counter;
  switch (metric.unit) {
    case Unit::count:
      return total ? "_total" : "";
    case Unit::seconds:
      return total ? "_seconds_total" : "_seconds";
    case Unit::bytes:
      return total ? "_bytes_total" : "_bytes";
    case Unit::bytes_per_second:
      return "_bytes_per_second";
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(catalog_test)

BOOST_AUTO_TEST_CASE(names_are_unique_and_well_formed) {
  std::set<std::string_view> seen;
  for (const Metric& metric : catalog::all()) BOOST_TEST_CONTEXT(metric.name) {
      BOOST_TEST(seen.insert(metric.name).second);
      BOOST_TEST(only_lower_case_and_underscores(metric.name));
      BOOST_TEST(metric.name.find("__") == std::string_view::npos);
      BOOST_TEST(!metric.name.starts_with('_'));
    }
}

BOOST_AUTO_TEST_CASE(names_end_in_their_unit_and_counters_in_total) {
  for (const Metric& metric : catalog::all()) BOOST_TEST_CONTEXT(metric.name) {
      BOOST_TEST(metric.name.ends_with(suffix_of(metric)));
      BOOST_TEST(metric.name.ends_with("_total") == (metric.kind == Kind::counter));
      BOOST_TEST((metric.name.find("_seconds") != std::string_view::npos) == (metric.unit == Unit::seconds));
      BOOST_TEST((metric.name.find("_bytes") != std::string_view::npos) ==
                 (metric.unit == Unit::bytes || metric.unit == Unit::bytes_per_second));
    }
}

BOOST_AUTO_TEST_CASE(help_is_one_sentence_on_one_line) {
  for (const Metric& metric : catalog::all()) BOOST_TEST_CONTEXT(metric.name) {
      BOOST_TEST(metric.help.size() <= 100u);
      BOOST_TEST(metric.help.ends_with('.'));
      BOOST_TEST(std::none_of(metric.help.begin(), metric.help.end(),
                              [](unsigned char letter) { return std::iscntrl(letter) != 0; }));
    }
}

BOOST_AUTO_TEST_CASE(labels_of_a_metric_print_under_different_names_and_none_is_le) {
  for (const Metric& metric : catalog::all()) BOOST_TEST_CONTEXT(metric.name) {
      std::set<std::string_view> printed;
      for_each_label([&](Label label) {
        if (!metric.labels.has(label)) return;
        BOOST_TEST(printed.insert(name_of(label)).second);
        BOOST_TEST(only_lower_case_and_underscores(name_of(label)));
        BOOST_TEST(name_of(label) != "le");
      });
    }
}

BOOST_AUTO_TEST_CASE(time_of_the_machine_is_marked) {
  for (const Metric& metric : catalog::all()) BOOST_TEST_CONTEXT(metric.name) {
      const bool tick_time = metric.name.ends_with("_duration_seconds");
      BOOST_TEST(metric.traits.has(Trait::host) == tick_time);
    }
}

BOOST_AUTO_TEST_CASE(every_metric_is_found_by_its_name) {
  for (const Metric& metric : catalog::all()) BOOST_TEST(catalog::find(metric.name) == &metric);
  BOOST_TEST(catalog::find("rtt") == nullptr);
  BOOST_TEST(catalog::find("") == nullptr);
  BOOST_TEST(catalog::find("RTT_SECONDS") == nullptr);
}

BOOST_AUTO_TEST_CASE(constants_and_names_name_the_same_metric) {
  BOOST_TEST(&catalog::kRttSeconds.metric() == catalog::find("rtt_seconds"));
  BOOST_TEST(&catalog::kClientsConnected.metric() == catalog::find("clients_connected"));
  BOOST_TEST(CounterId{*catalog::find("joins_total")}.index() == catalog::kJoinsTotal.index());
}

BOOST_AUTO_TEST_CASE(a_slip_is_answered_with_the_name_that_was_meant) {
  BOOST_TEST(catalog::nearest("rtt_secnods").value() == "rtt_seconds");
  BOOST_TEST(catalog::nearest("client_downstream_byte_per_second").value() ==
             "client_downstream_bytes_per_second");
  BOOST_TEST(catalog::nearest("packet_lost_total").value() == "packets_lost_total");
  BOOST_TEST(catalog::nearest("tick_duration").value() == "tick_duration_seconds");
  BOOST_TEST(!catalog::nearest("frames_rendered_by_the_gpu"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
