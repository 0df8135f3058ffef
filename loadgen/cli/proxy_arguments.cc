#include "netrig/loadgen/cli/proxy_arguments.h"

#include <utility>

#include "netrig/loadgen/cli/arguments.h"
#include "netrig/loadgen/cli/file_clash.h"
#include "netrig/loadgen/cli/option_checks.h"
#include "netrig/loadgen/cli/terminal.h"
#include "netrig/loadgen/scenario/link_file.h"
#include "netrig/loadgen/scenario/link_profiles.h"

namespace netrig::loadgen {
namespace {

using Kind = CompletionValue::Kind;

constexpr std::int64_t kClientsLimit = 65'535;           // each has a port of its own to the server
constexpr std::int64_t kBufferMin = 64 * 1024;           // one read
constexpr std::int64_t kBufferLimit = 64 * 1024 * 1024;  // kStreamInFlightBytesMax
constexpr Duration kIdleMin = 1s;
constexpr Duration kIdleLimit = std::chrono::hours{24};
constexpr Duration kDurationLimit = std::chrono::hours{24 * 365};

CLI::Option* option(CLI::App& command, const char* flag, std::string& into, const char* type,
                    const char* meaning) {
  return command.add_option(flag, into, meaning)->type_name(type)->check(refuse_empty);
}

transport::EndpointUrl plain_url(const char* flag, const std::string& typed) {
  transport::EndpointUrl url = checked(transport::parse_endpoint_url(typed));
  const bool is_plain = url.scheme == transport::UrlScheme::tcp || url.scheme == transport::UrlScheme::udp;
  if (!is_plain)
    refuse(std::string{flag} + " " + printable(typed) +
           ": a proxy passes bytes on as they are, TLS and WebSocket too; write tcp:// or udp://");
  return url;
}

Duration duration_of(const char* flag, const std::string& typed, Duration least, Duration most) {
  const auto parsed = parse_duration(typed);
  if (!parsed) refuse(std::string{flag} + ": " + parsed.error());
  if (*parsed < least || *parsed > most)
    refuse(std::string{flag} + ": from " + text_of_duration(least) + " to " + text_of_duration(most));
  return *parsed;
}

}  // namespace

void ProxyArguments::add_to(CLI::App& app, CompletionOffers& offers, const std::string& program,
                            ExitCode& code) {
  CLI::App* const proxy = app.add_subcommand("proxy", "Put lag between any clients and any server");
  option(*proxy, "--listen", listen_, "URL",
         "Where clients come: tcp://127.0.0.1:7000, udp://[::]:0 for any port")
      ->required();
  option(*proxy, "--to", to_, "URL", "The server: tcp://10.0.0.7:7777, or udp://")->required();
  std::vector<std::string> profiles;
  for (const LinkProfile& profile : link_profiles()) profiles.emplace_back(profile.name);
  offers[option(*proxy, "--link", link_, "PROFILE|FILE",
                "The link, as a scenario has it: lte, or a file with a dot or a slash in its name")] = {
      Kind::words, std::move(profiles)};
  proxy->add_option("--set", set_, "Any key of the link: --set rtt=5s, --set up.loss=1%")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->check(refuse_empty);
  CLI::Option* const congestion = option(*proxy, "--congestion", congestion_, "WORD",
                                         "Of streams: ideal (if not given): bytes take their time, a loss "
                                         "one round trip more; cubic: as one "
                                         "TCP connection all the way, with its windows")
                                      ->check(one_of("congestion", {"ideal", "cubic"}));
  offers[congestion] = {Kind::words, {"ideal", "cubic"}};
  option(*proxy, "--seed", seed_, "N", "Of everything random; 1, if not given")
      ->check([](const std::string& value) { return problem_of(parse_integer(value)); });
  option(*proxy, "--duration", duration_, "D", "Ends by itself after so long: 60s");
  add_limits(*proxy);
  add_outputs(*proxy, offers);
  proxy->callback([this, &program, &code] {
    const ProxyCommand asked = command(program);
    catch_signals();
    catch_reload();
    Console console = make_console();
    code = proxy_command(asked, {interrupted(), reload_wanted()}, console);
  });
}

void ProxyArguments::add_limits(CLI::App& command) {
  option(command, "--clients", clients_, "N", "At once; others are turned away: 1024, if not given");
  option(command, "--buffer", buffer_, "SIZE",
         "Per client and direction; a stream waits beyond it, a datagram is dropped: 16MiB, if not given");
  option(command, "--idle", idle_, "D",
         "A client of udp is gone when nothing comes for so long: 60s, if not given");
}

void ProxyArguments::add_outputs(CLI::App& command, CompletionOffers& offers) {
  CLI::Option* const out =
      command.add_option("--out", out_, "Write the result: json=FILE, junit=FILE, markdown=FILE, csv=FILE")
          ->type_name("KIND=FILE")
          ->take_all()
          ->allow_extra_args(false)
          ->check(refuse_empty);
  offers[out] = {Kind::words, {"json=", "junit=", "markdown=", "csv="}};
  add_scrape_options(command, prometheus_, prometheus_hold_);
  command.add_flag("--quiet", quiet_, "No counters, no report");
  CLI::Option* const log =
      option(command, "--log", log_, "WORD", "text: a report; json: what happens as JSON lines on stderr")
          ->check(one_of("log format", {"text", "json"}));
  offers[log] = {Kind::words, {"text", "json"}};
}

void ProxyArguments::read_limits(transport::ProxyOptions& limits) const {
  if (!clients_.empty()) {
    const auto parsed = parse_integer(clients_);
    if (!parsed || *parsed < 1 || *parsed > kClientsLimit)
      refuse("--clients: a whole number from 1 to " + std::to_string(kClientsLimit));
    limits.clients_max = static_cast<std::size_t>(*parsed);
  }
  if (!buffer_.empty()) {
    const auto parsed = parse_size_bytes(buffer_);
    if (!parsed) refuse("--buffer: " + parsed.error());
    if (*parsed < kBufferMin || *parsed > kBufferLimit)
      refuse("--buffer: from " + text_of_size(kBufferMin) + " to " + text_of_size(kBufferLimit));
    limits.buffer_bytes_max = static_cast<std::size_t>(*parsed);
  }
  if (!idle_.empty()) limits.idle_max = duration_of("--idle", idle_, kIdleMin, kIdleLimit);
}

ProxyCommand ProxyArguments::command(const std::string& program) const {
  ProxyCommand made;
  made.program = program;
  made.listen = plain_url("--listen", listen_);
  made.to = plain_url("--to", to_);
  if (made.listen.scheme != made.to.scheme) refuse("--listen and --to are both tcp:// or both udp://");
  if (made.to.address.port == 0) refuse("--to needs a port");
  if (link_.empty() && set_.empty()) refuse("--link is missing: a profile or a file; or --set rtt=200ms");
  made.link.name = link_;
  for (const std::string& typed : set_) {
    const auto parsed = parse_override(typed);
    if (!parsed) refuse("--set: \"" + printable(typed) + "\" is not PATH=VALUE");
    made.link.overrides.push_back(*parsed);
  }
  if (!congestion_.empty() && made.to.scheme == transport::UrlScheme::udp)
    refuse("--congestion is of streams: datagrams have none");
  if (congestion_ == "cubic") made.congestion = sim::Congestion::cubic;
  if (!seed_.empty()) made.seed = static_cast<std::uint64_t>(*parse_integer(seed_));
  if (!duration_.empty()) made.duration = duration_of("--duration", duration_, 1ms, kDurationLimit);
  read_limits(made.limits);
  made.outputs = checked(parse_outputs(out_));
  for (const OutputKind kind : {OutputKind::openmetrics, OutputKind::inputs})
    if (wants(made.outputs, kind)) refuse("--out: a proxy has no inputs and no simulated time to write");
  std::vector<NamedFile> written;
  for (const OutputRequest& output : made.outputs) written.push_back({"--out", output.path});
  const std::string link_file = is_link_file(link_) ? link_ : std::string{};
  if (const std::string clash = clash_of_files({{"--link", link_file}}, written); !clash.empty())
    refuse(clash);
  made.scrapes = checked(parse_scrapes(prometheus_, prometheus_hold_));
  made.quiet = quiet_;
  made.log = log_ == "json" ? LogFormat::json : LogFormat::text;
  made.replay_arguments = replay();
  return made;
}

std::vector<std::string> ProxyArguments::replay() const {
  std::vector<std::string> words;
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {flag, value});
  };
  add("--listen", listen_);
  add("--to", to_);
  add("--link", link_);
  for (const std::string& each : set_) add("--set", each);
  add("--congestion", congestion_);
  add("--seed", seed_);
  add("--duration", duration_);
  add("--clients", clients_);
  add("--buffer", buffer_);
  add("--idle", idle_);
  return words;
}

}  // namespace netrig::loadgen
