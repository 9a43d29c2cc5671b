#include "ingest/connectors/json_rows.h"

// Errors as values only: no conversion of simdjson's may throw behind our back.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <map>
#include <string>

#include "base/error.h"
#include "base/format.h"

namespace plumb::ingest {

namespace {

namespace od = simdjson::ondemand;
using data::Field;
using data::Type;
using data::TypeKind;

constexpr std::size_t kMostFields = 200;

[[noreturn]] void fail(simdjson::error_code error) {
  throw Error(ErrorKind::Data, format("this is no valid JSON object: {}", simdjson::error_message(error)));
}

template <class Result>
auto get(Result&& result) {
  std::remove_cvref_t<decltype(result.value_unsafe())> value;
  if (auto error = std::forward<Result>(result).get(value)) fail(error);
  return value;
}

// The raw text of a value, blanks around it cut off.
std::string_view trimmed(std::string_view token) {
  while (!token.empty() &&
         (token.back() == ' ' || token.back() == '\t' || token.back() == '\r' || token.back() == '\n')) {
    token.remove_suffix(1);
  }
  return token;
}

// What has been seen of one field.
struct Shape {
  enum Kind : unsigned { kBool = 1, kInt = 2, kLong = 4, kDouble = 8, kText = 16, kList = 32, kStruct = 64 };
  unsigned kinds = 0;
  int digits = 0;              // the most of a whole number, or before the point of a fraction
  int fraction_digits = 0;     // the most after the point
  bool exponent = false;       // in one of the numbers
  bool beyond_double = false;  // a whole number is, or may be, one that no double holds
  data::TypeGuess texts;
  std::vector<std::pair<std::string, std::unique_ptr<Shape>>> fields;  // of a struct, in order of appearance
  std::unique_ptr<Shape> element;                                      // of a list
  bool too_wide = false;

  Shape& field(std::string_view name, std::size_t expected) {
    if (expected < fields.size() && fields[expected].first == name) return *fields[expected].second;
    for (auto& entry : fields) {
      if (entry.first == name) return *entry.second;
    }
    fields.emplace_back(name, std::make_unique<Shape>());
    return *fields.back().second;
  }

  void add(od::value value) {
    switch (get(value.type())) {
      case od::json_type::null:
        // A null still has to be read, so that a broken one ("nul") is found.
        if (bool null = false; value.is_null().get(null) != simdjson::SUCCESS || !null) fail(simdjson::N_ATOM_ERROR);
        return;
      case od::json_type::boolean:
        get(value.get_bool());
        kinds |= kBool;
        return;
      case od::json_type::number:
        return add_number(value);
      case od::json_type::string: {
        auto text = std::string_view(get(value.get_string()));
        // An empty text is no date, and no null either.
        kinds |= kText;
        texts.add(text.empty() ? std::string_view("\"") : text);
        return;
      }
      case od::json_type::array: {
        kinds |= kList;
        if (!element) element = std::make_unique<Shape>();
        for (auto child : get(value.get_array())) element->add(get(child));
        return;
      }
      case od::json_type::object:
        kinds |= kStruct;
        return add_object(get(value.get_object()));
    }
  }

  void add_number(od::value& value) {
    constexpr std::int64_t kExactInDouble = std::int64_t{1} << 53;
    auto token = trimmed(value.raw_json_token());
    const auto whole = token.find_first_of(".eE");
    const auto sign = static_cast<std::size_t>(token.starts_with('-'));
    digits = std::max(digits, static_cast<int>(std::min(whole, token.size()) - sign));
    if (whole != std::string_view::npos) {
      get(value.get_double());
      kinds |= kDouble;
      fraction_digits = std::max(fraction_digits, static_cast<int>(token.size() - whole) - 1);
      exponent |= token.find_first_of("eE", whole) != std::string_view::npos;
    } else if (std::int64_t number = 0; value.get_int64().get(number) == simdjson::SUCCESS) {
      kinds |= kInt;
      beyond_double |= number > kExactInDouble || number < -kExactInDouble;
    } else {
      kinds |= kLong;
      beyond_double = true;
    }
  }

  // Of fractions beside whole numbers that a double would round.
  Type exact_number() const {
    if (exponent || digits + fraction_digits > data::kMostDigits) return Type::text();
    return Type::decimal(data::kMostDigits, fraction_digits);
  }

  void add_object(od::object object) {
    std::size_t expected = 0;
    for (auto entry : object) {
      auto name = std::string_view(get(entry.unescaped_key()));
      if (too_wide) continue;
      field(name, expected++).add(get(entry.value()));
      too_wide = fields.size() > kMostFields;
    }
  }

  Type type() const {
    switch (kinds) {
      case 0:
        return Type::text();
      case kBool:
        return Type::boolean();
      case kInt:
        return Type::int64();
      case kLong:
      case kLong | kInt:
        return digits <= data::kMostDigits ? Type::decimal(data::kMostDigits, 0) : Type::text();
      case kDouble:
      case kDouble | kInt:
      case kDouble | kLong:
      case kDouble | kLong | kInt:
        return beyond_double ? exact_number() : Type::float64();
      case kText:
        return text_type();
      case kList:
        return Type::list(element->type());
      case kStruct:
        return struct_type();
      default:
        return Type::json();
    }
  }

  // Numbers and truth values that are written as texts stay texts.
  Type text_type() const {
    auto type = texts.type();
    switch (type.kind()) {
      case TypeKind::Date:
      case TypeKind::Time:
      case TypeKind::Timestamp:
      case TypeKind::TimestampTz:
        return type;
      default:
        return Type::text();
    }
  }

