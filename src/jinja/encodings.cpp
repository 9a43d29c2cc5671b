#include "jinja/encodings.h"

#include <algorithm>

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

struct Encoding {
  std::string_view name;  // in messages
  // The bytes of a unit of UTF-16 and UTF-32; 1 for the others.
  int unit = 1;
  bool big_endian = false, byte_order_mark = false;
  char32_t end = 0x110000;  // what lies behind its last character
};

Encoding find_encoding(std::string_view given) {
  std::string name = to_lower(given);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '_' || c == ' '; }, '-');
  struct Named {
    std::string_view name;
    Encoding encoding;
  };
  constexpr Encoding kUtf8{"utf-8"}, kAscii{.name = "ascii", .end = 0x80}, kLatin1{.name = "latin-1", .end = 0x100};
  static constexpr Named kNames[] = {
      {"utf-8", kUtf8},
      {"utf8", kUtf8},
      {"u8", kUtf8},
      {"utf", kUtf8},
      {"utf-8-sig", {.name = "utf-8", .byte_order_mark = true}},
      {"ascii", kAscii},
      {"us-ascii", kAscii},
      {"646", kAscii},
      {"latin-1", kLatin1},
      {"latin1", kLatin1},
      {"latin", kLatin1},
      {"l1", kLatin1},
      {"iso-8859-1", kLatin1},
      {"iso8859-1", kLatin1},
      {"8859", kLatin1},
      {"cp819", kLatin1},
      {"utf-16", {.name = "utf-16", .unit = 2, .byte_order_mark = true}},
      {"utf16", {.name = "utf-16", .unit = 2, .byte_order_mark = true}},
      {"u16", {.name = "utf-16", .unit = 2, .byte_order_mark = true}},
      {"utf-16-le", {.name = "utf-16-le", .unit = 2}},
      {"utf-16le", {.name = "utf-16-le", .unit = 2}},
      {"utf-16-be", {.name = "utf-16-be", .unit = 2, .big_endian = true}},
      {"utf-16be", {.name = "utf-16-be", .unit = 2, .big_endian = true}},
      {"utf-32", {.name = "utf-32", .unit = 4, .byte_order_mark = true}},
      {"utf32", {.name = "utf-32", .unit = 4, .byte_order_mark = true}},
      {"u32", {.name = "utf-32", .unit = 4, .byte_order_mark = true}},
      {"utf-32-le", {.name = "utf-32-le", .unit = 4}},
      {"utf-32le", {.name = "utf-32-le", .unit = 4}},
      {"utf-32-be", {.name = "utf-32-be", .unit = 4, .big_endian = true}},
      {"utf-32be", {.name = "utf-32-be", .unit = 4, .big_endian = true}},
  };
  for (const Named& each : kNames) {
    if (each.name == name) return each.encoding;
  }
  raise("LookupError", format("unknown encoding: {}", given));
}

void append_unit(std::string& out, const Encoding& encoding, char32_t unit) {
  for (int i = 0; i < encoding.unit; ++i) {
    const int shift = 8 * (encoding.big_endian ? encoding.unit - 1 - i : i);
    out += static_cast<char>(unit >> shift & 0xFF);
  }
}

