#include "netrig/sim/network/loss_model.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

using namespace netrig;
using namespace netrig::sim;

namespace {

constexpr std::size_t kPackets = 1'000'000;

struct Losses {
  std::size_t lost = 0;
  std::vector<std::size_t> bursts;  // lengths of runs of losses

  double mean() const { return static_cast<double>(lost) / kPackets; }
  double mean_burst() const { return static_cast<double>(lost) / static_cast<double>(bursts.size()); }
};

Losses losses_of(const LinkConditions& conditions, std::uint64_t seed = 1) {
  LossModel model{conditions, Random{seed}};
  Losses losses;
  std::size_t run = 0;
  for (std::size_t packet = 0; packet < kPackets; ++packet) {
    if (model.draw()) {
      ++losses.lost;
      ++run;
    } else if (run > 0) {
      losses.bursts.push_back(run);
      run = 0;
    }
  }
  return losses;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(loss_model)

BOOST_AUTO_TEST_CASE(bursts_have_the_mean_loss_and_the_mean_length_that_was_asked_for) {
  for (const auto& [mean_ppm, burst_milli] :
       {std::pair{10'000u, 4'000u}, {30'000u, 8'000u}, {200'000u, 2'500u}, {2'000u, 3'000u}}) {
    const auto bursts = bursts_of(mean_ppm, burst_milli);
    BOOST_REQUIRE(bursts);
    const Losses losses = losses_of({.bursts = bursts});
    const double mean = mean_ppm / 1e6;
    const double burst = burst_milli / 1e3;
    // Five standard errors of a mean over bursts, whose lengths are geometric.
    const double count = kPackets * mean / burst;
    BOOST_CHECK_SMALL(losses.mean() / mean - 1, 5 * std::sqrt(2 / count));
    BOOST_CHECK_SMALL(losses.mean_burst() / burst - 1, 5 * std::sqrt(1 / count));
    BOOST_CHECK_SMALL(mean_loss_ppm({.bursts = bursts}) - static_cast<double>(mean_ppm), mean_ppm * 0.01 + 1);
  }
}

BOOST_AUTO_TEST_CASE(lengths_of_bursts_are_geometric) {
  const Losses losses = losses_of({.bursts = GilbertElliott{.enter_ppm = 20'000, .leave_ppm = 250'000}});
  const auto count = static_cast<double>(losses.bursts.size());
  for (const std::size_t length : {1u, 2u, 4u, 8u}) {
    const double expected = count * 0.25 * std::pow(0.75, static_cast<double>(length) - 1);
    const auto seen = static_cast<double>(std::ranges::count(losses.bursts, length));
    BOOST_CHECK_SMALL(seen - expected, 5 * std::sqrt(expected));
  }
}

// In the long run the state is bad with p / (p + r).
BOOST_AUTO_TEST_CASE(all_four_parameters_make_the_mean_of_the_closed_form) {
  const GilbertElliott bursts{
      .enter_ppm = 10'000, .leave_ppm = 90'000, .loss_good_ppm = 5'000, .loss_bad_ppm = 400'000};
  const double expected = 0.1 * 0.4 + 0.9 * 0.005;
  BOOST_CHECK_SMALL(losses_of({.bursts = bursts}).mean() / expected - 1, 0.03);
  BOOST_TEST(mean_loss_ppm({.bursts = bursts}) == 44'500u);
  // Beside an independent loss, either may strike.
  const double both = 1 - (1 - expected) * (1 - 0.02);
  BOOST_CHECK_SMALL(losses_of({.loss_ppm = 20'000, .bursts = bursts}).mean() / both - 1, 0.03);
}

BOOST_AUTO_TEST_CASE(the_first_packet_meets_the_state_of_the_long_run) {
  const GilbertElliott bursts{.enter_ppm = 1'000, .leave_ppm = 4'000};
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed)
    lost += LossModel{{.bursts = bursts}, Random{seed}}.draw();
  BOOST_CHECK_SMALL(lost - 2'000.0, 5 * 40.0);
}

BOOST_AUTO_TEST_CASE(what_whole_parts_per_million_cannot_express_is_refused) {
  BOOST_CHECK(!bursts_of(1, 1'000'000));  // a thousandth of a part per million
  BOOST_CHECK(!bursts_of(10'000, 999));   // shorter than one packet
  BOOST_CHECK(!bursts_of(0, 4'000));
  BOOST_CHECK(!bursts_of(1'000'000, 4'000));
  BOOST_CHECK(!bursts_of(900'000, 1'000));  // cannot lose nine of ten, one at a time
  BOOST_CHECK((bursts_of(500'000, 2'000) == GilbertElliott{.enter_ppm = 500'000, .leave_ppm = 500'000}));
}

BOOST_AUTO_TEST_CASE(no_bursts_draw_what_an_independent_loss_always_drew) {
  LossModel of_conditions{{.loss_ppm = 300'000}, Random{5}};
  LossModel plain{300'000, Random{5}};
  for (int i = 0; i < 1'000; ++i) BOOST_REQUIRE(of_conditions.draw() == plain.draw());
}

BOOST_AUTO_TEST_SUITE_END()
