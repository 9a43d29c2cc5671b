// Params: what a run may be given, read from the file and checked when a run is asked for.
#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "base/zone.h"
#include "project/project.h"
#include "workflow/definition_reader.h"
#include "workflow/render.h"

namespace plumb::workflow {

namespace {

using jinja::Kind;
using jinja::Value;

std::string_view type_of(const Value& value) {
  switch (value.kind()) {
    case Kind::Bool:
      return "boolean";
    case Kind::Int:
    case Kind::BigInt:
      return "integer";
    case Kind::Float:
      return "number";
    case Kind::List:
    case Kind::Tuple:
      return "array";
    case Kind::Dict:
      return "object";
    case Kind::None:
    case Kind::Undefined:
      return "null";
    default:
      return "string";
  }
}

bool is_of(const Value& value, std::string_view type) {
  const auto found = type_of(value);
  if (type == "date") return value.is_string() && find_date(value.as_string());
  if (type == "datetime") return value.is_string() && (find_instant(value.as_string()) || find_date(value.as_string()));
  return found == type || (type == "number" && found == "integer");
}

// A command line has only text: "3" is the integer that is asked for.
Value as_typed(const Value& value, std::string_view type) {
  if (!value.is_string() || type == "string") return value;
  const auto text = value.as_string();
  const auto read = [&](auto number) -> std::optional<Value> {
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return Value(number);
  };
  if (type == "boolean" && (text == "true" || text == "false")) return Value(text == "true");
  if (type == "integer" || type == "number") {
    if (auto whole = read(std::int64_t{0})) return *whole;
    if (type == "number") return read(0.0).value_or(value);
  }
  return value;
}

double as_number(const Value& value) {
  return value.kind() == Kind::Float ? value.as_float() : value.is_int() ? static_cast<double>(value.as_int()) : 0;
}

std::size_t length_limit(const Value& limit) {
  return static_cast<std::size_t>(limit.as_int());
}

std::size_t length_of(const Value& value) {
  return value.is_string()            ? count_characters(value.as_string())
         : value.kind() == Kind::Dict ? value.as_dict().size()
                                      : value.items().size();
}

// By Python's own rules, and with their limits: a pattern that never ends is an error.
bool matches(const Value& pattern, const Value& text) {
  const jinja::Environment environment;
  const SystemClock clock;
  jinja::Context names;
  names.set("modules", project::modules(clock)).set("pattern", pattern).set("text", text);
  return environment.evaluate("modules.re.search(pattern, text) is not none", names).as_bool();
}

// What is wrong with the value, or nothing.
std::string find_problem(const Param& param, const Value& value) {
  const auto& schema = param.schema.as_dict();
  const auto find = [&](std::string_view key) { return schema.find(key); };
  if (value.is_none()) return find("nullable") != nullptr && find("nullable")->as_bool() ? "" : "it can't be null";
  if (!is_of(value, param.type))
    return format("it should be of type {}, and is of type {}", param.type, type_of(value));
  if (const Value* allowed = find("enum")) {
    const auto& items = allowed->items();
    if (std::none_of(items.begin(), items.end(), [&](const Value& one) { return jinja::equal_keys(one, value); })) {
      return format("it should be one of {}", json_of(*allowed));
    }
  }
  if (const Value* least = find("minimum"); least && value.is_number() && as_number(value) < as_number(*least)) {
    return format("it should be at least {}", json_of(*least));
  }
  if (const Value* most = find("maximum"); most && value.is_number() && as_number(value) > as_number(*most)) {
    return format("it should be at most {}", json_of(*most));
  }
  const bool long_one = value.is_string() || value.kind() == Kind::List || value.kind() == Kind::Dict;
  if (const Value* least = find("min_length"); least && long_one && length_of(value) < length_limit(*least)) {
    return format("its length should be at least {}", json_of(*least));
  }
  if (const Value* most = find("max_length"); most && long_one && length_of(value) > length_limit(*most)) {
    return format("its length should be at most {}", json_of(*most));
  }
  if (const Value* pattern = find("pattern"); pattern && value.is_string() && !matches(*pattern, value)) {
    return format("it should match {}", json_of(*pattern));
  }
  return "";
}

Param read_param(std::string name, const Node& node) {
  Param param{.name = std::move(name), .schema = Value::dict()};
  if (node.kind() != NodeKind::Map) {
    // A default alone; of null nobody knows the type.
    param.fallback = jinja::to_value(node);
    param.type = param.fallback.is_none() ? "string" : type_of(param.fallback);
    if (param.fallback.is_none()) param.schema.as_dict().set("nullable", Value(true));
    return param;
  }
  for (const char* key : {"nullable", "enum", "minimum", "maximum", "min_length", "max_length", "pattern"}) {
    if (Node rule = node.find(key); !rule.null()) param.schema.as_dict().set(key, jinja::to_value(rule));
  }
  param.description = node.find("description").text_or("");
  if (Node fallback = node.find("default")) param.fallback = jinja::to_value(fallback);
  const bool untyped = param.fallback.is_undefined() || param.fallback.is_none();
  param.type = node.find("type").text_or(untyped ? "string" : type_of(param.fallback));
  if (param.fallback.is_undefined()) return param;
  const auto problem = find_problem(param, param.fallback);
  if (!problem.empty()) throw fault_at(node.find("default"), format("the default of '{}': {}", param.name, problem));
  return param;
}

}  // namespace

std::vector<Param> read_params(const Node& node) {
  std::vector<Param> params;
  for (std::size_t i = 0; i < node.size(); ++i) {
    params.push_back(read_param(std::string(node.key_at(i)), node.at(i)));
  }
  return params;
}

jinja::Value check_params(const Workflow& workflow, const jinja::Value& given) {
  Value checked = Value::dict();
  const bool some = given.kind() == Kind::Dict;
  if (!some && !given.is_undefined() && !given.is_none()) {
    throw Error(ErrorKind::Usage, format("params should be an object, not of type {}", type_of(given)));
  }
  std::vector<std::string_view> known;
  for (const Param& param : workflow.params) {
    known.push_back(param.name);
    const Value* value = some ? given.as_dict().find(param.name) : nullptr;
    if (value == nullptr && param.fallback.is_undefined()) {
      throw Error(ErrorKind::Usage, format("the param '{}' of '{}' is missing", param.name, workflow.name),
                  {.hint = param.description});
    }
    const Value typed = value != nullptr ? as_typed(*value, param.type) : param.fallback;
    const auto problem = find_problem(param, typed);
    if (!problem.empty()) throw Error(ErrorKind::Usage, format("the param '{}': {}", param.name, problem));
    checked.as_dict().set(param.name, typed);
  }
  if (!some) return checked;
  std::size_t position = 0;
  while (const Value::Entry* entry = given.as_dict().next(position)) {
    const auto name = entry->key.is_string() ? entry->key.as_string() : std::string_view();
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    // Who declares no params takes what comes, as Airflow's conf; who declares some has made a promise.
    if (!known.empty()) {
      const auto nearest = find_nearest(name, known);
      throw Error(ErrorKind::Usage, format("'{}' has no param '{}'", workflow.name, printable(name)),
                  {.hint = nearest.empty() ? format("there are {}", fmt::join(known, ", "))
                                           : format("did you mean '{}'?", nearest)});
    }
    checked.as_dict().set(entry->key, entry->value);
  }
  return checked;
}

}  // namespace plumb::workflow
