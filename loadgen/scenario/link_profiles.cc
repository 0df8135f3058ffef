#include "netrig/loadgen/scenario/link_profiles.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/scenario/link_file.h"
#include "netrig/loadgen/scenario/scenario_yaml.h"

namespace netrig::loadgen {
namespace {

// clang-format off
constexpr std::array<LinkProfile, 9> kProfiles{{
    {"lan", "two machines on one switch",
     "IEEE 802.3ab (1000BASE-T) for the rate; a fraction of a millisecond is what ping shows there",
     R"(
up: {delay: 150us, jitter: 50us, rate: 1Gbit/s, queue: 512KiB}
down: {delay: 150us, jitter: 50us, rate: 1Gbit/s, queue: 512KiB}
)"},
    {"dsl", "ADSL2+ with interleaving; a slow upstream with a deep buffer",
     "Sundaresan et al., \"Broadband Internet performance: a view from the gateway\", SIGCOMM 2011 (last mile of "
     "DSL); Kreibich et al., \"Netalyzr: illuminating the edge network\", IMC 2010 (upstream buffers of half a second)",
     R"(
loss: 0.02%
up: {delay: {pareto: {min: 17ms, scale: 3ms, shape: 3, max: 200ms}}, rate: 1Mbit/s, queue: 64KiB}
down: {delay: {pareto: {min: 15ms, scale: 2ms, shape: 3, max: 200ms}}, rate: 16Mbit/s, queue: 256KiB}
)"},
    {"cable", "DOCSIS 3: requests and grants make the upstream jitter",
     "RFC 8034 (queue management for DOCSIS cable modems, with its request-grant delays); Sundaresan et al., "
     "SIGCOMM 2011",
     R"(
loss: 0.01%
up: {delay: {uniform: [8ms, 14ms]}, rate: 10Mbit/s, queue: 256KiB}
down: {delay: {pareto: {min: 9ms, scale: 2ms, shape: 3, max: 200ms}}, rate: 100Mbit/s, queue: 1MiB}
)"},
    {"lte", "4G in a moving hand: about 65 ms, a long tail, bursts of loss, a pause at each handover",
     "Huang et al., \"An in-depth study of LTE\", SIGCOMM 2013 (round trips, deep buffers); Nguyen et al., \"Towards "
     "understanding TCP performance on LTE/EPC mobile networks\", AllThingsCellular 2014 (handovers that hold packets)",
     R"(
correlation: 95%
loss: {mean: 0.2%, burst: 40ms}
up: {delay: {pareto: {min: 25ms, scale: 25ms, shape: 2.5, max: 1s}}, rate: 8Mbit/s, queue: 512KiB}
down: {delay: {pareto: {min: 22ms, scale: 20ms, shape: 2.5, max: 1s}}, rate: 20Mbit/s, queue: 1MiB}
schedule:
  - hold: {at: random, for: 60ms, every: 45s}
)"},
    {"5g_handover", "5G that falls back to 4G for 6 s of every 20 s, with a pause of 110 ms each time",
     "Xu et al., \"Understanding operational 5G\", SIGCOMM 2020 (hand-offs of about 100 ms); Hassan et al., "
     "\"Vivisecting mobility management in 5G cellular networks\", SIGCOMM 2022",
     R"(
correlation: 90%
loss: {mean: 0.1%, burst: 50ms}
up: {delay: {pareto: {min: 8ms, scale: 6ms, shape: 2.5, max: 500ms}}, rate: 40Mbit/s, queue: 1MiB}
down: {delay: {pareto: {min: 7ms, scale: 4ms, shape: 2.5, max: 500ms}}, rate: 300Mbit/s, queue: 4MiB}
schedule:
  - change: {at: random, for: 6s, every: 20s, rtt: 65ms, rate: 8Mbit/s}
  - hold: {at: random, for: 110ms, every: 20s}
)"},
    {"wifi_bursts", "a busy Wi-Fi before a cable line: packets wait for the air and come in bursts",
     "Pei et al., \"WiFi can be the weakest link of round trip network latency in the wild\", INFOCOM 2016; Sui et al., "
     "\"Characterizing and improving WiFi latency in large-scale operational networks\", MobiSys 2016; IEEE 802.11 "
     "(beacons and sleep each 102.4 ms, scans of about 100 ms)",
     R"(
correlation: 40%
loss: {mean: 0.3%, burst: 20ms}
up: {delay: {pareto: {min: 10ms, scale: 3ms, shape: 1.6, max: 400ms}}, rate: 10Mbit/s, queue: 256KiB}
down: {delay: {pareto: {min: 10ms, scale: 3ms, shape: 1.6, max: 400ms}}, rate: 50Mbit/s, queue: 512KiB}
schedule:
  - hold: {at: random, for: 30ms, every: 204800us}
  - hold: {at: random, for: 110ms, every: 12s}
)"},
    {"geo", "a geostationary satellite: 0.6 s",
     "RFC 2488 section 2 (239.6 to 279.0 ms from ground to ground, and what it does to TCP)",
     R"(
loss: {mean: 0.1%, burst: 100ms}
up: {delay: {pareto: {min: 290ms, scale: 20ms, shape: 3, max: 800ms}}, rate: 3Mbit/s, queue: 256KiB}
down: {delay: {pareto: {min: 285ms, scale: 8ms, shape: 3, max: 600ms}}, rate: 25Mbit/s, queue: 1MiB}
)"},
    {"leo", "satellites in low orbit: about 45 ms, another path each 15 s, at the same time for all",
     "Mohan et al., \"A multifaceted look at Starlink performance\", WWW 2024, arXiv:2310.09242 (round trips; the "
     "network's reconfiguration each 15 s); Michel et al., \"A first look at Starlink performance\", IMC 2022 (loss)",
     R"(
correlation: 90%
loss: {mean: 0.4%, burst: 60ms}
up: {delay: {pareto: {min: 20ms, scale: 8ms, shape: 2.5, max: 400ms}}, rate: 15Mbit/s, queue: 512KiB}
down: {delay: {pareto: {min: 17ms, scale: 6ms, shape: 2.5, max: 400ms}}, rate: 150Mbit/s, queue: 2MiB}
schedule:
  - change: {at: 12s, for: 15s, every: 30s, rtt: 62ms}
  - outage: {at: 12s, for: 50ms, every: 15s}
)"},
    {"onion", "an onion service, six relays away: 1 to 5 s; the relays' TCP hides every loss",
     "Lenhard, Loesing and Wirtz, \"Performance measurements of Tor hidden services in low-bandwidth access networks\", "
     "ACNS 2009; Dhungel et al., \"Waiting for anonymity\", P2P 2010. Today's Tor is faster on a good day (Tor Metrics)",
     R"(
correlation: 99.9%
up: {delay: {pareto: {min: 500ms, scale: 700ms, shape: 2, max: 2500ms}}, rate: 2Mbit/s, queue: 512KiB}
down: {delay: {pareto: {min: 500ms, scale: 700ms, shape: 2, max: 2500ms}}, rate: 4Mbit/s, queue: 512KiB}
)"},
}};
// clang-format on

// Every place becomes that of the name: what is wrong with a profile's keys was caused there.
void move_to(Node& node, Place place) {
  node.place = node.key_place = place;
  for (Node& child : node.children) move_to(child, place);
}

void erase(Node& map, std::string_view key) {
  std::erase_if(map.children, [&](const Node& child) { return child.key == key; });
}

void put(Node& map, const Node& child) {
  Node* const there = map.child(child.key);
  if (there != nullptr)
    *there = child;
  else
    map.children.push_back(child);
}

bool is_direction(std::string_view key) {
  return key == "up" || key == "down";
}

// A key of the whole link, which holds for both directions.
void replace(Node& link, const Node& child) {
  const std::string_view in_directions = child.key == "rtt" ? "delay" : std::string_view{child.key};
  for (const std::string_view direction : {"up", "down"})
    if (Node* const map = link.child(direction)) erase(*map, in_directions);
  put(link, child);
}

Node tree_of(const LinkProfile& profile) {
  Findings none;
  Node tree = parse_yaml(profile.yaml, none);
  NETRIG_ASSERT(!none.any_error() && tree.kind == Node::Kind::map);
  return tree;
}

// The link below the name of its file, which may begin with a profile itself.
Node link_in_file(const Node& name, const std::string& path, Findings& findings) {
  Node link{.kind = Node::Kind::map, .place = name.place, .children = name.children};
  auto profile = decode_profile(link, path, findings);
  return profile ? with_profile(link, std::move(profile->link)) : link;
}

void report_unknown(const Node& name, const std::string& path, Findings& findings) {
  std::vector<std::string_view> names;
  std::string list;
  for (const LinkProfile& profile : kProfiles) {
    names.push_back(profile.name);
    list.append(list.empty() ? "" : ", ").append(profile.name);
  }
  findings.error(name.place, path + ": expected one of " + list + ", got \"" + name.text + "\"" +
                                 did_you_mean(name.text, names));
}

}  // namespace

std::span<const LinkProfile> link_profiles() {
  return kProfiles;
}

void describe_profiles(MapReader& link) {
  const Node* node =
      link.find("profile", "A link that people know by name; what stands beside it replaces what it says.");
  if (node == nullptr || node->kind != Node::Kind::described) return;
  ValueShape names{.type = ValueShape::Type::choice};
  for (const LinkProfile& profile : kProfiles)
    names.choices.push_back({std::string{profile.name}, std::string{profile.what}});
  node->shape->add(std::move(names));
  node->shape->add({.type = ValueShape::Type::text, .pattern = "[./]"});  // a file's
}

std::optional<NamedLink> decode_profile(const Node& link, const std::string& path, Findings& findings) {
  const auto node = std::ranges::find(link.children, "profile", &Node::key);
  if (node == link.children.end() || node->kind == Node::Kind::invalid) return std::nullopt;
  const std::string at = path + ".profile";
  if (!expect_scalar(*node, at, "the name of a profile", findings)) return std::nullopt;
  if (is_link_file(node->text)) return NamedLink{node->text, link_in_file(*node, at, findings)};
  const auto found = std::ranges::find(kProfiles, node->text, &LinkProfile::name);
  if (found != kProfiles.end()) return NamedLink{node->text, tree_of(*found)};
  report_unknown(*node, at, findings);
  return std::nullopt;
}

Node with_profile(const Node& link, Node profile) {
  const auto name = std::ranges::find(link.children, "profile", &Node::key);
  move_to(profile, name->place);
  profile.place = link.place;
  for (const Node& child : link.children) {
    Node* const direction = is_direction(child.key) ? profile.child(child.key) : nullptr;
    if (direction == nullptr || child.kind != Node::Kind::map) {
      is_direction(child.key) ? put(profile, child) : replace(profile, child);
      continue;
    }
    for (const Node& key : child.children) put(*direction, key);
  }
  return profile;
}

}  // namespace netrig::loadgen
