// A value or an error the caller can act on. The one place that names the library behind it.
#pragma once

#include <boost/system/result.hpp>

namespace netrig {

// `*result` after `if (!result) return result.error();`. E is a small enum or struct; no exception is
// involved.
template <class T, class E>
using Result = boost::system::result<T, E>;

}  // namespace netrig
