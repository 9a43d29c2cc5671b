#include "transform/column.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/format.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Ref;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

constexpr std::int64_t kWidthUnlessSaid = 256;

constexpr std::array<std::string_view, 4> kStrings = {"text", "character varying", "character", "varchar"};
constexpr std::array<std::string_view, 2> kNumerics = {"numeric", "decimal"};
constexpr std::array<std::string_view, 6> kPostgresFloats = {"real",   "float4", "float",
                                                             "double", "float8", "double precision"};
constexpr std::array<std::string_view, 5> kDuckDbFloats = {"real", "float", "float4", "float8", "double"};
constexpr std::array<std::string_view, 12> kPostgresIntegers = {"smallint", "integer",   "bigint",  "smallserial",
                                                                "serial",   "bigserial", "int2",    "int4",
                                                                "int8",     "serial2",   "serial4", "serial8"};
constexpr std::array<std::string_view, 18> kDuckDbIntegers = {
    "tinyint",  "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
    "uhugeint", "int1",     "int2",    "int4",   "int8",    "short",    "int",       "signed",   "long"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

template <class Words>
bool is_among(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), lower(word)) != words.end();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string numeric_type(std::string_view dtype, const Value& precision, const Value& scale, State* state) {
  if (!precision.is_integral() || !scale.is_integral()) {
    bool missing = precision.is_undefined() || precision.is_none() || scale.is_undefined() || scale.is_none();
    if (missing || state == nullptr) return std::string(dtype);
    return plumb::format("{}({},{})", dtype, jinja::to_str(*state, precision), jinja::to_str(*state, scale));
  }
  return plumb::format("{}({},{})", dtype, precision.as_int(), scale.as_int());
}

// dbt's own word for a type, as the engines know it.
std::string translate_type(std::string_view dtype) {
  return lower(dtype) == "string" ? "TEXT" : std::string(dtype);
}

// "varchar(30)", "numeric(18,2)": a name and sizes.
Value from_description(db::Kind engine, std::string name, std::string_view raw) {
  ColumnFields fields{.engine = engine, .name = std::move(name), .dtype = std::string(raw)};
  std::size_t open = raw.find('(');
  std::size_t close = open == std::string_view::npos ? open : raw.find(')', open);
  if (close == std::string_view::npos) return Value(jinja::make<Column>(std::move(fields)));
  fields.dtype = std::string(raw.substr(0, open));
  std::vector<Value> sizes;
  std::string_view inside = raw.substr(open + 1, close - open - 1);
  while (true) {
    std::string_view part = trim(inside.substr(0, inside.find(',')));
    std::int64_t number = 0;
    auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (failure != std::errc() || end != part.data() + part.size()) {
      jinja::raise("DbtRuntimeError",
                   plumb::format("Could not interpret data_type \"{}\": could not convert \"{}\" to an "
                                 "integer",
                                 raw, part));
    }
    sizes.emplace_back(number);
    if (inside.find(',') == std::string_view::npos) break;
    inside.remove_prefix(inside.find(',') + 1);
  }
  if (sizes.size() == 1) fields.char_size = sizes[0];
  if (sizes.size() == 2) {
    fields.numeric_precision = sizes[0];
    fields.numeric_scale = sizes[1];
  }
  // numeric(18) has a precision and no scale, which is as good as none.
  if (is_among(kNumerics, fields.dtype)) fields.char_size = Value::none();
  return Value(jinja::make<Column>(std::move(fields)));
}

Value make_column(State& state, db::Kind engine, Arguments arguments) {
  static const Signature kDuckDb{
      "DuckDBColumn.__init__", {"column", "dtype", "char_size", "numeric_precision", "numeric_scale"}, 2, SIZE_MAX, 1};
  static const Signature kPostgres{
      "Column.__init__", {"column", "dtype", "char_size", "numeric_precision", "numeric_scale"}, 2, SIZE_MAX, 1};
  auto bound = bind<5>(engine == db::Kind::DuckDb ? kDuckDb : kPostgres, arguments);
  auto or_none = [](const Value& value) { return given(value) ? value : Value::none(); };
  return Value(jinja::make<Column>(ColumnFields{.engine = engine,
                                                .name = jinja::to_str(state, bound[0]),
                                                .dtype = jinja::to_str(state, bound[1]),
                                                .char_size = or_none(bound[2]),
                                                .numeric_precision = or_none(bound[3]),
                                                .numeric_scale = or_none(bound[4])}));
}

