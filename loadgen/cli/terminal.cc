#include "netrig/loadgen/cli/terminal.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace netrig::loadgen {
namespace {

volatile std::sig_atomic_t is_interrupted = 0;
volatile std::sig_atomic_t is_reload_wanted = 0;

void on_signal(int) {
  is_interrupted = is_interrupted + 1;
}

void on_hang_up(int) {
  is_reload_wanted = 1;
}

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool speaks_utf8() {
  for (const char* const variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!is_set(variable)) continue;
    const std::string locale = std::getenv(variable);
    return locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

TerminalSize size_of_stderr() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void catch_reload() {
  struct sigaction action {};
  action.sa_handler = on_hang_up;
  sigaction(SIGHUP, &action, nullptr);
}

volatile std::sig_atomic_t* reload_wanted() {
  return &is_reload_wanted;
}

bool may_be_lost(int descriptor) {
  struct stat what {};
  return fstat(descriptor, &what) != 0 || S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode);
}

Style style_of(int descriptor) {
  Style style;
  const bool terminal = isatty(descriptor) == 1;
  style.colour = terminal && !is_set("NO_COLOR");
  style.unicode = speaks_utf8();
  winsize size{};
  if (terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::max<std::size_t>(60, size.ws_col);
  }
  return style;
}

Console make_console() {
  const bool is_terminal = isatty(STDERR_FILENO) == 1;
  const auto progress = is_terminal ? ProgressLine::Mode::terminal : ProgressLine::Mode::plain;
  const bool moves = is_terminal && is_set("TERM") && std::string_view{std::getenv("TERM")} != "dumb";
  return {std::cout,
          std::cerr,
          style_of(STDOUT_FILENO),
          style_of(STDERR_FILENO),
          progress,
          moves ? size_of_stderr : std::function<TerminalSize()>{}};
}

const volatile std::sig_atomic_t* interrupted() {
  return &is_interrupted;
}

}  // namespace netrig::loadgen
