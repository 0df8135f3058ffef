#include "netrig/transport/host/host_thread.h"

#include <signal.h>
#include <system_error>

#include "netrig/core/base/assert.h"

namespace netrig::transport {

namespace {

// Signals are for the threads of the game.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

HostThread::~HostThread() {
  end();
  scheduler_.cancel(*this);
}

std::string HostThread::begin() {
  runs_ = true;
  try {
    const NoSignals inherited;
    thread_ = std::thread{[this] {
      own_id_ = std::this_thread::get_id();
      scheduler_.run();
    }};
  } catch (const std::system_error& error) {
    runs_ = false;
    return "no thread: " + error.code().message();
  }
  return {};
}

void HostThread::end() {
  NETRIG_ASSERT(own_id_.load() != std::this_thread::get_id());  // it would wait for itself
  const std::lock_guard lock{ending_};
  runs_ = false;
  if (!thread_.joinable()) return;
  scheduler_.post([this] { begin_goodbye(); });
  thread_.join();
  own_id_ = std::thread::id{};  // the system may give it to another
}

void HostThread::wake() {
  if (is_woken_.exchange(true)) return;
  scheduler_.post([this] {
    is_woken_ = false;
    if (!is_leaving()) owner_.on_wake();
  });
}

void HostThread::begin_goodbye() {
  const Instant now = scheduler_.now();
  goodbye_by_ = now + kGoodbyeWithin;
  owner_.on_goodbye();
  scheduler_.schedule(*this, now);
}

void HostThread::run(Instant now) {
  if (owner_.is_written() || now >= *goodbye_by_) return scheduler_.stop();
  scheduler_.schedule(*this, now + kGoodbyeLooksEvery);
}

}  // namespace netrig::transport
