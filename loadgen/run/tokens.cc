#include "netrig/loadgen/run/tokens.h"

#include <chrono>

#include "netrig/core/protocol/token_file.h"
#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint64_t kTokenFileBytesMax = 4'096;  // a few short lines
constexpr std::uint64_t kLifeSeconds = 600;          // it is shown at once
constexpr std::uint64_t kClockSkewSeconds = 60;      // of the machine that checks against this one's

template <class T, class Parse>
Result<T, std::string> read_with(const std::string& path, Parse parse) {
  const auto text = read_input(path, kTokenFileBytesMax);
  if (!text) return "loadgen: " + text.error().text;
  const auto parsed = parse(*text);
  if (!parsed)
    return printable(path) + ':' + std::to_string(parsed.error().line) + ": " + parsed.error().what;
  return *parsed;
}

}  // namespace

Result<TokenKey, std::string> read_token_key(const std::string& path) {
  return read_with<TokenKey>(path, [](const auto& text) { return parse_token_key(text); });
}

Result<ClientToken, std::string> read_client_token(const std::string& path) {
  return read_with<ClientToken>(path, [](const auto& text) { return parse_client_token(text); });
}

std::uint64_t unix_seconds_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(since_1970).count());
}

TokenGate::Config gate_for(const TokenKey& key) {
  TokenGate::Config config;
  config.keys = {key};
  config.unix_s_at_start = unix_seconds_now();
  return config;
}

std::optional<ClientToken> IssuedTokens::take(std::uint32_t client) {
  const SigningKeyPair keys = make_signing_key_pair(entropy_);
  const std::string name = "client-" + std::to_string(client);
  const std::uint64_t now = unix_seconds_now();
  const TokenOrder order{keys.verify_key, Identity{bytes_of(name)}, now - kClockSkewSeconds,
                         now + kLifeSeconds};
  const IssuedToken issued = issue_token(key_, order, entropy_);
  return ClientToken{issued.token, issued.secret, keys.signing_key};
}

GivenTokens::GivenTokens(const std::vector<ClientToken>& tokens) {
  for (std::uint32_t client = 0; client < tokens.size(); ++client) tokens_.emplace(client, tokens[client]);
}

std::optional<ClientToken> GivenTokens::take(std::uint32_t client) {
  const auto found = tokens_.find(client);
  if (found == tokens_.end()) return std::nullopt;
  const ClientToken token = found->second;
  tokens_.erase(found);
  return token;
}

}  // namespace netrig::loadgen
