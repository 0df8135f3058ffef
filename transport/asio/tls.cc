#include "netrig/transport/asio/tls.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fstream>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <system_error>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::transport {

struct OwnCertificate {
  OwnCertificate() = default;
  OwnCertificate(const OwnCertificate&) = delete;
  OwnCertificate& operator=(const OwnCertificate&) = delete;
  ~OwnCertificate() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  X509* certificate = X509_new();
  EVP_PKEY* key = EVP_EC_gen("P-256");
};

namespace {

constexpr std::size_t kRecordBytesMax = 16'384;  // RFC 8446 5.1: what one record may carry

struct Free {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, Free>;

// What OpenSSL last complained of, for people.
std::string complaint() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const int what = ERR_GET_REASON(code);
  if (what == SSL_R_WRONG_VERSION_NUMBER || what == SSL_R_HTTP_REQUEST)
    return "the other side does not speak TLS";
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "unknown error";
}

bool is_ip(const std::string& host) {
  in6_addr unused;
  return ::inet_pton(AF_INET, host.c_str(), &unused) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &unused) == 1;
}

class Tls final : public StreamLayer {
 public:
  explicit Tls(SSL_CTX* context)
      : ssl_(SSL_new(context)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    NETRIG_ASSERT(ssl_ && in_ != nullptr && out_ != nullptr);
    SSL_set_bio(ssl_.get(), in_, out_);
  }

  void as_listener() { SSL_set_accept_state(ssl_.get()); }

  void as_caller(const std::string& host, bool verify) {
    SSL_set_connect_state(ssl_.get());
    const bool by_address = is_ip(host);
    bool is_set = by_address || SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1;
    if (verify) {
      host_ = host;
      is_set = is_set && (by_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str())
                                     : SSL_set1_host(ssl_.get(), host.c_str())) == 1;
    }
    if (!is_set) fail("no certificate can name " + host);  // a host of 300 letters; nothing is sent to it
  }

  void begin(ByteBuffer& wire) override {
    if (state_ == LayerState::failed) return;  // fault() says so
    ERR_clear_error();
    SSL_do_handshake(ssl_.get());
    take(wire);
  }

  LayerState receive(Bytes bytes, ByteBuffer& plain, ByteBuffer& wire) override {
    if (state_ == LayerState::failed || state_ == LayerState::ended) return state_;
    ERR_clear_error();
    const int taken = BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
    NETRIG_ASSERT(taken == static_cast<int>(bytes.size()));
    if (state_ == LayerState::opening) shake_hands();
    if (state_ == LayerState::open) read(plain);
    take(wire);  // an alert too
    return state_;
  }

  void send(Bytes plain, ByteBuffer& wire) override {
    ERR_clear_error();
    while (!plain.empty()) {
      const Bytes record = plain.first(std::min(plain.size(), kRecordBytesMax));
      if (SSL_write(ssl_.get(), record.data(), static_cast<int>(record.size())) <= 0) {
        fail(complaint());  // the next receive() says so
        break;
      }
      plain = plain.subspan(record.size());
    }
    take(wire);
  }

  void end(ByteBuffer& wire) override {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    take(wire);
  }

  std::string fault() const override { return fault_; }
  const char* name() const override { return "TLS"; }

 private:
  void shake_hands() {
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) {
      state_ = LayerState::open;
      return;
    }
    const int error = SSL_get_error(ssl_.get(), done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
    const long verified = SSL_get_verify_result(ssl_.get());
    if (verified == X509_V_OK) return fail(complaint());
    const char* why = X509_verify_cert_error_string(verified);
    fail("the certificate of " + host_ + " is not trusted: " + why);
  }

  void read(ByteBuffer& plain) {
    std::array<std::uint8_t, kRecordBytesMax> record;
    for (;;) {
      const int count = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
      if (count > 0) {
        plain.insert(plain.end(), record.begin(), record.begin() + count);
        continue;
      }
      const int error = SSL_get_error(ssl_.get(), count);
      if (error == SSL_ERROR_ZERO_RETURN) state_ = LayerState::ended;
      if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) fail(complaint());
      return;
    }
  }

  void take(ByteBuffer& wire) {
    const std::size_t waiting = BIO_ctrl_pending(out_);
    if (waiting == 0) return;
    const std::size_t before = wire.size();
    wire.resize(before + waiting);
    const int count = BIO_read(out_, wire.data() + before, static_cast<int>(waiting));
    NETRIG_ASSERT(count == static_cast<int>(waiting));
  }

  void fail(std::string why) {
    state_ = LayerState::failed;
    fault_ = "TLS: " + std::move(why);
  }

  std::unique_ptr<SSL, Free> ssl_;
  BIO* in_;   // the SSL's own
  BIO* out_;  // likewise
  LayerState state_ = LayerState::opening;
  std::string host_;  // that is verified
  std::string fault_;
};

