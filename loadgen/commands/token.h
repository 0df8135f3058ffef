// `loadgen token`: makes token keys, and issues connect tokens to files. What a game's backend does, for a
// test range.
#pragma once

#include <ostream>
#include <string>

#include "netrig/core/base/entropy.h"
#include "netrig/core/base/time.h"
#include "netrig/loadgen/exit_code.h"

namespace netrig::loadgen {

constexpr Duration kTokenLife = std::chrono::hours{1};
constexpr Duration kTokenLifeMax = std::chrono::hours{24};  // used tokens are remembered until they expire

struct TokenOptions {
  std::string new_key;    // make a token key and write it here; or
  std::string token_key;  // read the token key from here,
  std::string out;        // and write a token here
  Duration life = kTokenLife;
  std::string identity;  // at most kIdentityBytesMax bytes
  std::uint64_t now_unix_s = 0;
};

// Files are readable for their owner alone. An existing key is never overwritten. One line to `out`, errors
// to `err`: output_unwritable for a file that cannot be written, usage for a key file that cannot be read.
ExitCode token_command(const TokenOptions& options, Entropy& entropy, std::ostream& out, std::ostream& err);

}  // namespace netrig::loadgen
