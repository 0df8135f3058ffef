// Token keys and client tokens as text files: a first line that names kind and version, then `name: value`
// lines, values in hex. Reading is strict, and an error says in which line and why. The files hold secrets:
// whoever writes them makes them readable for their owner alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "netrig/core/base/result.h"
#include "netrig/core/protocol/token.h"

namespace netrig {

struct TokenFileError {
  std::size_t line = 0;  // from 1
  std::string what;
};

std::string token_key_text(const TokenKey& key);
Result<TokenKey, TokenFileError> parse_token_key(std::string_view text);

std::string client_token_text(const ClientToken& token);
Result<ClientToken, TokenFileError> parse_client_token(std::string_view text);

}  // namespace netrig
