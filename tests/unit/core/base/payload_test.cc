#include "netrig/core/base/payload.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/digest.h"

using namespace netrig;

BOOST_AUTO_TEST_SUITE(payload)

BOOST_AUTO_TEST_CASE(sealing_computes_the_digest_of_the_bytes) {
  PayloadPool pool;
  auto writing = pool.acquire();
  writing->bytes = {1, 2, 3};
  const PayloadRef sealed = PayloadPool::seal(std::move(writing));
  BOOST_TEST(sealed->digest == digest_of(sealed->bytes));
}

BOOST_AUTO_TEST_CASE(a_payload_comes_back_once_nobody_refers_to_it) {
  PayloadPool pool;
  const Payload* first = nullptr;
  {
    const auto held = pool.acquire();
    held->bytes.assign(100, 7);
    first = held.get();
    BOOST_TEST(pool.acquire().get() != first);  // still held
  }
  for (int i = 0; i < 10; ++i) {
    const auto again = pool.acquire();
    BOOST_TEST(again->bytes.empty());
    BOOST_TEST(pool.size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(one_payload_that_is_never_returned_does_not_make_the_pool_grow) {
  PayloadPool pool;
  const auto stuck = pool.acquire();
  for (int i = 0; i < 1000; ++i) BOOST_TEST(pool.acquire().get() != stuck.get());
  BOOST_TEST(pool.size() <= 3u);
}

BOOST_AUTO_TEST_CASE(a_message_is_as_long_as_its_parts) {
  PayloadPool pool;
  auto head = pool.acquire();
  head->bytes.assign(3, 0);
  auto body = pool.acquire();
  body->bytes.assign(5, 0);
  BOOST_TEST((OutgoingMessage{head, body}.size() == 8u));
  BOOST_TEST((OutgoingMessage{head, {}}.size() == 3u));
  BOOST_TEST((OutgoingMessage{}.size() == 0u));
}

BOOST_AUTO_TEST_SUITE_END()
