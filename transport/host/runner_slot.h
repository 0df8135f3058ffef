// Who runs for a host now, or ran last. One start or stop at a time; who only wants to say something waits
// for neither. A detail of the hosts, installed because their headers hold one.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace netrig::transport {

template <class Runner>
class RunnerSlot {
 public:
  std::shared_ptr<Runner> get() const {
    const std::lock_guard lock{mutex_};
    return runner_;
  }
  // One that runs ends first. `begin`, given nothing, makes a runner and answers with it and a fault: empty
  // when it runs.
  template <class Begin>
  std::string start(Begin begin) {
    const std::lock_guard alone{changing_};
    end_and_forget();
    auto [made, fault] = begin();
    if (!fault.empty()) return fault;
    const std::lock_guard lock{mutex_};
    runner_ = std::move(made);
    return {};
  }
  void stop() {
    const std::lock_guard alone{changing_};
    end_and_forget();
  }

 private:
  // Its thread ends, and what it held goes, while nobody is kept from get().
  void end_and_forget() {
    const std::shared_ptr<Runner> last = get();
    if (!last) return;
    last->end();
    const std::lock_guard lock{mutex_};
    runner_.reset();  // `last` is destroyed after the lock
  }

  std::mutex changing_;
  mutable std::mutex mutex_;  // of runner_ alone
  std::shared_ptr<Runner> runner_;
};

}  // namespace netrig::transport
