// What a stream has accepted and not yet handed to its socket: parts are referred to, never copied.
#pragma once

#include <cstddef>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/growing_ring.h"
#include "netrig/core/base/payload.h"

namespace netrig::transport {

class SendQueue {
 public:
  std::size_t bytes() const { return bytes_; }
  std::size_t parts() const { return parts_.size(); }
  bool empty() const { return bytes_ == 0; }

  void push(const OutgoingMessage& message) {
    for (const PayloadRef& part : {message.head, message.body}) {
      if (!part || part->bytes.empty()) continue;
      bytes_ += part->bytes.size();
      parts_.push_back(part);
    }
  }

  // What is left of the part at `index`.
  Bytes part(std::size_t index) const {
    const Bytes whole{parts_[index]->bytes};
    return index == 0 ? whole.subspan(front_taken_) : whole;
  }

  void consume(std::size_t count) {
    bytes_ -= count;
    front_taken_ += count;
    while (!parts_.empty() && front_taken_ >= parts_.front()->bytes.size()) {
      front_taken_ -= parts_.front()->bytes.size();
      parts_.pop_front();
    }
  }

  void clear() {
    while (!parts_.empty()) parts_.pop_front();
    bytes_ = front_taken_ = 0;
  }

 private:
  GrowingRing<PayloadRef> parts_;
  std::size_t front_taken_ = 0;  // of the first part
  std::size_t bytes_ = 0;
};

}  // namespace netrig::transport
