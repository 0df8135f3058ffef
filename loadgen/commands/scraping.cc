#include "netrig/loadgen/commands/scraping.h"

#include <utility>

#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

void say(const Voice& voice, std::string_view event, std::string_view url, std::string_view words) {
  if (voice.quiet) return;
  if (voice.log == LogFormat::text) {
    voice.err << words << '\n';
  } else {
    JsonWriter json;
    json.begin_object(JsonWriter::Layout::one_line);
    json.member("event", event);
    json.member("url", url);
    json.end_object();
    voice.err << json.finish();
  }
  voice.err.flush();
}

}  // namespace

bool open_or_explain(const ScrapeOptions& options, metrics::RunInfo info, const metrics::Shape& shape,
                     const Voice& voice, std::optional<LiveMetrics>& live) {
  if (options.address.empty()) return true;
  auto opened = LiveMetrics::open(options.address, std::move(info), shape);
  if (!opened) {
    voice.err << "loadgen: --prometheus " << printable(opened.error()) << '\n';
    return false;
  }
  live = *std::move(opened);
  say(voice, "metrics_listening", live->url(), "metrics at " + live->url());
  return true;
}

void hold(const ScrapeOptions& options, const std::optional<LiveMetrics>& live, const Voice& voice,
          const volatile std::sig_atomic_t* interrupted, std::sig_atomic_t expected) {
  const bool is_over = interrupted != nullptr && *interrupted > expected;
  if (!live || is_over || options.hold == Duration::zero()) return;
  say(voice, "metrics_holding", live->url(),
      "holding " + live->url() + " for " + text_of_duration(options.hold) + "; Ctrl-C ends it");
  live->hold(options.hold, interrupted, expected);
}

}  // namespace netrig::loadgen
