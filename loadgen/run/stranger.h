// Who it is that answers in another language, from its first bytes: for a sentence that helps.
#pragma once

#include <string>

#include "netrig/core/base/bytes.h"
#include "netrig/loadgen/run/dialect.h"

namespace netrig::loadgen {

constexpr std::size_t kFirstBytesMax = 4'096;  // a whole update of most games

// What a server says whose first bytes these are, where `expected` was. Empty: it does speak that.
std::string describe_stranger(Bytes first, Dialect expected);
// A server that closed the connection before it had said anything.
std::string describe_silence(Dialect expected);

}  // namespace netrig::loadgen
