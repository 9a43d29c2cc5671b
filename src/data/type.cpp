#include "data/type.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "data/decimal.h"

namespace plumb::data {
namespace {

constexpr std::array<std::pair<std::string_view, TypeKind>, 14> kKindNames = {{
    {"bool", TypeKind::Bool},
    {"int64", TypeKind::Int64},
    {"decimal", TypeKind::Decimal},
    {"double", TypeKind::Double},
    {"text", TypeKind::Text},
    {"binary", TypeKind::Binary},
    {"date", TypeKind::Date},
    {"time", TypeKind::Time},
    {"timestamp", TypeKind::Timestamp},
    {"timestamptz", TypeKind::TimestampTz},
    {"uuid", TypeKind::Uuid},
    {"json", TypeKind::Json},
    {"list", TypeKind::List},
    {"struct", TypeKind::Struct},
}};

bool word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool plain_word(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), word_character);
}

void append_name(std::string_view name, std::string& out) {
  if (plain_word(name)) {
    out += name;
    return;
  }
  out += '"';
  for (char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_type(const Type& type, std::string& out) {
  out += to_string(type.kind());
  if (type.kind() == TypeKind::Decimal) {
    out += format("({},{})", type.precision(), type.scale());
  } else if (type.kind() == TypeKind::List) {
    out += '(';
    append_type(type.element(), out);
    out += ')';
  } else if (type.kind() == TypeKind::Struct) {
    out += '(';
    for (const Field& field : type.fields()) {
      if (&field != &type.fields().front()) out += ", ";
      append_name(field.name, out);
      out += ' ';
      append_type(field.type, out);
      if (!field.nullable) out += " not null";
    }
    out += ')';
  }
}

// Reads the form that append_type writes; blanks may stand between words.
class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}

  Type read_all() {
    Type type = read_type(0);
    if (!rest().empty()) fail();
    return type;
  }

 private:
  static constexpr int kDeepest = 64;

  Type read_type(int depth) {
    if (depth > kDeepest) fail();
    auto word = read_word();
    auto found =
        std::find_if(kKindNames.begin(), kKindNames.end(), [&](const auto& name) { return name.first == word; });
    if (found == kKindNames.end()) fail();
    switch (found->second) {
      case TypeKind::Bool:
        return Type::boolean();
      case TypeKind::Int64:
        return Type::int64();
      case TypeKind::Decimal:
        return read_decimal();
      case TypeKind::Double:
        return Type::float64();
      case TypeKind::Text:
        return Type::text();
      case TypeKind::Binary:
        return Type::binary();
      case TypeKind::Date:
        return Type::date();
      case TypeKind::Time:
        return Type::time();
      case TypeKind::Timestamp:
        return Type::timestamp();
      case TypeKind::TimestampTz:
        return Type::timestamp_tz();
      case TypeKind::Uuid:
        return Type::uuid();
      case TypeKind::Json:
        return Type::json();
      case TypeKind::List:
        return read_list(depth);
      case TypeKind::Struct:
        return read_struct(depth);
    }
    fail();
  }

  Type read_decimal() {
    expect('(');
    int precision = read_number();
    expect(',');
    int scale = read_number();
    expect(')');
    return Type::decimal(precision, scale);
  }

  Type read_list(int depth) {
    expect('(');
    Type element = read_type(depth + 1);
    expect(')');
    return Type::list(std::move(element));
  }

  Type read_struct(int depth) {
    expect('(');
    std::vector<Field> fields;
    while (!take(')')) {
      if (!fields.empty()) expect(',');
      std::string name = read_name();
      Type type = read_type(depth + 1);
      bool required = take_not_null();
      fields.push_back({std::move(name), std::move(type), !required});
    }
    return Type::structure(std::move(fields));
  }

  std::string read_name() {
    if (!take('"')) return std::string(read_word());
    std::string name;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c != '"') {
        name += c;
      } else if (at_ < text_.size() && text_[at_] == '"') {
        name += text_[at_++];
      } else {
        return name;
      }
    }
    fail();
  }

  std::string_view read_word() {
    auto left = rest();
    auto end = std::find_if_not(left.begin(), left.end(), word_character);
    auto word = left.substr(0, static_cast<std::size_t>(end - left.begin()));
    if (word.empty()) fail();
    at_ += word.size();
    return word;
  }

  int read_number() {
    auto word = read_word();
    if (word.size() > 2) fail();
    int number = 0;
    for (char c : word) {
      if (c < '0' || c > '9') fail();
      number = number * 10 + (c - '0');
    }
    return number;
  }

  bool take_not_null() {
    if (!rest().starts_with("not")) return false;
    if (read_word() != "not" || read_word() != "null") fail();
    return true;
  }

  bool take(char c) {
    if (!rest().starts_with(c)) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail();
  }

  std::string_view rest() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return text_.substr(at_);
  }

  [[noreturn]] void fail() const {
    throw Error(
        ErrorKind::Data, format("'{}' is not a type (character {})", text_.substr(0, 200), at_ + 1),
        {.hint = "types are bool, int64, decimal(p,s), double, text, binary, date, time, timestamp, timestamptz, "
                 "uuid, json, list(type), struct(name type, …)"});
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Type widest_decimal(const Type& a, const Type& b) {
  int scale = std::max(a.scale(), b.scale());
  int whole = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  return whole + scale <= kMostDigits ? Type::decimal(std::max(whole + scale, 1), scale) : Type::text();
}

// Fields of `a` in their order, then those that only `b` has. A field that one side lacks may be null.
Type widest_struct(const Type& a, const Type& b) {
  std::vector<Field> fields;
  auto find = [](const Type& type, const std::string& name) {
    return std::find_if(type.fields().begin(), type.fields().end(),
                        [&](const Field& field) { return field.name == name; });
  };
  for (const Field& field : a.fields()) {
    auto other = find(b, field.name);
    if (other == b.fields().end()) {
      fields.push_back({field.name, field.type, true});
    } else {
      fields.push_back({field.name, widest(field.type, other->type), field.nullable || other->nullable});
    }
  }
  for (const Field& field : b.fields()) {
    if (find(a, field.name) == a.fields().end()) fields.push_back({field.name, field.type, true});
  }
  return Type::structure(std::move(fields));
}

void check_names(const std::vector<Field>& fields, std::string_view what) {
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.push_back(field.name);
  std::sort(names.begin(), names.end());
  auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) throw Error(ErrorKind::Data, format("{} has two columns named '{}'", what, *twice));
}

}  // namespace

