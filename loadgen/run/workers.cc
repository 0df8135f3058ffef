#include "netrig/loadgen/run/workers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <poll.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/bytes.h"

namespace netrig::loadgen {
namespace {

using Work = std::function<std::string(std::size_t, const ReportShare&)>;

// What a worker writes into its pipe: this byte, then 4 bytes of parts per million or 8 bytes of length and
// the result.
constexpr char kShare = 's';
constexpr char kResult = 'r';
constexpr std::size_t kShareBytes = 1 + 4;
constexpr std::size_t kResultHeadBytes = 1 + 8;
constexpr int kPollMilliseconds = 200;
constexpr int kExitOfAThrow = 1;

// False when nobody reads any more.
bool write_all(int pipe, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(pipe, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

template <class Integer>
std::string frame(char kind, Integer value) {
  std::string head(1 + sizeof value, kind);
  std::array<std::uint8_t, sizeof value> bytes{};
  store_little_endian(bytes.data(), value);
  std::memcpy(head.data() + 1, bytes.data(), bytes.size());
  return head;
}

template <class Integer>
Integer read_integer(const std::string& from) {
  return load_little_endian<Integer>(reinterpret_cast<const std::uint8_t*>(from.data()) + 1);
}

[[noreturn]] void be_worker(std::size_t index, int pipe, const Work& work) {
  const auto report = [&](double share) {
    write_all(pipe, frame(kShare, static_cast<std::uint32_t>(std::clamp(share, 0.0, 1.0) * 1e6)));
  };
  try {
    const std::string result = work(index, report);
    write_all(pipe, frame(kResult, std::uint64_t{result.size()}) + result);
  } catch (const std::exception&) {
    ::_exit(kExitOfAThrow);
  }
  ::_exit(0);  // what the parent has buffered and registered is the parent's
}

class Worker {
 public:
  // Not running when the system refused: how_lost() tells why.
  Worker(std::size_t index, const Work& work) : index_(index) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
      fail(std::strerror(errno));
      return;
    }
    process_ = ::fork();
    if (process_ == 0) {
      ::close(ends[0]);
      be_worker(index, ends[1], work);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
    if (process_ < 0) fail(std::strerror(errno));
  }
  Worker(Worker&& other) noexcept { *this = std::move(other); }
  Worker& operator=(Worker&& other) noexcept {
    std::swap(index_, other.index_);
    std::swap(process_, other.process_);
    std::swap(pipe_, other.pipe_);
    std::swap(buffer_, other.buffer_);
    std::swap(share_, other.share_);
    std::swap(how_lost_, other.how_lost_);
    return *this;
  }
  ~Worker() {
    if (process_ > 0) ::kill(process_, SIGKILL);
    finish();
  }

  std::size_t index() const { return index_; }
  int pipe() const { return pipe_; }
  bool running() const { return process_ > 0; }
  double share() const { return share_; }

  // Reads what it has written. False: it has closed its end.
  bool read() {
    std::array<char, 65'536> chunk{};
    const ssize_t count = ::read(pipe_, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) return false;
    buffer_.append(chunk.data(), static_cast<std::size_t>(count));
    while (buffer_.size() >= kShareBytes && buffer_[0] == kShare) {
      share_ = read_integer<std::uint32_t>(buffer_) / 1e6;
      buffer_.erase(0, kShareBytes);
    }
    return true;
  }

  // After read() has said that it is over: waits for the process.
  WorkerOutcome outcome() {
    const int status = finish();
    const bool is_whole = buffer_.size() >= kResultHeadBytes && buffer_[0] == kResult &&
                          buffer_.size() - kResultHeadBytes == read_integer<std::uint64_t>(buffer_);
    if (is_whole && WIFEXITED(status) && WEXITSTATUS(status) == 0)
      return {WorkerOutcome::State::finished, buffer_.substr(kResultHeadBytes)};
    if (how_lost_.empty() && WIFSIGNALED(status))
      how_lost_ =
          "killed by signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
    if (how_lost_.empty()) how_lost_ = "it ended without a result";
    return {WorkerOutcome::State::lost, how_lost_};
  }

 private:
  void fail(const char* why) {
    process_ = -1;
    how_lost_ = std::string{"could not be started: "} + why;
  }

  int finish() {
    int status = 0;
    if (pipe_ >= 0) ::close(std::exchange(pipe_, -1));
    if (process_ <= 0) return status;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
  }

  std::size_t index_ = 0;
  pid_t process_ = -1;
  int pipe_ = -1;
  std::string buffer_;
  double share_ = 0;
  std::string how_lost_;
};

class Pool {
 public:
  Pool(std::size_t count, std::size_t jobs, const Work& work) : work_(work), jobs_(jobs), outcomes_(count) {}

  void start_more() {
    while (running_.size() < jobs_ && next_ < outcomes_.size()) {
      Worker worker{next_++, work_};
      if (worker.running())
        running_.push_back(std::move(worker));
      else
        take(worker);
    }
  }
  bool over() const { return running_.empty() && next_ == outcomes_.size(); }

  // Until something was said, or a while has passed.
  void wait() {
    std::vector<pollfd> ends;
    for (const Worker& worker : running_) ends.push_back({worker.pipe(), POLLIN, 0});
    if (::poll(ends.data(), ends.size(), kPollMilliseconds) <= 0) return;
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (ends[i].revents != 0 && !running_[i].read()) take(running_[i]);
    std::erase_if(running_, [](const Worker& worker) { return !worker.running(); });
  }

  WorkersProgress progress() const {
    WorkersProgress now{.finished = finished_, .running = running_.size(), .total = outcomes_.size()};
    now.share = static_cast<double>(finished_);
    for (const Worker& worker : running_) now.share += worker.share();
    now.share /= static_cast<double>(outcomes_.size());
    return now;
  }
  std::vector<WorkerOutcome> take_outcomes() {
    running_.clear();
    return std::move(outcomes_);
  }

 private:
  void take(Worker& worker) {
    outcomes_[worker.index()] = worker.outcome();
    ++finished_;
  }

  const Work& work_;
  std::size_t jobs_;
  std::vector<WorkerOutcome> outcomes_;
  std::vector<Worker> running_;
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace

std::vector<WorkerOutcome> run_in_workers(std::size_t count, std::size_t jobs, const Work& work,
                                          const std::function<void(const WorkersProgress&)>& on_progress,
                                          const volatile std::sig_atomic_t* interrupted) {
  NETRIG_ASSERT(count > 0 && jobs > 0 && jobs <= kJobsMax);
  Pool pool{count, jobs, work};
  while (!pool.over()) {
    if (interrupted != nullptr && *interrupted != 0) break;
    pool.start_more();
    pool.wait();
    if (on_progress) on_progress(pool.progress());
  }
  return pool.take_outcomes();
}

}  // namespace netrig::loadgen
