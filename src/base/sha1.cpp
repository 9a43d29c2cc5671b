// SHA-1 guards nothing here; dbt names lists of packages by it. libsodium has none any more.
#include <boost/uuid/detail/sha1.hpp>

#include "base/crypto.h"

namespace plumb {

std::string sha1_hex(std::string_view bytes) {
  boost::uuids::detail::sha1 hash;
  hash.process_bytes(bytes.data(), bytes.size());
  boost::uuids::detail::sha1::digest_type words;
  hash.get_digest(words);
  std::string digest;
  for (unsigned int word : words) {
    for (int shift = 24; shift >= 0; shift -= 8) digest += static_cast<char>(word >> shift & 0xff);
  }
  return to_hex(digest);
}

}  // namespace plumb
