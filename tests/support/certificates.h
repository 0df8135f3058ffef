// Certificates for one run of a test, made on the spot: a certificate authority and what it signs.
#pragma once

#include <string>

namespace netrig::testing {

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

// A folder of its own that is gone with it.
class Certificates {
 public:
  explicit Certificates(const std::string& name = "netrig test authority");
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  const std::string& authority_file() const { return authority_.certificate; }
  // Good for localhost, 127.0.0.0/8 as far as `address` names it, and ::1; from `begins_in` seconds on for a
  // day.
  CertificateFiles sign(const std::string& address = "127.0.0.1", long begins_in_seconds = -3'600);
  const std::string& folder() const { return folder_; }

 private:
  struct Pair;

  CertificateFiles write(const Pair& pair);

  std::string folder_;
  Pair* pair_;  // the authority's
  CertificateFiles authority_;
  int written_ = 0;
};

}  // namespace netrig::testing
