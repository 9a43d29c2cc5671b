// Hashes, encodings and sealed boxes, by libsodium and the standard's definitions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace plumb {

std::string sha256_hex(std::string_view bytes);
std::string md5_hex(std::string_view bytes);   // for names; it guards nothing
std::string sha1_hex(std::string_view bytes);  // likewise
std::string to_hex(std::string_view bytes);
std::string base64_encode(std::string_view bytes);  // RFC 4648 with padding
// Padding and white space may be missing or there. Throws Error(Data) for anything else that is not base64.
std::string base64_decode(std::string_view text);
std::string percent_encode(std::string_view text);  // RFC 3986 unreserved stay
// A "%" without two hex digits stays as it is.
std::string percent_decode(std::string_view text, bool plus_is_blank = false);

// Random bytes from the system, and 32 of them as lower-case hex: a session or request id.
std::string random_bytes(std::size_t count);
std::string random_hex(std::size_t bytes);
// A version-4 UUID with dashes, lower case.
std::string random_uuid();

// A key of 32 bytes from whatever the user typed or a file holds (32 raw bytes, 64 hex digits, or a passphrase, which
// goes through Argon2id with the salt: 64 MB for a moment). A final newline does not count. Throws Error(Auth) when
// there is nothing in it.
Secret derive_key(const Secret& material, std::string_view salt);
// XChaCha20-Poly1305: nonce + cipher text. `context` is authenticated with it, so that a box can't be moved.
std::string seal(std::string_view plain, const Secret& key, std::string_view context);
// Throws Error(Auth) "can't be opened: wrong key, or changed on disk".
std::string unseal(std::string_view box, const Secret& key, std::string_view context);

}  // namespace plumb
