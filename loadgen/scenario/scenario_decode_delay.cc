#include <memory>
#include <string>
#include <utility>

#include "netrig/core/base/random.h"
#include "netrig/loadgen/scenario/scenario_decode_link.h"

namespace netrig::loadgen {
namespace {

constexpr Bounds<Duration> kDelayBounds{0ns, sim::kDelayMax};

// {uniform: [50ms, 150ms]}
void decode_uniform(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  sim::UniformDelay uniform;
  if (node.kind == Node::Kind::described) {
    ListShape& list = node.shape->list();
    list.elements_min = list.elements_max = 2;
    decode_duration(list.element->node(), path, uniform.min, kDelayBounds, findings);
    return;
  }
  if (node.kind != Node::Kind::list || node.children.size() != 2) {
    if (node.kind != Node::Kind::invalid)
      findings.error(node.place, path + ": expected two durations such as [50ms, 150ms]");
    return;
  }
  const bool min_read = decode_duration(node.children[0], path + "[0]", uniform.min, kDelayBounds, findings);
  const bool max_read = decode_duration(node.children[1], path + "[1]", uniform.max, kDelayBounds, findings);
  if (!min_read || !max_read) return;
  if (uniform.min > uniform.max) return findings.error(node.place, path + ": the smaller delay comes first");
  into = uniform;
}

// {normal: {mean: 100ms, deviation: 20ms}}
void decode_normal(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  MapReader reader{node, path, findings};
  sim::NormalDelay normal;
  reader.require({"mean", "deviation"});
  const bool mean_read = reader.read_duration("mean", normal.mean, kDelayBounds, "The average delay.");
  const bool deviation_read =
      reader.read_duration("deviation", normal.stddev, kDelayBounds, "The standard deviation.");
  reader.finish();
  if (mean_read && deviation_read) into = normal;
}

// {pareto: {min: 30ms, scale: 10ms, shape: 2.5, max: 1s}}
void decode_pareto(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  MapReader reader{node, path, findings};
  sim::ParetoDelay pareto;
  reader.require({"min", "scale", "shape", "max"});
  const bool min_read = reader.read_duration("min", pareto.min, kDelayBounds, "Nothing is faster.");
  const bool scale_read = reader.read_duration("scale", pareto.scale, kDelayBounds, "How wide it is.");
  const bool shape_read =
      reader.read_thousandths("shape", pareto.shape_milli, {sim::kParetoShapeMin, sim::kParetoShapeMax},
                              "The smaller, the heavier the tail.");
  const bool max_read = reader.read_duration("max", pareto.max, kDelayBounds, "Nothing is slower.");
  reader.finish();
  if (!min_read || !scale_read || !shape_read || !max_read) return;
  if (pareto.min > pareto.max) return findings.error(node.place, path + ": min is above max");
  into = pareto;
}

void describe_table(const Node& node, const std::string& path, Findings& findings) {
  std::uint32_t share_ppm = 0;
  Duration delay{};
  ListShape& points = node.shape->list();
  points.elements_min = 2;
  points.elements_max = sim::kDelayPointsMax;
  ListShape& point = points.element->list();
  point.elements_min = point.elements_max = 2;
  decode_percentage_ppm(point.element->node(), path, share_ppm, findings);
  decode_duration(point.element->node(), path, delay, kDelayBounds, findings);
}

// [50%, 55ms]
bool decode_point(const Node& node, const std::string& path, sim::DelayPoint& into, Findings& findings) {
  if (node.kind == Node::Kind::list && node.children.size() == 2) {
    const bool share_read = decode_percentage_ppm(node.children[0], path, into.share_ppm, findings);
    return decode_duration(node.children[1], path, into.delay, kDelayBounds, findings) && share_read;
  }
  if (node.kind != Node::Kind::invalid)
    findings.error(node.place, path + ": expected a share and a delay such as [50%, 55ms]");
  return false;
}

// {table: [[0%, 40ms], [50%, 55ms], [99%, 120ms], [100%, 400ms]]}
void decode_table(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  if (node.kind == Node::Kind::described) return describe_table(node, path, findings);
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::invalid) findings.error(node.place, path + ": expected a list of points");
    return;
  }
  auto points = std::make_shared<std::vector<sim::DelayPoint>>();
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    sim::DelayPoint point;
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (!decode_point(node.children[i], at, point, findings)) return;
    if (!points->empty() &&
        (point.share_ppm <= points->back().share_ppm || point.delay < points->back().delay))
      return findings.error(node.children[i].place, at + ": shares and delays must rise from point to point");
    points->push_back(point);
  }
  const sim::TableDelay table{std::move(points)};
  if (sim::validate_delay(table))
    return findings.error(node.place, path + ": needs 2 to " + std::to_string(sim::kDelayPointsMax) +
                                          " points, the first at 0% and the last at 100%");
  into = table;
}

}  // namespace

void decode_delay(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  if (node.kind != Node::Kind::map) {
    Duration constant{};
    if (decode_duration(node, path, constant, kDelayBounds, findings)) into = sim::ConstantDelay{constant};
    if (node.kind != Node::Kind::described) return;
  }
  struct DelayShape {
    std::string_view name;
    std::string_view meaning;
    void (*decode)(const Node&, const std::string&, sim::Delay&, Findings&);
  };
  constexpr std::array<DelayShape, 4> kShapes{
      {{"uniform", "Anything between two delays: [least, most].", decode_uniform},
       {"normal", "Normally distributed, never negative.", decode_normal},
       {"pareto", "A long tail: a share (1 + x / scale)^-shape takes longer than min + x.", decode_pareto},
       {"table", "Measured quantiles: [[0%, least], ..., [100%, most]].", decode_table}}};
  MapReader reader{node, path, findings};
  for (const DelayShape& shape : kShapes)
    if (const Node* value = reader.find(shape.name, shape.meaning))
      shape.decode(*value, reader.path_of(shape.name), into, findings);
  if (reader.is_described())
    reader.described().keys_min = reader.described().keys_max = 1;
  else if (node.children.size() != 1)
    findings.error(node.place, path + ": expected one shape: uniform, normal, pareto or table");
  reader.finish();
}

}  // namespace netrig::loadgen
