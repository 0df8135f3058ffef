#include "netrig/core/protocol/token_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace netrig {
namespace {

constexpr std::string_view kKeyTitle = "netrig token key 1";
constexpr std::string_view kTokenTitle = "netrig token 1";
constexpr std::string_view kHexDigits = "0123456789abcdef";

// A line of the file, and where its value goes.
struct Field {
  std::string_view name;
  std::span<std::uint8_t> value;
};

void add_field(std::string& text, std::string_view name, Bytes value) {
  text.append(name).append(": ");
  for (const std::uint8_t byte : value) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  text += '\n';
}

bool parse_hex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t high = kHexDigits.find(text[2 * i]);
    const std::size_t low = kHexDigits.find(text[2 * i + 1]);
    if (high == kHexDigits.npos || low == kHexDigits.npos) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The file's fields in their order, each once, and nothing else.
std::optional<TokenFileError> parse_fields(std::string_view text, std::string_view title,
                                           std::span<const Field> fields) {
  std::string_view rest = text;
  const std::string_view first = take_line(rest);
  if (first != title) return TokenFileError{1, "the first line must be \"" + std::string{title} + "\""};
  std::size_t line = 1;
  for (const Field& field : fields) {
    ++line;
    const std::string name{field.name};
    std::string_view value = take_line(rest);
    if (!value.starts_with(name + ": ")) return TokenFileError{line, "expected \"" + name + ": ...\""};
    value.remove_prefix(name.size() + 2);
    if (!parse_hex(value, field.value)) {
      return TokenFileError{
          line, name + " must be " + std::to_string(2 * field.value.size()) + " lower-case hex digits"};
    }
  }
  if (!rest.empty()) return TokenFileError{line + 1, "nothing may follow"};
  return std::nullopt;
}

}  // namespace

std::string token_key_text(const TokenKey& key) {
  std::string text{kKeyTitle};
  text += '\n';
  add_field(text, "key", key.bytes);
  return text;
}

Result<TokenKey, TokenFileError> parse_token_key(std::string_view text) {
  TokenKey key;
  const std::array fields{Field{"key", key.bytes}};
  if (auto error = parse_fields(text, kKeyTitle, fields)) return *std::move(error);
  return key;
}

std::string client_token_text(const ClientToken& token) {
  std::string text{kTokenTitle};
  text += '\n';
  add_field(text, "token", token.token.bytes);
  add_field(text, "secret", token.secret.bytes);
  add_field(text, "signing_key", token.signing_key.bytes);
  return text;
}

Result<ClientToken, TokenFileError> parse_client_token(std::string_view text) {
  ClientToken token;
  const std::array fields{Field{"token", token.token.bytes}, Field{"secret", token.secret.bytes},
                          Field{"signing_key", token.signing_key.bytes}};
  if (auto error = parse_fields(text, kTokenTitle, fields)) return *std::move(error);
  return token;
}

}  // namespace netrig
