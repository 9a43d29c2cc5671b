#include "transform/record.h"

#include "base/format.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

const Value* Record::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (key == name) return &value;
  }
  return nullptr;
}

Value Record::to_dict() const {
  auto dict = jinja::make<jinja::Dict>();
  for (const auto& [key, value] : fields_) dict->set(key, value);
  return Value(std::move(dict));
}

std::optional<Value> Record::find_attribute(State&, std::string_view name) {
  const Value* found = find(name);
  if (found == nullptr) return std::nullopt;
  return *found;
}

std::optional<Value> Record::call_method(State&, std::string_view name, Arguments arguments) {
  if (name == "to_dict") return to_dict();
  if (name != "get_part" && name != "get_lowered_part" && name != "get") return std::nullopt;
  static const jinja::Signature kGet{"get", {"key", "default"}, 1};
  auto [key, fallback] = jinja::bind<2>(kGet, arguments);
  const Value* found = key.is_string() ? find(key.as_string()) : nullptr;
  if (found == nullptr) return jinja::given(fallback) ? fallback : Value::none();
  if (name != "get_lowered_part" || !found->is_string()) return *found;
  std::string lower(found->as_string());
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return Value(std::move(lower));
}

std::optional<bool> Record::equals(State& state, const Value& other) {
  const Record* record = other.find_object<Record>();
  if (record == nullptr || record->name_ != name_ || record->fields_.size() != fields_.size()) return false;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!jinja::equal(state, fields_[i].second, record->fields_[i].second)) return false;
  }
  return true;
}

std::string Record::repr(State& state) {
  std::string text(name_);
  text += '(';
  for (const auto& [key, value] : fields_) {
    if (text.back() != '(') text += ", ";
    text += key;
    text += '=';
    text += jinja::repr(state, value);
  }
  return text + ")";
}

Value make_response(const Response& response) {
  Value code = response.code ? Value(*response.code) : Value::none();
  Value rows = response.rows_affected ? Value(*response.rows_affected) : Value::none();
  return Value(jinja::make<Record>(
      "AdapterResponse",
      std::vector<Record::Field>{
          {"_message", response.message}, {"code", code}, {"rows_affected", rows}, {"query_id", Value::none()}},
      response.message));
}

}  // namespace plumb::transform
