// TLS 1.2 and 1.3 as a layer of streams, by OpenSSL. Certificate and name of the other side are verified
// unless that is switched off by name.
#pragma once

#include <memory>
#include <string>

#include "netrig/core/base/result.h"
#include "netrig/transport/asio/stream_layer.h"

namespace netrig::transport {

// A certificate of this process's own and its key, in memory alone.
struct OwnCertificate;
// For localhost, 127.0.0.1 and ::1, good for 30 days. Null: OpenSSL could not make one.
std::shared_ptr<const OwnCertificate> loopback_certificate();

// Files are PEM. A listener needs a certificate and its key; a caller neither.
struct TlsOptions {
  std::string certificate_file{};  // with the chain behind it
  std::string key_file{};
  std::string ca_file{};  // whom callers trust; empty: whom this system trusts
  bool verify = true;     // callers: no accepts anybody, which protects against nothing but listeners
  std::shared_ptr<const OwnCertificate> own{};  // instead of files: listeners show it, callers trust it alone
  std::string server_name{};  // what the certificate must name; empty: the host that is connected to
};

// An error is a sentence for people that names the file.
Result<std::shared_ptr<const StreamLayers>, std::string> tls_layers(const TlsOptions& options);

}  // namespace netrig::transport
