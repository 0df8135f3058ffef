// GrowingRing by the name that the simulated network knows it by.
#pragma once

#include "netrig/core/base/growing_ring.h"

namespace netrig::sim {

using netrig::GrowingRing;

}  // namespace netrig::sim