std::string_view to_string(TypeKind kind) {
  for (const auto& [name, named] : kKindNames) {
    if (named == kind) return name;
  }
  return {};
}

Type Type::decimal(int precision, int scale) {
  if (precision < 1 || precision > kMostDigits || scale < 0 || scale > precision) {
    throw Error(ErrorKind::Data, format("decimal({},{}) is not possible", precision, scale),
                {.hint = "a decimal has 1 to 38 digits, and no more of them after the point than in all"});
  }
  Type type(TypeKind::Decimal);
  type.precision_ = static_cast<std::uint8_t>(precision);
  type.scale_ = static_cast<std::uint8_t>(scale);
  return type;
}

Type Type::list(Type element) {
  Type type(TypeKind::List);
  type.children_ = std::make_shared<const std::vector<Field>>(1, Field{"item", std::move(element)});
  return type;
}

Type Type::structure(std::vector<Field> fields) {
  check_names(fields, "a struct");
  Type type(TypeKind::Struct);
  type.children_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

const Type& Type::element() const {
  assert(kind_ == TypeKind::List && "only a list has elements");
  return children_->front().type;
}

const std::vector<Field>& Type::fields() const {
  assert(kind_ == TypeKind::Struct && "only a struct has fields");
  return *children_;
}

std::string Type::to_string() const {
  std::string text;
  append_type(*this, text);
  return text;
}

Type Type::parse(std::string_view text) {
  return TypeReader(text).read_all();
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind_ != b.kind_ || a.precision_ != b.precision_ || a.scale_ != b.scale_) return false;
  return a.children_ == b.children_ || (a.children_ && b.children_ && *a.children_ == *b.children_);
}

// The order is a lattice with text on top, so that the result does not depend on which value came first:
//   int64 < decimal < text · int64 < double < text · date < timestamp < text · list, struct < json < text · the others
//   < text
Type widest(const Type& a, const Type& b) {
  if (a == b) return a;
  auto pair = [&](TypeKind first, TypeKind second) {
    return (a.kind() == first && b.kind() == second) || (a.kind() == second && b.kind() == first);
  };
  auto json_like = [](const Type& type) { return type.nested() || type.kind() == TypeKind::Json; };
  if (pair(TypeKind::Decimal, TypeKind::Decimal)) return widest_decimal(a, b);
  if (pair(TypeKind::Int64, TypeKind::Decimal)) {
    Type whole = Type::decimal(19, 0);
    return a.kind() == TypeKind::Int64 ? widest_decimal(whole, b) : widest_decimal(a, whole);
  }
  if (pair(TypeKind::Int64, TypeKind::Double)) return Type::float64();
  if (pair(TypeKind::Date, TypeKind::Timestamp)) return Type::timestamp();
  if (pair(TypeKind::List, TypeKind::List)) return Type::list(widest(a.element(), b.element()));
  if (pair(TypeKind::Struct, TypeKind::Struct)) return widest_struct(a, b);
  if (json_like(a) && json_like(b)) return Type::json();
  return Type::text();
}

Schema::Schema() : Schema(std::vector<Field>{}) {}

Schema::Schema(std::vector<Field> fields) {
  check_names(fields, "a schema");
  fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
}

std::optional<std::size_t> Schema::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields_->size(); ++i) {
    if ((*fields_)[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace plumb::data