// The class's own functions, which an object has as well.
std::optional<Value> call_class_method(State& state, db::Kind engine, std::string_view name, Arguments arguments) {
  if (name == "create") {
    static const Signature kCreate{"Column.create", {"name", "label_or_dtype"}, 2};
    auto [column, dtype] = bind<2>(kCreate, arguments);
    return Value(jinja::make<Column>(ColumnFields{
        .engine = engine, .name = jinja::to_str(state, column), .dtype = translate_type(jinja::to_str(state, dtype))}));
  }
  if (name == "translate_type") {
    static const Signature kTranslate{"Column.translate_type", {"dtype"}, 1};
    auto [dtype] = bind<1>(kTranslate, arguments);
    return Value(translate_type(jinja::to_str(state, dtype)));
  }
  if (name == "string_type") {
    static const Signature kString{"Column.string_type", {"size"}, 1};
    auto [size] = bind<1>(kString, arguments);
    return Value("character varying(" + jinja::to_str(state, size) + ")");
  }
  if (name == "numeric_type") {
    static const Signature kNumeric{"Column.numeric_type", {"dtype", "precision", "scale"}, 3};
    auto [dtype, precision, scale] = bind<3>(kNumeric, arguments);
    return Value(numeric_type(jinja::to_str(state, dtype), precision, scale, &state));
  }
  if (name == "from_description") {
    static const Signature kDescription{"Column.from_description", {"name", "raw_data_type"}, 2};
    auto [column, dtype] = bind<2>(kDescription, arguments);
    return from_description(engine, jinja::to_str(state, column), jinja::to_str(state, dtype));
  }
  return std::nullopt;
}

// "a INTEGER, b STRUCT(c VARCHAR)" at its commas, those within brackets and quotes aside.
std::vector<std::string_view> split_fields(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    depth += (c == '(' || c == '[') - (c == ')' || c == ']');
    if (c != ',' || depth != 0) continue;
    parts.push_back(trim(text.substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(trim(text.substr(start)));
  return parts;
}

}  // namespace

bool Column::is_string() const {
  return is_among(kStrings, fields_.dtype);
}
bool Column::is_numeric() const {
  return is_among(kNumerics, fields_.dtype);
}
bool Column::is_integer() const {
  if (fields_.engine == db::Kind::Postgres) return is_among(kPostgresIntegers, fields_.dtype);
  return is_among(kDuckDbIntegers, fields_.dtype);
}
bool Column::is_float() const {
  if (fields_.engine == db::Kind::Postgres) return is_among(kPostgresFloats, fields_.dtype);
  return is_among(kDuckDbFloats, fields_.dtype);
}

bool Column::is_struct() const {
  std::string dtype = lower(fields_.dtype);
  return fields_.engine == db::Kind::DuckDb && dtype.starts_with("struct(") && dtype.ends_with(")");
}

std::string Column::data_type() const {
  bool sized = !fields_.char_size.is_none() && !fields_.char_size.is_undefined();
  std::string dtype = lower(fields_.dtype);
  if (fields_.engine == db::Kind::Postgres && (dtype == "text" || (dtype == "character varying" && !sized))) {
    return fields_.dtype;
  }
  if (is_string()) return plumb::format("character varying({})", string_size());
  if (is_numeric()) return numeric_type(fields_.dtype, fields_.numeric_precision, fields_.numeric_scale, nullptr);
  return fields_.dtype;
}

std::int64_t Column::string_size() const {
  if (!is_string()) jinja::raise("DbtRuntimeError", "Called string_size() on non-string field!");
  return fields_.char_size.is_int() ? fields_.char_size.as_int() : kWidthUnlessSaid;
}

bool Column::can_expand_to(const Column& other) const {
  return is_string() && other.is_string() && other.string_size() > string_size();
}

std::vector<Ref<Column>> Column::struct_fields() const {
  std::vector<Ref<Column>> fields;
  if (!is_struct()) return fields;
  std::string_view inside(fields_.dtype);
  inside = inside.substr(7, inside.size() - 8);
  for (std::string_view part : split_fields(inside)) {
    std::size_t end = part.starts_with('"') ? part.find('"', 1) : part.find(' ');
    if (end == std::string_view::npos) continue;
    bool quoted = part.starts_with('"');
    std::string name(part.substr(quoted ? 1 : 0, quoted ? end - 1 : end));
    std::string dtype(trim(part.substr(end + 1)));
    fields.push_back(jinja::make<Column>(
        ColumnFields{.engine = fields_.engine, .name = std::move(name), .dtype = std::move(dtype)}));
  }
  return fields;
}

std::vector<Ref<Column>> Column::flatten() const {
  if (!is_struct()) return {jinja::make<Column>(fields_)};
  std::vector<Ref<Column>> leaves;
  for (const auto& field : struct_fields()) {
    for (const auto& leaf : field->flatten()) {
      ColumnFields fields = leaf->fields();
      fields.name = fields_.name + "." + fields.name;
      leaves.push_back(jinja::make<Column>(std::move(fields)));
    }
  }
  return leaves;
}

std::string_view Column::type_name() const {
  return fields_.engine == db::Kind::Postgres ? "PostgresColumn" : "DuckDBColumn";
}

std::optional<Value> Column::find_attribute(State&, std::string_view name) {
  if (name == "name" || name == "column") return Value(fields_.name);
  if (name == "dtype") return Value(fields_.dtype);
  if (name == "data_type" || name == "expanded_data_type") return Value(data_type());
  if (name == "quoted") return Value("\"" + fields_.name + "\"");
  if (name == "char_size") return fields_.char_size;
  if (name == "numeric_precision") return fields_.numeric_precision;
  if (name == "numeric_scale") return fields_.numeric_scale;
  if (name == "fields" && fields_.engine == db::Kind::DuckDb) {
    std::vector<Value> fields;
    for (const auto& field : struct_fields()) fields.emplace_back(field);
    return Value::list(std::move(fields));
  }
  if (name == "TYPE_LABELS") return Value::dict({{"STRING", "TEXT"}});
  return std::nullopt;
}

std::optional<Value> Column::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "is_string") return Value(is_string());
  if (name == "is_number") return Value(is_integer() || is_float() || is_numeric());
  if (name == "is_integer") return Value(is_integer());
  if (name == "is_float") return Value(is_float());
  if (name == "is_numeric") return Value(is_numeric());
  if (name == "string_size") return Value(string_size());
  if (name == "is_struct" && fields_.engine == db::Kind::DuckDb) return Value(is_struct());
  if (name == "flatten" && fields_.engine == db::Kind::DuckDb) {
    std::vector<Value> leaves;
    for (const auto& leaf : flatten()) leaves.emplace_back(leaf);
    return Value::list(std::move(leaves));
  }
  if (name == "can_expand_to") {
    static const Signature kExpand{"Column.can_expand_to", {"other_column"}, 1};
    auto [other] = bind<1>(kExpand, arguments);
    const auto* column = other.find_object<Column>();
    if (column == nullptr) {
      jinja::raise("AttributeError",
                   plumb::format("'{}' object has no attribute 'is_string'", jinja::type_name(other)));
    }
    return Value(can_expand_to(*column));
  }
  if (name == "literal") {
    static const Signature kLiteral{"Column.literal", {"value"}, 1};
    auto [value] = bind<1>(kLiteral, arguments);
    return Value(jinja::to_str(state, value) + "::" + data_type());
  }
  return call_class_method(state, fields_.engine, name, arguments);
}

