// The terminal and its signals: what this process's streams can show, and when to stop.
#pragma once

#include <csignal>

#include "netrig/loadgen/commands/run.h"

namespace netrig::loadgen {

// The first SIGINT or SIGTERM sets interrupted(), which ends a run at its next event; the other one after it
// ends whatever still waits, and the same one again ends the process as usual. interrupted() counts them.
// SIGPIPE is ignored: a reader that went away must not cost the output files.
void catch_signals();
const volatile std::sig_atomic_t* interrupted();
// From now on each SIGHUP sets reload_wanted(), instead of ending the process.
void catch_reload();
volatile std::sig_atomic_t* reload_wanted();

// A pipe's reader that closed its end, as `head` does, had read enough, and where stdout was closed from the
// start nobody wants the output. A full disk is another matter.
bool may_be_lost(int descriptor);

Style style_of(int descriptor);
Console make_console();

}  // namespace netrig::loadgen
