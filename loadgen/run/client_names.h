// Which client of the plan a server's peer is: what a result is told by cohort with.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "netrig/loadgen/run/server_side.h"
#include "netrig/loadgen/run/virtual_client.h"
#include "netrig/loadgen/scenario/plan.h"

namespace netrig::loadgen {

// By the host that a client names itself, where the transport takes that.
class PlannedNames final : public ClientNames {
 public:
  explicit PlannedNames(const Plan& plan) {
    for (const ClientPlan& client : plan.clients)
      client_at_[client_address(client.index).host] = client.index;
  }
  std::optional<std::uint32_t> client_at(const Address& from) override {
    const auto found = client_at_.find(from.host);
    return found == client_at_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  std::map<std::string, std::uint32_t, std::less<>> client_at_;
};

// By the port that a client's socket was given. The clients' thread writes, the server's reads: a client is
// entered before it says its first word, so the server finds it. Holds an entry for each port at most.
class PortNames final : public ClientNames, public ClientPorts {
 public:
  void on_connected_from(std::uint32_t client, const Address& local) override {
    const std::lock_guard lock{mutex_};
    client_at_[local] = client;
  }
  std::optional<std::uint32_t> client_at(const Address& from) override {
    const std::lock_guard lock{mutex_};
    const auto found = client_at_.find(from);
    return found == client_at_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  std::mutex mutex_;
  std::map<Address, std::uint32_t> client_at_;
};

}  // namespace netrig::loadgen
