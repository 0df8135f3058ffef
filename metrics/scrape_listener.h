// Answers GET /metrics, and nothing else, from a thread of its own. Own code, because the server that comes
// with prometheus-cpp speaks no IPv6 on Debian, gives a thread to each scraper that never reads, and cannot
// say why an address is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "netrig/core/base/result.h"

namespace netrig::metrics {

class ScrapeListener {
 public:
  // Scrapers at once. One more, and the one that came first is cut off: who never reads cannot keep others
  // out.
  static constexpr std::size_t kConnectionsMax = 128;
  static constexpr std::size_t kRequestBytesMax = 8192;  // as most servers have it
  static constexpr int kConnectionSecondsMax = 10;       // Prometheus' own scrape_timeout; for all of it

  // What stands on the page now. Called on the listener's thread.
  using Page = std::function<std::shared_ptr<const std::string>()>;

  // Listens at once. `address`: HOST:PORT, [IPv6]:PORT or PORT, which is on 127.0.0.1; port 0 is any free
  // one. The error is a sentence that begins with the address.
  static Result<std::unique_ptr<ScrapeListener>, std::string> open(const std::string& address, Page page);
  // Cuts everybody off.
  ~ScrapeListener();
  ScrapeListener(const ScrapeListener&) = delete;
  ScrapeListener& operator=(const ScrapeListener&) = delete;

  // "http://127.0.0.1:9464/metrics", with the port that was found.
  const std::string& url() const { return url_; }

 private:
  class Loop;

  ScrapeListener(std::unique_ptr<Loop> loop, std::string url);

  std::unique_ptr<Loop> loop_;
  std::string url_;
  std::thread thread_;
};

}  // namespace netrig::metrics
