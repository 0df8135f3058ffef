#include "netrig/sim/network/stream.h"

#include <utility>

#include "netrig/sim/network/stream_model.h"
#include "netrig/sim/network/tcp_stream.h"

namespace netrig::sim {

std::string_view text(Congestion congestion) {
  return congestion == Congestion::ideal ? "ideal" : "cubic";
}

std::string_view text(StreamLimit limit) {
  switch (limit) {
    case StreamLimit::application:
      return "application";
    case StreamLimit::congestion_window:
      return "congestion_window";
    case StreamLimit::receive_window:
      return "receive_window";
  }
  return "unknown";
}

std::unique_ptr<Stream> make_stream(const LinkConditions& link, const LinkConditions& reverse,
                                    const StreamConditions& stream, Random random, SharedQueues shared) {
  if (stream.congestion == Congestion::ideal)
    return std::make_unique<StreamModel>(link, stream, random, std::move(shared));
  return std::make_unique<TcpStream>(link, reverse, stream, random, std::move(shared));
}

}  // namespace netrig::sim
