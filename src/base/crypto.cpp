#include "base/crypto.h"

#include <sodium.h>

#include <array>

#include "base/error.h"
#include "base/format.h"

namespace plumb {
namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kKeyBytes == 32);

// libsodium wants this before anything else; it may be called often, and by many threads at once.
void prepare() {
  if (sodium_init() < 0) throw Error(ErrorKind::Internal, "libsodium can't be initialised");
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

bool is_unreserved(char c) {
  bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || c == '-' || c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void expect_key(const Secret& key) {
  if (key.reveal().size() != kKeyBytes) throw Error(ErrorKind::Internal, "a key has 32 bytes: derive_key() makes one");
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  prepare();
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(bytes_of(hash), bytes_of(bytes), bytes.size());
  return to_hex(hash);
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string base64_encode(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // libsodium's final NUL
  return text;
}

std::string base64_decode(std::string_view text) {
  bool padded = text.find('=') != std::string_view::npos;
  int variant = padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  int failed =
      sodium_base642bin(bytes_of(bytes), bytes.size(), text.data(), text.size(), " \t\r\n", &length, &end, variant);
  if (failed != 0 || end != text.data() + text.size()) throw Error(ErrorKind::Data, "this is no base64");
  bytes.resize(length);
  return bytes;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    int high = c == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_blank && c == '+' ? ' ' : c;
    }
  }
  return out;
}

std::string random_bytes(std::size_t count) {
  prepare();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string random_hex(std::size_t bytes) {
  return to_hex(random_bytes(bytes));
}

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);  // version 4
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);  // the variant of RFC 4122
  std::string hex = to_hex(bytes);
  return format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                hex.substr(20));
}

Secret derive_key(const Secret& material, std::string_view salt) {
  prepare();
  std::string_view text = material.reveal();
  if (text.size() == kKeyBytes) return material;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) throw Error(ErrorKind::Auth, "the key is empty");
  if (text.size() == kKeyBytes) return Secret(std::string(text));

  std::string key(kKeyBytes, '\0');
  bool hex = text.size() == 2 * kKeyBytes && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (hex) {
    sodium_hex2bin(bytes_of(key), key.size(), text.data(), text.size(), nullptr, nullptr, nullptr);
    return Secret(std::move(key));
  }
  // Argon2id takes a salt of 16 bytes; ours has any length.
  std::array<unsigned char, crypto_pwhash_SALTBYTES> short_salt;
  crypto_generichash(short_salt.data(), short_salt.size(), bytes_of(salt), salt.size(), nullptr, 0);
  int failed = crypto_pwhash(bytes_of(key), key.size(), text.data(), text.size(), short_salt.data(),
                             crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                             crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) throw Error(ErrorKind::Internal, "no memory to derive a key from the passphrase");
  return Secret(std::move(key));
}

std::string seal(std::string_view plain, const Secret& key, std::string_view context) {
  expect_key(key);
  std::string box = random_bytes(kNonceBytes);
  box.resize(kNonceBytes + plain.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(box) + kNonceBytes, nullptr, bytes_of(plain), plain.size(),
                                             bytes_of(context), context.size(), nullptr, bytes_of(box),
                                             bytes_of(key.reveal()));
  return box;
}

std::string unseal(std::string_view box, const Secret& key, std::string_view context) {
  prepare();
  expect_key(key);
  std::string plain;
  bool opened = false;
  if (box.size() >= kNonceBytes + kTagBytes) {
    plain.resize(box.size() - kNonceBytes - kTagBytes);
    opened = crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(plain), nullptr, nullptr, bytes_of(box) + kNonceBytes,
                                                        box.size() - kNonceBytes, bytes_of(context), context.size(),
                                                        bytes_of(box), bytes_of(key.reveal())) == 0;
  }
  if (!opened) throw Error(ErrorKind::Auth, "can't be opened: wrong key, or changed on disk");
  return plain;
}

}  // namespace plumb
