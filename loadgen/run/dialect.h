// Which of the two protocols a run speaks.
#pragma once

#include <array>
#include <cstdint>

#include "netrig/loadgen/scenario/scenario.h"

namespace netrig::loadgen {

enum class Dialect : std::uint8_t {
  netrig,   // the native one
  venture,  // the original one, over byte streams
};

constexpr std::array<NamedValue<Dialect>, 2> kDialectNames{
    {{"netrig", Dialect::netrig}, {"venture", Dialect::venture}}};

}  // namespace netrig::loadgen
