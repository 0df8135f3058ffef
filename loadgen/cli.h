// The command line. A contract: scripts depend on commands, flags and exit codes.
#pragma once

namespace netrig::loadgen {

// Parses, runs one command, and returns the process's exit code. Prints help, and every error of usage with
// what to do about it (exit 2). Never throws.
int main(int argc, char** argv);

}  // namespace netrig::loadgen
