// What must hold for any text: a value that is read can be written, and then is read back as the same; its JSON is
// JSON; a column's guessed type reads each of its values; a decimal and a type are what they say.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/data.h"

namespace {

using namespace plumb::data;

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

void check_type(const Type& type, std::string_view text) {
  ColumnBuilder builder(type);
  if (!parse_text(text, builder)) {
    require(builder.rows() == 0 && builder.take().rows() == 0, "a refused text leaves nothing behind");
    return;
  }
  Column column = builder.take();
  require(column.rows() == 1, "a text is one value");
  if (column.null_at(0)) return;  // JSON's null, as a list or a struct
  std::string written;
  append_text(column, 0, written);
  require(parse_text(written, builder), "what was written can be read");
  std::string again;
  append_text(builder.take(), 0, again);
  require(written == again, "the canonical form is one");

  if (!plumb::valid_utf8(text)) return;
  std::string json;
  append_json(column, 0, json);
  ColumnBuilder document(Type::json());
  require(parse_text(json, document), "a value as JSON is JSON");
}

void check_guess(std::string_view text) {
  TypeGuess guess;
  std::vector<std::string_view> lines;
  for (std::size_t start = 0; start <= text.size();) {
    auto end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    guess.add(lines.back());
    start = end + 1;
  }
  ColumnBuilder builder(guess.type());
  for (auto line : lines) require(line.empty() || parse_text(line, builder), "a guessed type reads its values");
}

void check_decimal(std::string_view text) {
  auto value = Decimal::find(text);
  if (!value) return;
  auto again = Decimal::find(value->to_string());
  require(again && again->units == value->units && again->scale == value->scale, "a decimal reads back as itself");
  require(fits_digits(value->units, value->digits()), "a decimal fits its digits");
  auto wide = value->find_rescaled(kMostDigits);
  require(!wide || *wide == *value, "rescaling keeps the value");
}

void check_type_text(std::string_view text) {
  try {
    Type type = Type::parse(text);
    require(Type::parse(type.to_string()) == type, "a type reads back as itself");
    require(widest(type, type) == type, "a type holds itself");
    require(widest(type, Type::text()) == Type::text(), "text holds all");
  } catch (const plumb::Error&) {
    // no type
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::vector<Type> types = [] {
    std::vector<Type> list;
    for (auto type : {"bool", "int64", "decimal(15,2)", "decimal(38,38)", "double", "text", "binary", "date", "time",
                      "timestamp", "timestamptz", "uuid", "json", "list(decimal(18,2))", "list(list(text))",
                      "struct(a int64, b struct(c text), d list(date))"}) {
      list.push_back(Type::parse(type));
    }
    return list;
  }();
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (text.empty()) return 0;
  check_type(types[bytes[0] % types.size()], text.substr(1));
  check_guess(text);
  check_decimal(text);
  check_type_text(text);
  return 0;
}