void append_encoded(std::string& out, const Encoding& encoding, char32_t code_point) {
  if (encoding.unit == 1 && encoding.end <= 0x100) {
    out += static_cast<char>(code_point);
  } else if (encoding.unit == 1) {
    append_code_point(out, code_point);
  } else if (encoding.unit == 2 && code_point >= 0x10000) {
    append_unit(out, encoding, 0xD800 + ((code_point - 0x10000) >> 10));
    append_unit(out, encoding, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
  } else {
    append_unit(out, encoding, code_point);
  }
}

std::string escape_of(char32_t code_point) {
  const auto number = static_cast<std::uint32_t>(code_point);
  if (number < 0x100) return format("\\x{:02x}", number);
  return number < 0x10000 ? format("\\u{:04x}", number) : format("\\U{:08x}", number);
}

bool is_surrogate(char32_t code_point) {
  return code_point >= 0xD800 && code_point < 0xE000;
}

bool can_encode(const Encoding& encoding, char32_t code_point) {
  return code_point < encoding.end && (encoding.end <= 0x100 || !is_surrogate(code_point));
}

// The text from `position` on begins with characters that the encoding does not have.
[[noreturn]] void raise_not_encodable(const Encoding& encoding, std::string_view text, std::size_t position) {
  const std::size_t first = count_code_points(text.substr(0, position));
  std::size_t end = position, count = 0;
  char32_t code_point = 0;
  for (std::size_t next = position; next < text.size(); ++count) {
    const char32_t found = next_code_point(text, next);
    if (can_encode(encoding, found)) break;
    if (count == 0) code_point = found;
    end = next;
  }
  const std::string reason = encoding.end <= 0x100
                                 ? format("ordinal not in range({})", static_cast<std::uint32_t>(encoding.end))
                                 : "surrogates not allowed";
  if (count == 1) {
    raise("UnicodeEncodeError", format("'{}' codec can't encode character '{}' in position {}: {}", encoding.name,
                                       escape_of(code_point), first, reason));
  }
  raise("UnicodeEncodeError", format("'{}' codec can't encode characters in position {}-{}: {}", encoding.name, first,
                                     first + count_code_points(text.substr(position, end - position)) - 1, reason));
}

// What stands in place of a character that the encoding does not have.
std::string substitute(std::string_view errors, char32_t code_point) {
  if (errors == "ignore") return "";
  if (errors == "replace") return "?";
  if (errors == "backslashreplace") return escape_of(code_point);
  if (errors == "xmlcharrefreplace") return format("&#{};", static_cast<std::uint32_t>(code_point));
  raise("LookupError", format("unknown error handler name '{}'", errors));
}

// How many bytes from `position` on are no UTF-8 together, and why.
struct Broken {
  std::size_t length = 1;
  std::string_view reason = "invalid start byte";
};
Broken broken_at(std::string_view bytes, std::size_t position) {
  const auto byte = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const unsigned lead = byte(position);
  if (lead < 0xC2 || lead > 0xF4) return {};
  const std::size_t wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (std::size_t i = 1; i < wanted; ++i) {
    if (position + i >= bytes.size()) return {i, "unexpected end of data"};
    const unsigned next = byte(position + i);
    unsigned least = 0x80, most = 0xBF;
    if (i == 1 && lead == 0xE0) least = 0xA0;
    if (i == 1 && lead == 0xED) most = 0x9F;
    if (i == 1 && lead == 0xF0) least = 0x90;
    if (i == 1 && lead == 0xF4) most = 0x8F;
    if (next < least || next > most) return {i, "invalid continuation byte"};
  }
  return {0, ""};
}

void append_undecodable(std::string& out, const Encoding& encoding, std::string_view bytes, std::size_t position,
                        const Broken& broken, std::string_view errors) {
  if (errors == "ignore") return;
  if (errors == "replace") {
    out += "\uFFFD";
    return;
  }
  if (errors == "backslashreplace") {
    for (const char byte : bytes.substr(position, broken.length)) out += escape_of(static_cast<unsigned char>(byte));
    return;
  }
  if (errors != "strict") raise("LookupError", format("unknown error handler name '{}'", errors));
  if (broken.length > 1) {
    raise("UnicodeDecodeError", format("'{}' codec can't decode bytes in position {}-{}: {}", encoding.name, position,
                                       position + broken.length - 1, broken.reason));
  }
  raise("UnicodeDecodeError",
        format("'{}' codec can't decode byte 0x{:02x} in position {}: {}", encoding.name,
               static_cast<unsigned>(static_cast<unsigned char>(bytes[position])), position, broken.reason));
}

}  // namespace

std::string encode_text(std::string_view text, std::string_view encoding_name, std::string_view errors) {
  const Encoding encoding = find_encoding(encoding_name);
  std::string out;
  out.reserve(text.size());
  if (encoding.byte_order_mark) append_encoded(out, encoding, 0xFEFF);
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t begin = position;
    const char32_t code_point = next_code_point(text, position);
    const bool passed = errors == "surrogatepass" && encoding.end > 0x100;
    if (passed || can_encode(encoding, code_point)) {
      append_encoded(out, encoding, code_point);
      continue;
    }
    if (errors == "strict") raise_not_encodable(encoding, text, begin);
    for (const char c : substitute(errors, code_point)) {
      append_encoded(out, encoding, static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string decode_text(std::string_view bytes, std::string_view encoding_name, std::string_view errors) {
  const Encoding encoding = find_encoding(encoding_name);
  if (encoding.unit != 1) raise("LookupError", format("unknown encoding: {}", encoding_name));
  if (encoding.byte_order_mark && bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t position = 0; position < bytes.size();) {
    const auto byte = static_cast<unsigned char>(bytes[position]);
    Broken broken{0, ""};
    if (byte >= 0x80 && encoding.end == 0x80) broken = {1, "ordinal not in range(128)"};
    if (byte >= 0x80 && encoding.end > 0x100) broken = broken_at(bytes, position);
    if (broken.length > 0) {
      append_undecodable(out, encoding, bytes, position, broken, errors);
      position += broken.length;
    } else if (encoding.end == 0x100) {
      append_code_point(out, byte);
      ++position;
    } else {
      append_code_point(out, next_code_point(bytes, position));
    }
  }
  return out;
}

}  // namespace plumb::jinja
