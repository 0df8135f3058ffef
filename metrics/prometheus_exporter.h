// Lets Prometheus scrape a registry that is being recorded into, through prometheus-cpp's model and text
// format. A scrape reads what was published last and never holds up the thread that records.
//
//   auto exporter = PrometheusExporter::open("127.0.0.1:9464", info, recorder.registry().shape());
//   ...
//   (*exporter)->publish(recorder.registry(), facts);     // at most 10 times a second, from the recording
//   thread
#pragma once

#include <memory>
#include <string>

#include "netrig/core/base/result.h"
#include "netrig/metrics/exposition.h"
#include "netrig/metrics/registry.h"

namespace netrig::metrics {

class PrometheusExporter {
 public:
  static constexpr Duration kPublishInterval = 100ms;  // of this machine's time: oftener is of no use

  // Listens at once, with all at 0. Addresses and errors as ScrapeListener has them.
  static Result<std::unique_ptr<PrometheusExporter>, std::string> open(const std::string& address,
                                                                       RunInfo info, const Shape& shape);
  ~PrometheusExporter();

  // What the next scrape shows. By one thread; never waits.
  void publish(const Registry& live, const RunFacts& facts);
  // The same numbers with other facts, once something was published.
  void publish(const RunFacts& facts);
  const std::string& url() const;

 private:
  class Pages;
  struct Parts;

  explicit PrometheusExporter(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace netrig::metrics
