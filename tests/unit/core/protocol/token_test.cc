#include "netrig/core/protocol/token.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/protocol/token_file.h"

namespace netrig::testing {
namespace {

constexpr std::uint64_t kUnixS = 1'800'000'000;

struct Issuer {
  explicit Issuer(std::uint64_t seed = 1) : entropy(Random{seed}), key(make_symmetric_key(entropy)) {}

  IssuedToken issue(std::uint64_t from_s = 0, std::uint64_t until_s = 60, std::string_view name = "alice") {
    return issue_token(key, {client.verify_key, Identity{bytes_of(name)}, kUnixS + from_s, kUnixS + until_s},
                       entropy);
  }
  TokenGate gate(std::size_t used_max = 100) {
    return {{.keys = {key}, .unix_s_at_start = kUnixS, .used_max = used_max}, entropy};
  }

  SeededEntropy entropy;
  TokenKey key;
  SigningKeyPair client = make_signing_key_pair(entropy);
};

Instant at(Duration since_start) {
  return Instant{} + since_start;
}

std::string fault_of(const TokenGate& gate, Bytes token, Instant now) {
  const auto opened = gate.open(token, now);
  return opened ? "none" : std::string{text(opened.error())};
}

BOOST_AUTO_TEST_SUITE(token)

BOOST_AUTO_TEST_CASE(a_token_says_what_the_issuer_said) {
  Issuer issuer;
  const TokenGate gate = issuer.gate();
  const std::string longest(kIdentityBytesMax, 'x');
  for (const std::string_view name :
       {std::string_view{}, std::string_view{"alice"}, std::string_view{longest}}) {
    const IssuedToken issued = issuer.issue(0, 60, name);
    const auto claims = gate.open(issued.token.bytes, at(0s));
    BOOST_REQUIRE(claims.has_value());
    BOOST_TEST(text_of(claims->identity.bytes()) == name);
    BOOST_TEST((claims->client == issuer.client.verify_key));
    BOOST_TEST((claims->secret == issued.secret));
    BOOST_TEST(claims->not_before_s == kUnixS);
    BOOST_TEST(claims->expires_s == kUnixS + 60);
  }
}

BOOST_AUTO_TEST_CASE(a_token_is_good_from_its_first_to_before_its_last_second) {
  Issuer issuer;
  const TokenGate gate = issuer.gate();
  const Token token = issuer.issue(10, 20).token;
  BOOST_TEST(fault_of(gate, token.bytes, at(9'999ms)) == "early");
  BOOST_TEST(fault_of(gate, token.bytes, at(10s)) == "none");
  BOOST_TEST(fault_of(gate, token.bytes, at(19'999ms)) == "none");
  BOOST_TEST(fault_of(gate, token.bytes, at(20s)) == "expired");
}

BOOST_AUTO_TEST_CASE(a_token_of_another_issuer_or_changed_in_any_bit_is_forged) {
  Issuer issuer;
  Issuer stranger{2};
  const TokenGate gate = issuer.gate();
  BOOST_TEST(fault_of(gate, stranger.issue().token.bytes, at(0s)) == "forged");
  const Token token = issuer.issue().token;
  for (std::size_t bit = 0; bit < 8 * kTokenBytes; ++bit) {
    Token changed = token;
    changed.bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    BOOST_TEST(fault_of(gate, changed.bytes, at(0s)) == "forged");
  }
  for (std::size_t size = 0; size < kTokenBytes; ++size) {
    BOOST_TEST(fault_of(gate, Bytes{token.bytes}.first(size), at(0s)) == "forged");
  }
}

BOOST_AUTO_TEST_CASE(a_token_key_may_be_replaced_while_tokens_of_the_old_one_are_out) {
  Issuer before;
  Issuer after{2};
  const TokenGate gate{{.keys = {after.key, before.key}, .unix_s_at_start = kUnixS}, after.entropy};
  BOOST_TEST(fault_of(gate, before.issue().token.bytes, at(0s)) == "none");
  BOOST_TEST(fault_of(gate, after.issue().token.bytes, at(0s)) == "none");
}

BOOST_AUTO_TEST_CASE(a_token_is_used_once) {
  Issuer issuer;
  TokenGate gate = issuer.gate();
  const Token token = issuer.issue().token;
  const TokenClaims claims = *gate.open(token.bytes, at(0s));
  BOOST_TEST(gate.use(claims, at(0s)).has_value());
  BOOST_TEST(fault_of(gate, token.bytes, at(1s)) == "used");
  BOOST_TEST((gate.use(claims, at(0s)).error() == TokenFault::used));
  BOOST_TEST(fault_of(gate, issuer.issue().token.bytes, at(1s)) == "none");
}

BOOST_AUTO_TEST_CASE(a_full_memory_takes_no_token_until_one_in_it_expires) {
  Issuer issuer;
  TokenGate gate = issuer.gate(3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    BOOST_TEST(gate.use(*gate.open(issuer.issue(0, 10 + i).token.bytes, at(0s)), at(0s)).has_value());
  }
  const TokenClaims fourth = *gate.open(issuer.issue().token.bytes, at(0s));
  BOOST_TEST((gate.use(fourth, at(9s)).error() == TokenFault::full));
  BOOST_TEST(gate.remembered() == 3u);
  BOOST_TEST(gate.use(fourth, at(10s)).has_value());
  BOOST_TEST(gate.remembered() == 3u);
}

BOOST_AUTO_TEST_CASE(two_tokens_of_one_order_share_neither_id_nor_secret) {
  Issuer issuer;
  const TokenGate gate = issuer.gate();
  const TokenClaims a = *gate.open(issuer.issue().token.bytes, at(0s));
  const TokenClaims b = *gate.open(issuer.issue().token.bytes, at(0s));
  BOOST_TEST((a.id != b.id));
  BOOST_TEST(!(a.secret == b.secret));
}

BOOST_AUTO_TEST_CASE(a_proof_needs_both_the_secret_and_the_signing_key) {
  Issuer issuer;
  const IssuedToken issued = issuer.issue();
  const TokenClaims claims = *issuer.gate().open(issued.token.bytes, at(0s));
  const ClientToken mine{issued.token, issued.secret, issuer.client.signing_key};
  const Bytes bound = bytes_of("cookie and share");
  BOOST_TEST(is_proof(prove_token(mine, "label", bound), claims, "label", bound));
  BOOST_TEST(!is_proof(prove_token(mine, "label", bound), claims, "other", bound));
  BOOST_TEST(!is_proof(prove_token(mine, "label", bound), claims, "label", bytes_of("cookie and shard")));
  ClientToken copied{issued.token, {}, issuer.client.signing_key};
  BOOST_TEST(!is_proof(prove_token(copied, "label", bound), claims, "label", bound));
  copied = {issued.token, issued.secret, make_signing_key_pair(issuer.entropy).signing_key};
  BOOST_TEST(!is_proof(prove_token(copied, "label", bound), claims, "label", bound));
}

// --- files

BOOST_AUTO_TEST_CASE(token_files_say_the_same_when_read_back) {
  Issuer issuer;
  const IssuedToken issued = issuer.issue();
  const ClientToken token{issued.token, issued.secret, issuer.client.signing_key};
  const std::string text = client_token_text(token);
  BOOST_TEST(text.starts_with("netrig token 1\ntoken: 01"));
  const auto read = parse_client_token(text);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST((read->token == token.token));
  BOOST_TEST((read->secret == token.secret));
  BOOST_TEST((read->signing_key == token.signing_key));

  const auto key = parse_token_key(token_key_text(issuer.key));
  BOOST_REQUIRE(key.has_value());
  BOOST_TEST((*key == issuer.key));
  std::string windows = token_key_text(issuer.key);
  windows.replace(windows.find('\n'), 1, "\r\n");
  BOOST_TEST(parse_token_key(windows).has_value());
}

std::string key_error(std::string_view text) {
  const auto read = parse_token_key(text);
  if (read) return "none";
  return std::to_string(read.error().line) + ": " + read.error().what;
}

BOOST_AUTO_TEST_CASE(a_bad_token_file_is_refused_with_its_line_and_why) {
  const std::string good = token_key_text({});
  BOOST_TEST(key_error(good) == "none");
  BOOST_TEST(key_error("") == "1: the first line must be \"netrig token key 1\"");
  BOOST_TEST(key_error("netrig token key 2\n") == "1: the first line must be \"netrig token key 1\"");
  BOOST_TEST(key_error(client_token_text({})) == "1: the first line must be \"netrig token key 1\"");
  BOOST_TEST(key_error("netrig token key 1\n") == "2: expected \"key: ...\"");
  BOOST_TEST(key_error("netrig token key 1\nkey: 00\n") == "2: key must be 64 lower-case hex digits");
  std::string letter = good;
  letter[letter.size() - 2] = 'g';
  BOOST_TEST(key_error(letter) == "2: key must be 64 lower-case hex digits");
  BOOST_TEST(key_error(good + "\n") == "3: nothing may follow");

  const std::string token = client_token_text({});
  for (std::size_t size = 0; size + 1 < token.size(); ++size) {  // the last newline may be missing
    BOOST_TEST(!parse_client_token(std::string_view{token}.substr(0, size)).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
