// Who is hit, as the view shows it; and what a hit does.
#include <boost/test/unit_test.hpp>

#include "netrig/sim/world/aim.h"
#include "netrig/tests/unit/sim/world/game.h"

namespace netrig::sim {
namespace {

Vector moved(Vector from, std::int32_t dx, std::int32_t dy) {
  return {from.x + dx, from.y + dy};
}

// Two players on an open map of 100 x 100 m; the first one stands far enough from the right edge to shoot
// there.
struct Duel : Game {
  explicit Duel(const ArenaConfig& config = open_map(), std::uint64_t seed = 1)
      : Game(config, seed), shooter(spawn()), target(spawn()) {}

  bool shot_hits(Vector shown, Angle aim = 0) {
    show_only(target, shown);
    const long before = log.count(ArenaEvent::hit);
    step_seeing({input_for(shooter, fire_at(aim))});
    return log.count(ArenaEvent::hit) > before;
  }
  void cool_down() { idle(10); }

  EntityId shooter;
  EntityId target;
};

BOOST_AUTO_TEST_SUITE(arena_shot)

BOOST_AUTO_TEST_CASE(the_view_decides_not_the_present) {
  Duel duel;
  const Vector muzzle = duel.place(duel.shooter);
  BOOST_TEST(duel.shot_hits(moved(muzzle, 5'000, 0)));
  BOOST_TEST((duel.log.events == std::vector<Event>{{ArenaEvent::hit, duel.shooter, duel.target}}));
  duel.cool_down();
  const Vector present = duel.place(duel.target);
  const Angle at_present = aim_at(present.x - muzzle.x, present.y - muzzle.y);
  BOOST_TEST(!duel.shot_hits(moved(muzzle, 0, 5'000), at_present == 16'384 ? Angle{0} : at_present));
}

BOOST_AUTO_TEST_CASE(the_view_is_asked_for_the_input_s_time) {
  Duel duel;
  const Instant seen = instant_from_ns(123'456'789);
  duel.show_only(duel.target, {});
  duel.step_seeing({input_for(duel.shooter, fire_at(0), seen)});
  BOOST_TEST(ns_since_start(duel.view.asked) == 123'456'789);
}

BOOST_AUTO_TEST_CASE(the_present_as_view_hits_who_stands_there) {
  ArenaConfig config = open_map();
  config.shot_range_mm = kArenaRangeMmMax;
  config.width_mm = config.height_mm = 60'000;
  Duel duel{config};
  const Vector from = duel.place(duel.shooter), to = duel.place(duel.target);
  duel.step({input_for(duel.shooter, fire_at(aim_at(to.x - from.x, to.y - from.y)))});
  BOOST_TEST(duel.health(duel.target) == 75'000);
}

BOOST_AUTO_TEST_CASE(the_hit_radius_is_inclusive) {
  Duel duel;
  const Vector muzzle = duel.place(duel.shooter);
  BOOST_TEST(duel.shot_hits(moved(muzzle, 5'000, 500)));
  duel.cool_down();
  BOOST_TEST(!duel.shot_hits(moved(muzzle, 5'000, 501)));
  duel.cool_down();
  BOOST_TEST(duel.shot_hits(moved(muzzle, 50'500, 0)));
  duel.cool_down();
  BOOST_TEST(!duel.shot_hits(moved(muzzle, 50'501, 0)));
}

BOOST_AUTO_TEST_CASE(a_shot_leaves_from_where_the_shooter_stood_before_the_tick) {
  Duel duel;
  const Vector muzzle = duel.place(duel.shooter);
  ArenaInput both = fire_at(0);
  both.move_y = 127;
  duel.show_only(duel.target, moved(muzzle, 5'000, -500));
  duel.step_seeing({input_for(duel.shooter, both)});
  BOOST_TEST(duel.place(duel.shooter).y == muzzle.y + 100);
  BOOST_TEST(duel.log.count(ArenaEvent::hit) == 1);
}

BOOST_AUTO_TEST_CASE(a_wall_between_blocks_and_a_wall_behind_does_not) {
  ArenaConfig config = open_map();
  config.width_mm = config.height_mm = 40'000;
  config.shot_range_mm = kArenaRangeMmMax;
  config.walls = std::vector{Wall{{17'000, 17'000}, {23'000, 23'000}}};
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Duel duel{config, seed};
    const Vector muzzle = duel.place(duel.shooter);
    const Vector mirrored{40'000 - muzzle.x, 40'000 - muzzle.y};  // the line goes through the middle
    const Angle aim = aim_at(mirrored.x - muzzle.x, mirrored.y - muzzle.y);
    BOOST_TEST(!duel.shot_hits(mirrored, aim));
    duel.cool_down();
    const Vector near{muzzle.x + direction(aim).x / 64, muzzle.y + direction(aim).y / 64};
    BOOST_TEST(duel.shot_hits(near, aim));
  }
}

BOOST_AUTO_TEST_CASE(the_nearest_is_struck_and_never_the_shooter) {
  Duel duel;
  const EntityId third = duel.spawn();
  const Vector muzzle = duel.place(duel.shooter);
  Snapshot& shown = duel.view.shown;
  show(shown, duel.shooter, muzzle, 1, 1);
  show(shown, duel.target, moved(muzzle, 9'000, 0), 1, 1);
  show(shown, third, moved(muzzle, 4'000, 0), 1, 1);
  duel.step_seeing({input_for(duel.shooter, fire_at(0))});
  BOOST_TEST((duel.log.events == std::vector<Event>{{ArenaEvent::hit, duel.shooter, third}}));
}

BOOST_AUTO_TEST_CASE(the_cooldown_spaces_shots) {
  Duel duel;
  const Vector ahead = moved(duel.place(duel.shooter), 5'000, 0);
  ArenaConfig config;
  std::vector<std::uint32_t> hit_ticks;
  for (int i = 0; i < 35; ++i)
    if (duel.shot_hits(ahead)) hit_ticks.push_back(duel.tick);
  const std::vector<std::uint32_t> every_ten{1, 11, 21, 31};
  BOOST_TEST(hit_ticks == every_ten, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(several_inputs_of_one_tick_fire_once) {
  Duel duel;
  duel.show_only(duel.target, moved(duel.place(duel.shooter), 5'000, 0));
  const PlayerInput shot = input_for(duel.shooter, fire_at(0));
  duel.step_seeing({shot, shot, shot});
  BOOST_TEST(duel.log.count(ArenaEvent::hit) == 1);
}

BOOST_AUTO_TEST_CASE(a_shot_between_two_moves_of_one_tick_is_not_lost) {
  Duel duel;
  const Vector before = duel.place(duel.shooter);
  duel.show_only(duel.target, moved(before, 5'000, 0));
  duel.step_seeing({input_for(duel.shooter, fire_at(0)), input_for(duel.shooter, {.move_x = 127})});
  BOOST_TEST(duel.log.count(ArenaEvent::hit) == 1);
  BOOST_TEST((duel.place(duel.shooter) == moved(before, 100, 0)));  // one move a tick, the last one's
}

BOOST_AUTO_TEST_CASE(four_hits_kill_and_the_dead_respawn_in_place) {
  Duel duel;
  const Vector ahead = moved(duel.place(duel.shooter), 5'000, 0);
  duel.step({input_for(duel.target, {.move_x = 127})});  // the target has some speed when it dies
  for (int shot = 0; shot < 4; ++shot) {
    duel.cool_down();
    duel.show_only(duel.target, ahead);
    duel.step_seeing({input_for(duel.shooter, fire_at(0)), input_for(duel.target, {.move_x = 127})});
    BOOST_TEST(duel.health(duel.target) == 75'000 - 25'000 * shot);
  }
  const std::vector<Event> last{{ArenaEvent::hit, duel.shooter, duel.target},
                                {ArenaEvent::kill, duel.shooter, duel.target}};
  BOOST_TEST((std::vector<Event>(duel.log.events.end() - 2, duel.log.events.end()) == last));
  const auto body = duel.row(duel.target);
  BOOST_TEST((body[column::vx] == 0 && body[column::vy] == 0));

  for (int i = 0; i < 59; ++i) duel.step({input_for(duel.target, {.move_x = 127, .fire = true})});
  BOOST_TEST(duel.row(duel.target) == body);  // neither moves nor lives
  duel.step();
  BOOST_TEST(duel.health(duel.target) == 100'000);
  BOOST_TEST((duel.place(duel.target) == Vector{body[column::x], body[column::y]}));
  BOOST_TEST((duel.log.events.back() == Event{ArenaEvent::respawn, duel.target, {}}));
  duel.step({input_for(duel.target, {.move_x = -127})});
  BOOST_TEST(duel.place(duel.target).x == body[column::x] - 100);
}

BOOST_AUTO_TEST_CASE(the_dead_are_not_shot_in_view_or_present) {
  ArenaConfig config = open_map();
  config.shot_damage = config.health_max;
  Duel duel{config};
  const Vector ahead = moved(duel.place(duel.shooter), 5'000, 0);
  duel.view.shown.reset(Tick{0});
  show(duel.view.shown, duel.target, ahead, 0, 1);
  duel.step_seeing({input_for(duel.shooter, fire_at(0))});
  BOOST_TEST(duel.log.events.empty());
  duel.cool_down();
  BOOST_TEST(duel.shot_hits(ahead));  // kills
  duel.cool_down();
  BOOST_TEST(!duel.shot_hits(ahead));  // the view still shows it alive
  duel.cool_down();
  const EntityId behind = duel.spawn();
  duel.show_only(duel.target, ahead);
  show(duel.view.shown, behind, moved(ahead, 5'000, 0), 1, 1);
  duel.step_seeing({input_for(duel.shooter, fire_at(0))});  // passes over the dead
  BOOST_TEST((duel.log.events.back() == Event{ArenaEvent::kill, duel.shooter, behind}));
}

BOOST_AUTO_TEST_CASE(two_may_kill_each_other_in_one_tick) {
  ArenaConfig config = open_map();
  config.shot_damage = config.health_max;
  config.width_mm = config.height_mm = 60'000;
  config.shot_range_mm = kArenaRangeMmMax;
  Duel duel{config};
  const Vector a = duel.place(duel.shooter), b = duel.place(duel.target);
  duel.step({input_for(duel.shooter, fire_at(aim_at(b.x - a.x, b.y - a.y))),
             input_for(duel.target, fire_at(aim_at(a.x - b.x, a.y - b.y)))});
  BOOST_TEST(duel.log.count(ArenaEvent::kill) == 2);
  BOOST_TEST(duel.health(duel.shooter) == 0);
  BOOST_TEST(duel.health(duel.target) == 0);
}

BOOST_AUTO_TEST_CASE(one_death_is_one_kill_however_many_shoot) {
  ArenaConfig config = open_map();
  config.shot_damage = config.health_max;
  Duel duel{config};
  const EntityId third = duel.spawn();
  const Vector from = duel.place(duel.shooter), other = duel.place(third);
  const Vector middle{(from.x + other.x) / 2, (from.y + other.y) / 2};
  duel.show_only(duel.target, middle);
  duel.step_seeing({input_for(duel.shooter, fire_at(aim_at(middle.x - from.x, middle.y - from.y))),
                    input_for(third, fire_at(aim_at(middle.x - other.x, middle.y - other.y)))});
  const std::vector<Event> expected{{ArenaEvent::hit, duel.shooter, duel.target},
                                    {ArenaEvent::kill, duel.shooter, duel.target}};
  BOOST_TEST((duel.log.events == expected));
}

BOOST_AUTO_TEST_CASE(someone_who_has_left_is_not_hit) {
  Duel duel;
  const Vector ahead = moved(duel.place(duel.shooter), 5'000, 0);
  duel.arena.despawn(duel.target);
  BOOST_TEST(!duel.shot_hits(ahead));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::sim
