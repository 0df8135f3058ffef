// What a client may make of a refusal.
#pragma once

#include "netrig/core/protocol/messages.h"

namespace netrig {

// Whether trying again later may be answered otherwise.
constexpr bool may_pass(RefuseReason reason) {
  return reason == RefuseReason::server_full || reason == RefuseReason::address_limit ||
         reason == RefuseReason::stopping || reason == RefuseReason::handshake_timeout;
}

}  // namespace netrig
