// Bytes that the original encoder produced: encode gives them, decode takes them, and nothing shorter or
// longer.
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "netrig/core/venture/animation.h"
#include "netrig/core/venture/components.h"
#include "netrig/core/venture/input_command.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;
using Json = nlohmann::json;

constexpr const char* kVectorsFile = NETRIG_SOURCE_DIR "/tests/golden/venture-vectors.jsonl";

struct Vector {
  std::string kind;
  Json fields;
  Buffer bytes;
};

std::vector<Vector> vectors() {
  std::ifstream file(kVectorsFile);
  BOOST_REQUIRE_MESSAGE(file.is_open(), kVectorsFile << " is missing");
  std::vector<Vector> all;
  for (std::string line; std::getline(file, line);) {
    const Json fields = Json::parse(line);
    all.push_back({fields.at("kind"), fields, unhex(fields.at("bytes").get<std::string>())});
  }
  BOOST_REQUIRE_MESSAGE(!all.empty(), kVectorsFile << " is empty");
  return all;
}

std::uint64_t u64_of(const Json& decimal) {
  return std::stoull(decimal.get<std::string>());
}
std::int64_t i64_of(const Json& decimal) {
  return std::stoll(decimal.get<std::string>());
}
double f64_of(const Json& number) {
  return std::bit_cast<double>(std::uint64_t{std::stoull(number.at("bits").get<std::string>(), nullptr, 16)});
}

StateUpdateHeader header_of(const Json& fields) {
  return {.timestamp = u64_of(fields.at("timestamp")),
          .entity = EntityId{u64_of(fields.at("entity_id"))},
          .priority = fields.at("priority"),
          .sequence = fields.at("sequence")};
}

std::vector<OwnedComponent> components_of(const Json& fields) {
  std::vector<OwnedComponent> components;
  for (const Json& component : fields.at("components"))
    components.push_back({component.at("type"), unhex(component.at("data").get<std::string>())});
  return components;
}

void check_state_update(const Vector& vector) {
  const StateUpdateHeader header = header_of(vector.fields);
  const std::vector<OwnedComponent> components = components_of(vector.fields);
  BOOST_TEST(hex(payload_of(StateUpdate{header, views_of(components)})) == hex(vector.bytes));

  const auto view = decode_state_update(vector.bytes);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST((view->header == header));
  BOOST_REQUIRE_EQUAL(view->components.size(), components.size());
  auto expected = components.begin();
  for (const Component component : view->components) {
    BOOST_TEST(component.type == expected->type);
    BOOST_TEST(hex(component.data) == hex(expected->data));
    ++expected;
  }
  BOOST_TEST((expected == components.end()));
}

void check_input_command(const Vector& vector) {
  const Buffer data = unhex(vector.fields.at("data").get<std::string>());
  const std::string type = vector.fields.at("input_type");
  const InputCommand command{.player = ClientId{u64_of(vector.fields.at("player_id"))},
                             .timestamp = u64_of(vector.fields.at("timestamp")),
                             .sequence = vector.fields.at("sequence"),
                             .type = type,
                             .data = data};
  BOOST_TEST(hex(payload_of(command)) == hex(vector.bytes));

  const auto decoded = decode_input_command(vector.bytes);
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST(decoded->player.value == command.player.value);
  BOOST_TEST(decoded->timestamp == command.timestamp);
  BOOST_TEST(decoded->sequence == command.sequence);
  BOOST_TEST(decoded->type == type);
  BOOST_TEST(hex(decoded->data) == hex(data));
}

// Equal to the bit: NaN equals nothing.
template <class Field>
bool same_bits(Field a, Field b) {
  return std::bit_cast<WireWord<Field>>(a) == std::bit_cast<WireWord<Field>>(b);
}

template <ComponentValue T>
void check_component(const Vector& vector, const T& expected) {
  BOOST_TEST(hex(encode(expected)) == hex(vector.bytes));
  const auto decoded = decode<T>(vector.bytes);
  BOOST_REQUIRE(decoded.has_value());
  const auto same = [&](auto field) { return same_bits((*decoded).*field, expected.*field); };
  BOOST_TEST(std::apply([&](auto... field) { return (same(field) && ...); }, T::kFields));
}

AnimationState state_of(const std::string& name) {
  static const std::map<std::string, AnimationState> states{
      {"idle", AnimationState::idle},     {"walk", AnimationState::walk}, {"run", AnimationState::run},
      {"attack", AnimationState::attack}, {"cast", AnimationState::cast}, {"hit", AnimationState::hit},
      {"death", AnimationState::death},   {"jump", AnimationState::jump}, {"crouch", AnimationState::crouch},
      {"use", AnimationState::use}};
  return states.at(name);
}

AnimationPacket animation_of(const Json& fields) {
  return {.entity = EntityId{u64_of(fields.at("entity_id"))},
          .state = state_of(fields.at("state")),
          .frame = fields.at("frame"),
          .timestamp = i64_of(fields.at("timestamp")),
          .loop = fields.at("loop")};
}

