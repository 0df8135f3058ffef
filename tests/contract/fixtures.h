// The same rules are built twice: over the virtual clock, and over sockets of this machine in real time.
#pragma once

#ifdef NETRIG_CONTRACT_OVER_SOCKETS
#include "netrig/tests/contract/socket_fixtures.h"
#else
#include "netrig/tests/contract/virtual_fixtures.h"
#endif