class TlsLayers final : public StreamLayers {
 public:
  TlsLayers(Context caller, Context listener, const TlsOptions& options)
      : caller_(std::move(caller)), listener_(std::move(listener)), options_(options) {}

  std::unique_ptr<StreamLayer> for_caller(const Address& to) const override {
    auto layer = std::make_unique<Tls>(caller_.get());
    const bool bracketed = to.host.starts_with('[') && to.host.ends_with(']');
    const std::string host = bracketed ? to.host.substr(1, to.host.size() - 2) : to.host;
    layer->as_caller(options_.server_name.empty() ? host : options_.server_name, options_.verify);
    return layer;
  }
  std::unique_ptr<StreamLayer> for_listener() const override {
    auto layer = std::make_unique<Tls>(listener_.get());
    layer->as_listener();
    return layer;
  }

 private:
  Context caller_;
  Context listener_;
  TlsOptions options_;
};

Context make_context(const SSL_METHOD* method) {
  Context context{SSL_CTX_new(method)};
  NETRIG_ASSERT(context);
  NETRIG_ASSERT(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);  // no session is resumed, so none need be sent
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps none
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });  // asks no terminal
  return context;
}

bool add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// Signed by itself.
bool complete(const OwnCertificate& own) {
  constexpr long kHourSeconds = 3'600;
  if (own.certificate == nullptr || own.key == nullptr) return false;
  X509* const certificate = own.certificate;
  X509_NAME* const name = X509_get_subject_name(certificate);
  const std::string common = "netrig on this machine";
  const bool is_named =
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0) == 1;
  return is_named && X509_set_issuer_name(certificate, name) == 1 &&
         X509_set_version(certificate, 2) == 1 &&  // 3, counted from 0
         ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kHourSeconds) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * 24 * kHourSeconds) != nullptr &&
         X509_set_pubkey(certificate, own.key) == 1 &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
         X509_sign(certificate, own.key, EVP_sha256()) != 0;
}

// Why a file cannot be read, or nothing.
std::string unreadable(const std::string& path) {
  errno = 0;
  std::ifstream file{path};
  if (file && file.peek() != std::ifstream::traits_type::eof()) return {};
  return path + ": " + (errno != 0 ? std::system_category().message(errno) : "nothing is in it");
}

// Empty when all is well.
std::string trust(SSL_CTX* context, const TlsOptions& options) {
  SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.verify) return {};
  if (options.own) {
    const bool added = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), options.own->certificate) == 1;
    return added ? "" : "cannot trust the own certificate: " + complaint();
  }
  if (options.ca_file.empty()) {
    const bool found = SSL_CTX_set_default_verify_paths(context) == 1;
    return found ? "" : "cannot read whom this system trusts: " + complaint();
  }
  if (std::string problem = unreadable(options.ca_file); !problem.empty()) return problem;
  if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) == 1) return {};
  return options.ca_file + ": no certificates to trust: " + complaint();
}

std::string identify(SSL_CTX* context, const TlsOptions& options) {
  if (options.own) {
    const bool taken = SSL_CTX_use_certificate(context, options.own->certificate) == 1 &&
                       SSL_CTX_use_PrivateKey(context, options.own->key) == 1;
    return taken ? "" : "cannot show the own certificate: " + complaint();
  }
  if (options.certificate_file.empty() && options.key_file.empty()) return {};
  if (options.certificate_file.empty()) return options.key_file + ": a key needs its certificate";
  if (options.key_file.empty()) return options.certificate_file + ": a certificate needs its key";
  for (const std::string& path : {options.certificate_file, options.key_file})
    if (std::string problem = unreadable(path); !problem.empty()) return problem;
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
    return options.certificate_file + ": not a certificate in PEM: " + complaint();
  if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return options.key_file + ": not the key of " + options.certificate_file + " in PEM: " + complaint();
  return {};
}

}  // namespace

std::shared_ptr<const OwnCertificate> loopback_certificate() {
  auto own = std::make_shared<OwnCertificate>();
  return complete(*own) ? own : nullptr;
}

Result<std::shared_ptr<const StreamLayers>, std::string> tls_layers(const TlsOptions& options) {
  using Failure = std::string;
  ERR_clear_error();
  Context caller = make_context(TLS_client_method());
  Context listener = make_context(TLS_server_method());
  if (Failure failure = trust(caller.get(), options); !failure.empty()) return failure;
  if (Failure failure = identify(listener.get(), options); !failure.empty()) return failure;
  return std::shared_ptr<const StreamLayers>{
      std::make_shared<TlsLayers>(std::move(caller), std::move(listener), options)};
}

}  // namespace netrig::transport