std::optional<bool> Column::equals(State& state, const Value& other) {
  const auto* column = other.find_object<Column>();
  if (column == nullptr) return false;
  const ColumnFields& theirs = column->fields_;
  return fields_.engine == theirs.engine && fields_.name == theirs.name && fields_.dtype == theirs.dtype &&
         jinja::equal(state, fields_.char_size, theirs.char_size) &&
         jinja::equal(state, fields_.numeric_precision, theirs.numeric_precision) &&
         jinja::equal(state, fields_.numeric_scale, theirs.numeric_scale);
}

std::string Column::repr(State& state) {
  std::string text = plumb::format("{}(column={}, dtype={}, char_size={}, numeric_precision={}, numeric_scale={}",
                                   type_name(), jinja::repr_text(fields_.name), jinja::repr_text(fields_.dtype),
                                   jinja::repr(state, fields_.char_size), jinja::repr(state, fields_.numeric_precision),
                                   jinja::repr(state, fields_.numeric_scale));
  if (fields_.engine == db::Kind::Postgres) return text + ")";
  return text + ", fields=" + jinja::repr(state, *find_attribute(state, "fields")) + ")";
}

namespace {

class ColumnClass final : public jinja::Object {
 public:
  explicit ColumnClass(db::Kind engine) : engine_(engine) {}

  std::string_view type_name() const override { return "type"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override { return make_column(state, engine_, arguments); }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "TYPE_LABELS") return Value::dict({{"STRING", "TEXT"}});
    for (std::string_view known : {"create", "translate_type", "string_type", "numeric_type", "from_description"}) {
      if (known != name) continue;
      return jinja::make_function(std::string(name), [engine = engine_, known](State& state, Arguments arguments) {
        return *call_class_method(state, engine, known, arguments);
      });
    }
    return std::nullopt;
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    return call_class_method(state, engine_, name, arguments);
  }
  std::string repr(State&) override {
    return engine_ == db::Kind::Postgres ? "<class 'dbt.adapters.postgres.column.PostgresColumn'>"
                                         : "<class 'dbt.adapters.duckdb.column.DuckDBColumn'>";
  }

 private:
  const db::Kind engine_;
};

}  // namespace

Value column_class(db::Kind engine) {
  return Value(jinja::make<ColumnClass>(engine));
}

std::vector<const Column*> column_list(State& state, const Value& list) {
  std::vector<const Column*> columns;
  // A macro that prints instead of returning gives text.
  if (list.is_string()) {
    jinja::raise("CompilationError", "get_columns_in_relation() gave text, not a list of columns",
                 "a macro hands a value back by {{ return(columns) }}");
  }
  for (const Value& item : jinja::to_vector(state, list)) {
    const auto* column = item.find_object<Column>();
    if (column == nullptr) {
      jinja::raise("CompilationError", plumb::format("a '{}' stands where a column should", jinja::type_name(item)));
    }
    columns.push_back(column);
  }
  return columns;
}

}  // namespace plumb::transform
