#include "netrig/loadgen/commands/token.h"

#include <optional>

#include "netrig/core/protocol/token_file.h"
#include "netrig/loadgen/io/output_file.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/run/tokens.h"

namespace netrig::loadgen {
namespace {

// What became of a file, told.
ExitCode told(const std::optional<OutputError>& error, const std::string& done, std::ostream& out,
              std::ostream& err) {
  if (error) {
    err << "loadgen: " << printable(error->path) << ": " << error->reason << "; nothing was written\n";
    return ExitCode::output_unwritable;
  }
  out << done << '\n';
  return ExitCode::pass;
}

}  // namespace

ExitCode token_command(const TokenOptions& options, Entropy& entropy, std::ostream& out, std::ostream& err) {
  if (!options.new_key.empty()) {
    const std::string key = token_key_text(make_symmetric_key(entropy));
    return told(create_output(options.new_key, key, FileAccess::owner_only),
                "token key: " + printable(options.new_key), out, err);
  }
  const auto key = read_token_key(options.token_key);
  if (!key) {
    err << key.error() << '\n';
    return ExitCode::usage;
  }
  const SigningKeyPair client = make_signing_key_pair(entropy);
  const auto life_s = static_cast<std::uint64_t>(options.life / 1s);
  const IssuedToken issued = issue_token(*key,
                                         {client.verify_key, Identity{bytes_of(options.identity)},
                                          options.now_unix_s, options.now_unix_s + life_s},
                                         entropy);
  const ClientToken token{issued.token, issued.secret, client.signing_key};
  const std::string done =
      "token: " + printable(options.out) + ", good for one session within " + text_of_duration(options.life);
  return told(write_output(options.out, client_token_text(token), FileAccess::owner_only), done, out, err);
}

}  // namespace netrig::loadgen
