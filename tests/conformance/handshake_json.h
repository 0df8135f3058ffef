// What the codec reads in the datagrams of the handshake, in tokens and in sealed packets, as JSON.
#pragma once

#include "netrig/tests/conformance/golden_cases.h"
#include "netrig/tests/conformance/wire_json.h"

namespace netrig::conformance {

// {"datagram", ...} of a datagram before the session. The context has what the reader knows: "share"
// (challenge, refuse); "request", "client_secret" and "token_secret" (accept).
Decoded decode_handshake_json(Bytes datagram, const Context& context);
// The claims of a token; the context has "token_key".
Decoded decode_token_json(Bytes token, const Context& context);
// {"packet"} of a session datagram; the context has "key", "sequence" and "version", little-endian.
Decoded decode_sealed_json(Bytes datagram, const Context& context);

}  // namespace netrig::conformance
