#include "netrig/transport/asio/factory.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "netrig/transport/asio/socket_address.h"

#ifdef NETRIG_WEBSOCKET
#include "netrig/transport/asio/websocket.h"
#endif

namespace netrig::transport {

namespace {

using Layers = std::shared_ptr<const StreamLayers>;

bool is_websocket(UrlScheme scheme) {
  return scheme == UrlScheme::ws || scheme == UrlScheme::wss;
}

Result<Layers, std::string> layers_of(const EndpointUrl& url, SocketRole role, const SocketOptions& options) {
  Layers layers;
  if (is_encrypted(url.scheme)) {
    if (role == SocketRole::listens && options.tls.certificate_file.empty() && !options.tls.own)
      return std::string{text(url.scheme)} + " needs a certificate and its key to listen with";
    auto made = tls_layers(options.tls);
    if (!made) return made.error();
    layers = std::move(*made);
  }
  if (!is_websocket(url.scheme)) return layers;
#ifdef NETRIG_WEBSOCKET
  const Layers upper = websocket_layers({.path = url.path});
  return layers ? stacked(upper, layers) : upper;
#else
  return std::string{"this build has no WebSocket (NETRIG_WEBSOCKET is off)"};
#endif
}

}  // namespace

std::string why_unresolvable(const Address& address) {
  if (literal(address.host) || is_localhost(address.host)) return {};
  boost::asio::io_context context;
  boost::asio::ip::tcp::resolver resolver{context};
  boost::system::error_code error;
  resolver.resolve(address.host, "", error);
  return error ? error.message() : std::string{};
}

Result<std::unique_ptr<Transport>, std::string> make_socket_transport(AsioScheduler& scheduler,
                                                                      const EndpointUrl& url, SocketRole role,
                                                                      const SocketOptions& options) {
  using Made = std::unique_ptr<Transport>;
  if (url.scheme == UrlScheme::udp) return Made{std::make_unique<AsioUdpTransport>(scheduler, options.udp)};
  auto layers = layers_of(url, role, options);
  if (!layers) return layers.error();
  return Made{std::make_unique<AsioTcpTransport>(scheduler, options.tcp, std::move(*layers))};
}

}  // namespace netrig::transport
