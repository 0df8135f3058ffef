// Stands between TCP callers and a server, and can cut them off: what a broken network does to a connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace netrig::transport::testing {

class Relay {
 public:
  explicit Relay(std::uint16_t to_port);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const { return port_; }
  void cut();                                                   // resets whoever is connected
  void refuse() { refuses_ = true; }                            // and resets newcomers from now on
  void redirect(std::uint16_t to_port) { to_port_ = to_port; }  // for who comes from now on

 private:
  struct Pair {
    int caller = -1;
    int server = -1;
  };

  void run();
  void accept_one();
  static bool carry(int from, int to);
  static void reset(Pair& pair);

  std::atomic<std::uint16_t> to_port_;
  std::atomic<bool> refuses_ = false;
  std::atomic<bool> cuts_ = false;
  std::atomic<bool> over_ = false;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<Pair> pairs_;  // of the thread alone
  std::thread thread_;
};

}  // namespace netrig::transport::testing
