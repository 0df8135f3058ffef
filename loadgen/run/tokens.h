// Connect tokens of a run: keys and tokens from files, and what each client shows when it connects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/base/result.h"
#include "netrig/core/protocol/token.h"

namespace netrig::loadgen {

// The error is a sentence that names the file.
Result<TokenKey, std::string> read_token_key(const std::string& path);
Result<ClientToken, std::string> read_client_token(const std::string& path);

std::uint64_t unix_seconds_now();

// What a server with this key takes, from now on; its Instant{} is now.
TokenGate::Config gate_for(const TokenKey& key);

class TokenPurse {
 public:
  virtual ~TokenPurse() = default;
  // For one session of this client. Nothing: it comes without.
  virtual std::optional<ClientToken> take(std::uint32_t client) = 0;
};

// Whoever has the key may issue: a new token for each session.
class IssuedTokens final : public TokenPurse {
 public:
  // Entropy outlives it.
  IssuedTokens(const TokenKey& key, Entropy& entropy) : key_(key), entropy_(entropy) {}
  std::optional<ClientToken> take(std::uint32_t client) override;

 private:
  TokenKey key_;
  Entropy& entropy_;
};

// The first for client 0, the next for client 1: each good for one session.
class GivenTokens final : public TokenPurse {
 public:
  explicit GivenTokens(const std::vector<ClientToken>& tokens);
  std::optional<ClientToken> take(std::uint32_t client) override;

 private:
  std::map<std::uint32_t, ClientToken> tokens_;
};

}  // namespace netrig::loadgen