void check_animation(const Vector& vector) {
  const AnimationPacket expected = animation_of(vector.fields);
  BOOST_TEST(hex(encode(expected)) == hex(vector.bytes));
  const auto decoded = decode_animation(vector.bytes);
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST((*decoded == expected));
}

void check_animation_batch(const Vector& vector) {
  std::vector<AnimationPacket> packets;
  for (const Json& packet : vector.fields.at("states")) packets.push_back(animation_of(packet));
  const std::int64_t timestamp = i64_of(vector.fields.at("timestamp"));
  BOOST_TEST(hex(payload_of(AnimationBatch{timestamp, packets})) == hex(vector.bytes));

  const auto view = decode_animation_batch(vector.bytes);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(view->timestamp == timestamp);
  const std::vector<AnimationPacket> decoded(view->packets.begin(), view->packets.end());
  BOOST_TEST((decoded == packets));
}

const std::map<std::string, std::function<void(const Vector&)>> kChecks{
    {"state_update", check_state_update},
    {"input_command", check_input_command},
    {"animation", check_animation},
    {"animation_batch", check_animation_batch},
    {"position",
     [](const Vector& v) {
       check_component(v, Position{f64_of(v.fields.at("x")), f64_of(v.fields.at("y"))});
     }},
    {"velocity",
     [](const Vector& v) {
       check_component(v, Velocity{f64_of(v.fields.at("vx")), f64_of(v.fields.at("vy"))});
     }},
    {"health",
     [](const Vector& v) {
       check_component(v, Health{f64_of(v.fields.at("current")), f64_of(v.fields.at("max"))});
     }},
    {"stats",
     [](const Vector& v) {
       check_component(v, Stats{f64_of(v.fields.at("attack")), f64_of(v.fields.at("defense")),
                                f64_of(v.fields.at("magic_power"))});
     }},
    {"team", [](const Vector& v) { check_component(v, Team{u64_of(v.fields.at("id"))}); }},
    {"level",
     [](const Vector& v) {
       check_component(v, Level{v.fields.at("level"), v.fields.at("xp")});
     }},
    {"input",
     [](const Vector& v) {
       check_component(v, InputDirection{v.fields.at("dx"), v.fields.at("dy")});
     }},
    {"attack", [](const Vector& v) { check_component(v, Attack{u64_of(v.fields.at("target_id"))}); }},
    {"item", [](const Vector& v) { check_component(v, Item{u64_of(v.fields.at("item_id"))}); }},
};

template <ComponentValue T>
bool decodes_as(Bytes bytes) {
  return decode<T>(bytes).has_value();
}

const std::map<std::string, std::function<bool(Bytes)>> kDecoders{
    {"state_update", [](Bytes bytes) { return decode_state_update(bytes).has_value(); }},
    {"input_command", [](Bytes bytes) { return decode_input_command(bytes).has_value(); }},
    {"animation", [](Bytes bytes) { return decode_animation(bytes).has_value(); }},
    {"animation_batch", [](Bytes bytes) { return decode_animation_batch(bytes).has_value(); }},
    {"position", decodes_as<Position>},
    {"velocity", decodes_as<Velocity>},
    {"health", decodes_as<Health>},
    {"stats", decodes_as<Stats>},
    {"team", decodes_as<Team>},
    {"level", decodes_as<Level>},
    {"input", decodes_as<InputDirection>},
    {"attack", decodes_as<Attack>},
    {"item", decodes_as<Item>},
};

BOOST_AUTO_TEST_SUITE(vectors_of_the_original)

BOOST_AUTO_TEST_CASE(encode_gives_and_decode_takes_the_original_bytes) {
  for (const Vector& vector : vectors()) {
    BOOST_TEST_CONTEXT(vector.kind << " " << hex(vector.bytes)) {
      const auto check = kChecks.find(vector.kind);
      BOOST_REQUIRE_MESSAGE(check != kChecks.end(), "unknown kind " << vector.kind);
      check->second(vector);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  for (const Vector& vector : vectors()) {
    const auto& decodes = kDecoders.at(vector.kind);
    for (std::size_t size = 0; size < vector.bytes.size(); ++size) {
      // A copy of just these bytes, so that a sanitizer sees a read behind them.
      const Buffer truncated(vector.bytes.begin(), vector.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      BOOST_TEST(!decodes(truncated), vector.kind << " of " << vector.bytes.size() << " bytes decodes from "
                                                  << size << ": " << hex(vector.bytes));
    }
  }
}

BOOST_AUTO_TEST_CASE(one_trailing_byte_is_refused) {
  for (const Vector& vector : vectors()) {
    for (const char* trailing : {"00", "01", "ff"}) {
      const Buffer longer = unhex(hex(vector.bytes) + trailing);
      BOOST_TEST(!kDecoders.at(vector.kind)(longer), vector.kind << " " << hex(longer));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
