#!/usr/bin/env bash
# thread_sanitizer.sh: the tests of what has threads, built with the thread sanitizer in build/tsan, and run.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

"$here/nested_build.sh" tsan threaded
TSAN_OPTIONS='halt_on_error=1 second_deadlock_stack=1' \
  exec ctest --test-dir "$here/../../build/tsan" --output-on-failure --no-tests=error --label-regex '^threads$'
