#include "transform/index_config.h"

#include "base/crypto.h"
#include "base/format.h"

namespace plumb::transform {

using jinja::Kind;
using jinja::State;
using jinja::Value;

namespace {

constexpr std::size_t kNameLength = 32;

[[noreturn]] void fail(const std::string& what) {
  jinja::raise("IndexConfigError", "Could not parse index config: " + what);
}

Value columns_value(const std::vector<std::string>& columns) {
  return Value::list(std::vector<Value>(columns.begin(), columns.end()));
}

}  // namespace

jinja::Ref<IndexConfig> IndexConfig::parse(State& state, db::Kind engine, const Value& raw) {
  if (raw.kind() != Kind::Dict) fail(plumb::format("at path []: {} is not of type 'object'", jinja::repr(state, raw)));
  std::vector<std::string> columns;
  bool unique = false;
  std::string method;
  std::size_t position = 0;
  while (const Value::Entry* entry = raw.as_dict().next(position)) {
    std::string key = jinja::to_str(state, entry->key);
    const Value& value = entry->value;
    auto expect = [&](bool fits, std::string_view type) {
      if (!fits) fail(plumb::format("at path ['{}']: {} is not of type '{}'", key, jinja::repr(state, value), type));
    };
    if (key == "columns") {
      expect(value.kind() == Kind::List || value.kind() == Kind::Tuple, "array");
      for (const Value& column : value.items()) columns.push_back(jinja::to_str(state, column));
    } else if (key == "unique") {
      expect(value.kind() == Kind::Bool, "boolean");
      unique = value.as_bool();
    } else if (key == "type" && engine == db::Kind::Postgres) {
      if (!value.is_none()) {
        expect(value.is_string(), "string");
        method = value.as_string();
      }
    } else {
      fail(plumb::format("at path []: Additional properties are not allowed ('{}' was unexpected)", key));
    }
  }
  if (raw.as_dict().find("columns") == nullptr) fail("at path []: 'columns' is a required property");
  return jinja::make<IndexConfig>(engine, std::move(columns), unique, std::move(method));
}

std::optional<Value> IndexConfig::find_attribute(State&, std::string_view name) {
  if (name == "columns") return columns_value(columns_);
  if (name == "unique") return Value(unique_);
  if (name == "type" && engine_ == db::Kind::Postgres) return method_.empty() ? Value::none() : Value(method_);
  return std::nullopt;
}

std::string IndexConfig::name_for(const std::string& relation) const {
  std::string all = relation + "_" + method_ + (unique_ ? "_unique_" : "_") + random_hex(8);
  for (const auto& column : columns_) all += "_" + column;
  return sha256_hex(all).substr(0, kNameLength);
}

std::optional<Value> IndexConfig::call_method(State& state, std::string_view name, jinja::Arguments arguments) {
  if (name != "render") return std::nullopt;
  static const jinja::Signature kRender{"render", {"relation"}, 1};
  auto [relation] = jinja::bind<1>(kRender, arguments);
  return Value(name_for(jinja::to_str(state, relation)));
}

std::string IndexConfig::repr(State& state) {
  std::string text = plumb::format("{}(columns={}, unique={}", type_name(), jinja::repr(state, columns_value(columns_)),
                                   unique_ ? "True" : "False");
  if (engine_ == db::Kind::Postgres) text += ", type=" + (method_.empty() ? "None" : jinja::repr_text(method_));
  return text + ")";
}

}  // namespace plumb::transform
