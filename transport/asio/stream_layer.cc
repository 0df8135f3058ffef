#include "netrig/transport/asio/stream_layer.h"

#include <utility>

namespace netrig::transport {

namespace {

class Stacked final : public StreamLayer {
 public:
  Stacked(std::unique_ptr<StreamLayer> upper, std::unique_ptr<StreamLayer> lower)
      : upper_(std::move(upper)), lower_(std::move(lower)) {}

  void begin(ByteBuffer& wire) override {
    lower_->begin(wire);
    if (!lower_->fault().empty()) fail(*lower_);
  }

  LayerState receive(Bytes bytes, ByteBuffer& plain, ByteBuffer& wire) override {
    between_.clear();
    const LayerState lower = lower_->receive(bytes, between_, wire);
    if (lower == LayerState::failed) return fail(*lower_);
    if (lower == LayerState::opening) return LayerState::opening;
    down_.clear();
    if (!std::exchange(upper_begun_, true)) upper_->begin(down_);
    LayerState upper = upper_state_;
    if (!between_.empty() && upper != LayerState::ended) upper = upper_->receive(between_, plain, down_);
    if (!down_.empty()) lower_->send(down_, wire);
    if (upper == LayerState::failed) return fail(*upper_);
    upper_state_ = lower == LayerState::ended && upper == LayerState::open ? LayerState::ended : upper;
    return lower == LayerState::ended && upper == LayerState::opening ? fail(*upper_) : upper_state_;
  }

  void send(Bytes plain, ByteBuffer& wire) override {
    down_.clear();
    upper_->send(plain, down_);
    lower_->send(down_, wire);
  }

  void end(ByteBuffer& wire) override {
    down_.clear();
    upper_->end(down_);
    lower_->send(down_, wire);
    lower_->end(wire);
  }

  std::string fault() const override { return failed_ != nullptr ? failed_->fault() : std::string{}; }
  const char* name() const override { return upper_begun_ ? upper_->name() : lower_->name(); }

 private:
  LayerState fail(const StreamLayer& layer) {
    failed_ = &layer;
    return upper_state_ = LayerState::failed;
  }

  std::unique_ptr<StreamLayer> upper_;
  std::unique_ptr<StreamLayer> lower_;
  const StreamLayer* failed_ = nullptr;
  LayerState upper_state_ = LayerState::opening;
  bool upper_begun_ = false;
  ByteBuffer between_;  // from the lower to the upper
  ByteBuffer down_;     // from the upper to the lower
};

class StackedLayers final : public StreamLayers {
 public:
  StackedLayers(std::shared_ptr<const StreamLayers> upper, std::shared_ptr<const StreamLayers> lower)
      : upper_(std::move(upper)), lower_(std::move(lower)) {}
  std::unique_ptr<StreamLayer> for_caller(const Address& to) const override {
    return std::make_unique<Stacked>(upper_->for_caller(to), lower_->for_caller(to));
  }
  std::unique_ptr<StreamLayer> for_listener() const override {
    return std::make_unique<Stacked>(upper_->for_listener(), lower_->for_listener());
  }

 private:
  std::shared_ptr<const StreamLayers> upper_;
  std::shared_ptr<const StreamLayers> lower_;
};

}  // namespace

std::shared_ptr<const StreamLayers> stacked(std::shared_ptr<const StreamLayers> upper,
                                            std::shared_ptr<const StreamLayers> lower) {
  return std::make_shared<StackedLayers>(std::move(upper), std::move(lower));
}

}  // namespace netrig::transport
