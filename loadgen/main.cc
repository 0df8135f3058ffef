#include "netrig/loadgen/cli.h"

int main(int argc, char** argv) {
  return netrig::loadgen::main(argc, argv);
}
