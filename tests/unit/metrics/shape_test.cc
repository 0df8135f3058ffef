#include "netrig/metrics/shape.h"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "netrig/tests/unit/metrics/aborts.h"

namespace netrig::metrics {
namespace {

LabelValues valid_values() {
  return {.cohorts = {"near", "far"},
          .messages = {"ping", "pong", "state"},
          .leave_causes = {"left", "timeout"},
          .drop_causes = {"queue"},
          .error_causes = {}};
}

ShapeError error_of(LabelValues values) {
  const auto shape = Shape::make(std::move(values));
  BOOST_REQUIRE(!shape);
  return shape.error();
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = std::to_string(i);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(values_are_kept_in_order) {
  const auto made = Shape::make(valid_values());
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST(made->values(Label::message)[2] == "state");
  BOOST_TEST(made->values(Label::direction)[static_cast<std::size_t>(Direction::upstream)] == "upstream");
  BOOST_TEST(made->values(Label::layer)[static_cast<std::size_t>(Layer::transport_model)] ==
             "transport_model");
  BOOST_TEST(made->values(Label::phase)[static_cast<std::size_t>(Phase::send)] == "send");
  BOOST_TEST(made->values(Label::error_cause).empty());
}

BOOST_AUTO_TEST_CASE(a_metric_has_a_series_for_every_combination_of_its_labels) {
  const auto made = Shape::make(valid_values());
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST(made->series_count(catalog::kTicksTotal.metric()) == 1u);
  BOOST_TEST(made->series_count(catalog::kRttSeconds.metric()) == 2u);
  BOOST_TEST(made->series_count(catalog::kMessagesTotal.metric()) == 2u * 2u * 3u);
  BOOST_TEST(made->series_count(catalog::kErrorsTotal.metric()) == 0u);
}

BOOST_AUTO_TEST_CASE(numbers_and_labels_of_series_turn_into_each_other) {
  const auto made = Shape::make(valid_values());
  BOOST_REQUIRE(made.has_value());
  for (const Metric& metric : catalog::all())
    for (std::size_t i = 0; i < made->series_count(metric); ++i)
      BOOST_TEST(made->series_index(metric, made->series_at(metric, i)) == i, metric.name);
  const Selection last = made->series_at(catalog::kMessagesTotal.metric(), 11);
  BOOST_TEST((last == Selection{.cohort = 1, .direction = Direction::upstream, .message = 2}));
}

BOOST_AUTO_TEST_CASE(faulty_lists_are_refused_with_their_label) {
  LabelValues values = valid_values();
  values.cohorts.clear();
  BOOST_TEST((error_of(values) == ShapeError{Label::cohort, ShapeFault::no_cohort}));

  values = valid_values();
  values.messages.push_back("ping");
  BOOST_TEST((error_of(values) == ShapeError{Label::message, ShapeFault::duplicate_value}));

  values = valid_values();
  values.leave_causes.push_back("");
  BOOST_TEST((error_of(values) == ShapeError{Label::leave_cause, ShapeFault::empty_value}));

  values = valid_values();
  values.drop_causes.push_back("two\nlines");
  BOOST_TEST((error_of(values) == ShapeError{Label::drop_cause, ShapeFault::unprintable_value}));

  values = valid_values();
  values.error_causes.push_back(std::string(kLabelValueBytesMax + 1, 'x'));
  BOOST_TEST((error_of(values) == ShapeError{Label::error_cause, ShapeFault::value_too_long}));
}

BOOST_AUTO_TEST_CASE(lists_end_at_their_bound) {
  LabelValues values = valid_values();
  values.cohorts = numbered(kCohortsMax);
  values.messages = numbered(kLabelValuesMax);
  values.error_causes = {std::string(kLabelValueBytesMax, 'x')};
  BOOST_TEST(Shape::make(values).has_value());

  values.cohorts = numbered(kCohortsMax + 1);
  BOOST_TEST((error_of(values) == ShapeError{Label::cohort, ShapeFault::too_many_values}));

  values.cohorts = {"all"};
  values.messages = numbered(kLabelValuesMax + 1);
  BOOST_TEST((error_of(values) == ShapeError{Label::message, ShapeFault::too_many_values}));
}

BOOST_AUTO_TEST_CASE(every_fault_has_words_of_its_own) {
  std::set<std::string_view> words;
  for (const ShapeFault fault :
       {ShapeFault::no_cohort, ShapeFault::too_many_values, ShapeFault::empty_value,
        ShapeFault::value_too_long, ShapeFault::unprintable_value, ShapeFault::duplicate_value})
    BOOST_TEST(words.insert(text(fault)).second);
}

BOOST_AUTO_TEST_CASE(a_selection_includes_the_series_that_agree_with_it) {
  const Selection series{.cohort = 1, .direction = Direction::upstream, .message = 2};
  BOOST_TEST(Selection{}.includes(series));
  BOOST_TEST(Selection{.cohort = 1}.includes(series));
  BOOST_TEST(series.includes(series));
  BOOST_TEST((!Selection{.cohort = 1, .direction = Direction::downstream}.includes(series)));
  BOOST_TEST(!Selection{.phase = Phase::receive}.includes(series));
}

BOOST_AUTO_TEST_CASE(series_that_do_not_exist_are_caught) {
  const auto made = Shape::make(valid_values());
  BOOST_REQUIRE(made.has_value());
  const Metric& rtt = catalog::kRttSeconds.metric();
  const auto caught = [&](const Selection& series) {
    return netrig::testing::aborts([&] { made->series_index(rtt, series); });
  };
  BOOST_TEST(caught({}));                           // which cohort?
  BOOST_TEST(caught({.cohort = 2}));                // there are two
  BOOST_TEST(caught({.cohort = 0, .message = 0}));  // not a label of this metric
  BOOST_TEST(!caught({.cohort = 1}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::metrics
