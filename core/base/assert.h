// NETRIG_ASSERT checks what our own code promised, in every build type. What comes off the wire or out of a
// file is never asserted: it is checked and answered with an error.
#pragma once

namespace netrig {

// Prints the broken promise and its place to stderr, then aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace netrig

#define NETRIG_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::netrig::assertion_failed(#expression, __FILE__, __LINE__))
