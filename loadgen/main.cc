#include "netrig/loadgen/arena/arena_game.h"
#include "netrig/loadgen/loadgen.h"

int main(int argc, char** argv) {
  netrig::loadgen::GameRegistry games;
  netrig::loadgen::register_arena(games);
  return netrig::loadgen::main(argc, argv, games);
}
