#include "netrig/tests/support/certificates.h"

#include <cstdio>
#include <filesystem>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <stdlib.h>

namespace netrig::testing {

struct Certificates::Pair {
  X509* certificate = X509_new();
  EVP_PKEY* key = EVP_EC_gen("P-256");
  Pair() = default;
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
};

namespace {

constexpr long kDaySeconds = 86'400;

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("no such extension: " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void fill(X509* certificate, EVP_PKEY* key, const std::string& name, long serial, long begins_in_seconds) {
  X509_set_version(certificate, 2);  // 3, counted from 0
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), begins_in_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate), begins_in_seconds + kDaySeconds);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
}

}  // namespace

Certificates::Certificates(const std::string& name) : pair_(new Pair) {
  std::string pattern = (std::filesystem::temp_directory_path() / "netrig-certificates-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for certificates");
  folder_ = pattern;
  fill(pair_->certificate, pair_->key, name, 1, -kDaySeconds / 2);
  X509_set_issuer_name(pair_->certificate, X509_get_subject_name(pair_->certificate));
  add_extension(pair_->certificate, pair_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(pair_->certificate, pair_->key, EVP_sha256());
  authority_ = write(*pair_);
}

Certificates::~Certificates() {
  delete pair_;
  std::error_code unneeded;
  std::filesystem::remove_all(folder_, unneeded);
}

CertificateFiles Certificates::sign(const std::string& address, long begins_in_seconds) {
  Pair made;
  fill(made.certificate, made.key, "netrig test", written_ + 1, begins_in_seconds);
  X509_set_issuer_name(made.certificate, X509_get_subject_name(pair_->certificate));
  add_extension(made.certificate, pair_->certificate, NID_subject_alt_name,
                "DNS:localhost,IP:::1,IP:" + address);
  X509_sign(made.certificate, pair_->key, EVP_sha256());
  return write(made);
}

CertificateFiles Certificates::write(const Pair& pair) {
  const std::string base = folder_ + "/" + std::to_string(written_++);
  const CertificateFiles files{base + ".crt", base + ".key"};
  std::FILE* const certificate = std::fopen(files.certificate.c_str(), "w");
  std::FILE* const key = std::fopen(files.key.c_str(), "w");
  if (certificate == nullptr || key == nullptr) throw std::runtime_error("cannot write " + base);
  PEM_write_X509(certificate, pair.certificate);
  PEM_write_PrivateKey(key, pair.key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(certificate);
  std::fclose(key);
  return files;
}

}  // namespace netrig::testing
