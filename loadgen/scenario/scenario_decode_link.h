// The parts of a link, decoded each in its own file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {

constexpr std::uint64_t kQueueBytesDefault = 64 * 1024;  // what home routers hold, about

// 100ms, or one of the shapes.
void decode_delay(const Node& node, const std::string& path, sim::Delay& into, Findings& findings);

// `loss`: a percentage, bursts, or a Gilbert-Elliott model; and `loss_by_delay`.
void decode_loss(MapReader& reader, sim::LinkConditions& into);

// `codel`, of a link or of a shared queue.
void decode_codel(MapReader& reader, std::optional<sim::CoDelConditions>& into);

// `rate`, `queue` and `codel` of a queue that links share.
sim::QueueConditions decode_queue(const Node& node, const std::string& path, Findings& findings);

// `household`.
void decode_household(MapReader& link, CohortLink& into);

// The value of `schedule`: of a whole link, whose changes have an `rtt`, or of one direction.
void decode_link_schedule(const Node& node, const std::string& path, CohortLink& into, Findings& findings);
void decode_direction_schedule(const Node& node, const std::string& path, sim::LinkConditions& into,
                               Findings& findings);

// The value of `partitions`, and what they mean for the links of `cohorts`.
std::vector<Partition> decode_partitions(const Node& node, std::vector<Cohort>& cohorts, Findings& findings);

}  // namespace netrig::loadgen