  Type struct_type() const {
    if (too_wide || fields.empty()) return Type::json();
    std::vector<Field> children;
    for (const auto& [name, shape] : fields) children.push_back({name, shape->type(), true});
    return Type::structure(std::move(children));
  }
};

// A value as the JSON text it came in, blanks between tokens kept.
void append_raw(od::value& value, data::ColumnBuilder& column) {
  column.append_text(trimmed(get(simdjson::to_json_string(value))));
}

void append_value(od::value& value, data::ColumnBuilder& column);

[[noreturn]] void fail_changed(std::string_view found, const Type& type) {
  throw Error(ErrorKind::Data,
              format("'{}' is no {}: the file has changed while it was read", found, type.to_string()));
}

template <class Column>
void append_fields(od::object object, const std::vector<Field>& fields, std::vector<bool>& seen, Column column) {
  std::fill(seen.begin(), seen.end(), false);
  std::size_t expected = 0;
  for (auto entry : object) {
    auto name = std::string_view(get(entry.unescaped_key()));
    std::size_t index = expected;
    if (index >= fields.size() || fields[index].name != name) {
      for (index = 0; index < fields.size() && fields[index].name != name; ++index) {
      }
    }
    if (index == fields.size()) continue;  // not in the schema: a file that changed
    expected = index + 1;
    if (seen[index]) continue;  // a key that stands twice: the first counts
    seen[index] = true;
    auto value = get(entry.value());
    append_value(value, column(index));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!seen[i]) column(i).append_null();
  }
}

void append_text(od::value& value, data::ColumnBuilder& column) {
  auto text = std::string_view(get(value.get_string()));
  if (column.type().kind() == TypeKind::Text) {
    column.append_text(text);
  } else if (!data::parse_text(text, column)) {
    fail_changed(text, column.type());
  }
}

void append_number(od::value& value, data::ColumnBuilder& column) {
  switch (column.type().kind()) {
    case TypeKind::Int64:
      column.append_int64(get(value.get_int64()));
      return;
    case TypeKind::Double:
      column.append_double(get(value.get_double()));
      return;
    default: {
      auto token = trimmed(value.raw_json_token());
      if (!data::parse_text(token, column)) fail_changed(token, column.type());
    }
  }
}

void append_value(od::value& value, data::ColumnBuilder& column) {
  if (column.type().kind() == TypeKind::Json) {
    if (get(value.type()) == od::json_type::null) return column.append_null();
    return append_raw(value, column);
  }
  switch (get(value.type())) {
    case od::json_type::null:
      return column.append_null();
    case od::json_type::boolean:
      if (column.type().kind() != TypeKind::Bool) fail_changed("true or false", column.type());
      return column.append_bool(get(value.get_bool()));
    case od::json_type::number:
      return append_number(value, column);
    case od::json_type::string:
      return append_text(value, column);
    case od::json_type::array: {
      if (column.type().kind() != TypeKind::List) fail_changed("a list", column.type());
      for (auto child : get(value.get_array())) {
        auto element = get(child);
        append_value(element, column.element());
      }
      return column.end_list();
    }
    case od::json_type::object: {
      if (column.type().kind() != TypeKind::Struct) fail_changed("an object", column.type());
      const auto& fields = column.type().fields();
      std::vector<bool> seen(fields.size());
      append_fields(get(value.get_object()), fields, seen,
                    [&](std::size_t i) -> data::ColumnBuilder& { return column.child(i); });
      return column.end_struct();
    }
  }
}

od::object get_object(od::document& document) {
  if (get(document.type()) != od::json_type::object) throw Error(ErrorKind::Data, "a row should be a JSON object");
  return get(document.get_object());
}

// Nothing may follow the object.
void check_end(od::document& document) {
  const char* rest = nullptr;
  if (document.current_location().get(rest) == simdjson::SUCCESS) fail(simdjson::TAPE_ERROR);
}

simdjson::padded_string_view padded(std::string_view object) {
  return simdjson::padded_string_view(object.data(), object.size(), object.size() + 64);
}

}  // namespace

struct JsonGuess::State {
  od::parser parser;
  Shape root;
};

JsonGuess::JsonGuess() : state_(std::make_unique<State>()) {}
JsonGuess::~JsonGuess() = default;

void JsonGuess::add(std::string_view object) {
  auto document = get(state_->parser.iterate(padded(object)));
  state_->root.add_object(get_object(document));
  check_end(document);
}

data::Schema JsonGuess::schema() const {
  std::vector<Field> fields;
  for (const auto& [name, shape] : state_->root.fields) fields.push_back({name, shape->type(), true});
  return data::Schema(std::move(fields));
}

struct JsonAppender::State {
  od::parser parser;
  std::vector<Field> fields;
  std::vector<bool> seen;
};

JsonAppender::JsonAppender(const data::Schema& schema) : state_(std::make_unique<State>()) {
  state_->fields = schema.fields();
  state_->seen.resize(schema.size());
}
JsonAppender::~JsonAppender() = default;

void JsonAppender::append(std::string_view object, data::BatchBuilder& rows) {
  auto document = get(state_->parser.iterate(padded(object)));
  append_fields(get_object(document), state_->fields, state_->seen,
                [&](std::size_t i) -> data::ColumnBuilder& { return rows.column(i); });
  check_end(document);
  rows.finish_row();
}

}  // namespace plumb::ingest
