#include <string>

#include "netrig/sim/network/conditions.h"

namespace netrig::sim {
namespace {

std::string with(std::string_view what, std::uint32_t ppm) {
  return std::string{", "}.append(what).append(" ").append(share_text(ppm));
}

std::string bursts_text(const GilbertElliott& bursts) {
  const bool simple = bursts.loss_good_ppm == 0 && bursts.loss_bad_ppm == 1'000'000 && bursts.leave_ppm > 0;
  if (simple) {
    LinkConditions alone;
    alone.bursts = bursts;
    const std::uint32_t length_milli = (1'000'000'000 + bursts.leave_ppm / 2) / bursts.leave_ppm;
    return with("loss", mean_loss_ppm(alone)) + " in bursts of " + thousandths_text(length_milli) +
           " packets";
  }
  return ", bursts (Gilbert-Elliott: enter " + share_text(bursts.enter_ppm) + ", leave " +
         share_text(bursts.leave_ppm) + ", loss " + share_text(bursts.loss_good_ppm) + " and " +
         share_text(bursts.loss_bad_ppm) + ")";
}

std::string loss_text(const LinkConditions& link) {
  std::string words;
  if (link.loss_ppm > 0) words += with("loss", link.loss_ppm);
  if (link.bursts) words += bursts_text(*link.bursts);
  if (link.timed_bursts)
    words += with("loss", link.timed_bursts->mean_ppm) + " in bursts of " +
             duration_text(link.timed_bursts->mean_length);
  if (link.loss_by_delay)
    words += ", loss rising to " + share_text(link.loss_by_delay->loss_ppm) + " as the delay goes from " +
             duration_text(link.loss_by_delay->from) + " to " + duration_text(link.loss_by_delay->to);
  if (link.corrupt_ppm > 0) words += with("corruption", link.corrupt_ppm);
  return words;
}

std::string codel_text(const std::optional<CoDelConditions>& codel) {
  if (!codel) return "";
  return " with CoDel (" + duration_text(codel->target) + ", " + duration_text(codel->interval) + ")";
}

std::string schedule_text(const LinkSchedule& schedule) {
  std::string words;
  if (schedule.trace)
    words += ", along a trace of " + std::to_string(schedule.trace->rows.size()) +
             " rows that repeats every " + duration_text(schedule.trace->period);
  for (const LinkEvent& event : schedule.events) words += "; " + describe_event(event);
  return words;
}

}  // namespace

std::string describe(const LinkConditions& link) {
  std::string words = describe_delay(link.delay);
  if (link.jitter > Duration{0}) words += " +-" + duration_text(link.jitter);
  if (link.correlation_ppm > 0) words += " (correlation " + share_text(link.correlation_ppm) + ")";
  if (link.jitter_may_reorder) words += " in any order";
  words += loss_text(link);
  if (link.duplicate_ppm > 0) words += with("duplicates", link.duplicate_ppm);
  if (link.reorder_ppm > 0)
    words += with("reordering", link.reorder_ppm) + " by " + duration_text(link.reorder_delay);
  if (link.rate_bits_per_second > 0)
    words +=
        ", " + describe_queue(QueueConditions{link.rate_bits_per_second, link.queue_bytes_max, link.codel});
  if (link.schedule) words += schedule_text(*link.schedule);
  return words;
}

std::string describe_queue(const QueueConditions& queue) {
  return rate_text(queue.rate_bits_per_second) + " behind a queue of " + size_text(queue.bytes_max) +
         codel_text(queue.codel);
}

}  // namespace netrig::sim
