#include "netrig/loadgen/scenario/plan_presence.h"

#include <algorithm>

#include "netrig/core/base/exponential.h"

namespace netrig::loadgen {

Duration Stays::draw(Duration mean) {
  return std::max(churn_->shape == TimeShape::fixed ? mean : draw_exponential(mean, random_), kStayMin);
}

std::optional<Stay> Stays::next() {
  if (!next_ || (leave_ && *leave_ <= *next_)) return std::nullopt;
  Stay stay{*next_, leave_};
  next_.reset();
  if (!churn_) return stay;
  const Instant goes = stay.from + draw(churn_->stay);
  const Duration away = draw(churn_->away);
  if (leave_ && *leave_ <= goes) return stay;
  stay.until = goes;
  next_ = goes + away;
  return stay;
}

Cuts::Cuts(const Storm& storm, Random random)
    : begins_(Instant{} + storm.at), every_(storm.every), within_(storm.within), random_(random) {}

std::optional<Instant> Cuts::next() {
  if (!begins_) return std::nullopt;
  const Instant cut =
      *begins_ +
      Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(within_.count()) + 1))};
  if (every_) {
    *begins_ += *every_;
  } else {
    begins_.reset();
  }
  return cut;
}

}  // namespace netrig::loadgen
