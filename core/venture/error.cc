#include "netrig/core/venture/error.h"

#include "netrig/core/base/assert.h"

namespace netrig::venture {

std::string_view text(DecodeError error) {
  switch (error) {
    case DecodeError::truncated:
      return "truncated";
    case DecodeError::trailing_bytes:
      return "trailing bytes";
    case DecodeError::wrong_length:
      return "wrong length";
  }
  assertion_failed("DecodeError is known", __FILE__, __LINE__);
}

std::string_view text(EncodeError error) {
  switch (error) {
    case EncodeError::too_many_components:
      return "too many components";
    case EncodeError::too_many_packets:
      return "too many packets";
    case EncodeError::type_too_long:
      return "type too long";
    case EncodeError::data_too_long:
      return "data too long";
    case EncodeError::payload_too_long:
      return "payload too long";
    case EncodeError::buffer_too_small:
      return "buffer too small";
  }
  assertion_failed("EncodeError is known", __FILE__, __LINE__);
}

}  // namespace netrig::venture
