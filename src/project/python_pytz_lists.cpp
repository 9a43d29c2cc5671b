#include "project/python_pytz_lists.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/file.h"
#include "base/zone_rules.h"

namespace plumb::project::python {
namespace {

// A list or dict that is made when it is first asked for, by whichever thread.
class LazyValue final : public PythonObject {
 public:
  LazyValue(Value (*make)(), bool callable) : make_(make), callable_(callable) {}
  std::string_view type_name() const override { return is_mapping() ? "dict" : "list"; }

  std::optional<Value> find_attribute(State& state, std::string_view name) override {
    return jinja::find_builtin_attribute(state, value(), name);
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    return jinja::call_builtin_method(state, value(), name, arguments);
  }
  std::optional<Value> find_item(State& state, const Value& key) override {
    const Value found = jinja::get_item(state, value(), is_mapping() ? to_upper(key) : key);
    if (found.is_undefined()) return std::nullopt;
    return found;
  }
  std::optional<Value> slice(State& state, const Value& start, const Value& stop, const Value& step) override {
    if (is_mapping()) return std::nullopt;
    return jinja::slice(state, value(), start, stop, step);
  }
  bool callable() const override { return callable_; }
  Value call(State& state, Arguments arguments) override {
    static const jinja::Signature kSignature{"country_timezones", {"iso3166_code"}, 1};
    const auto [code] = jinja::bind<1>(kSignature, arguments);
    const Value key = to_upper(code);
    if (const Value* found = value().as_dict().find(key)) return *found;
    jinja::raise_key_error(state, key);
  }
  std::unique_ptr<jinja::Iterator> iterate(State& state) override { return jinja::iterate(state, value()); }
  std::optional<std::size_t> length(State& state) override { return jinja::length(state, value()); }
  std::optional<bool> contains(State& state, const Value& item) override {
    return jinja::contains(state, value(), is_mapping() ? to_upper(item) : item);
  }
  bool is_mapping() const override { return value().kind() == Kind::Dict; }
  bool is_sequence() const override { return true; }
  std::optional<bool> equals(State& state, const Value& other) override {
    const auto* lazy = other.find_object<LazyValue>();
    return jinja::equal(state, value(), lazy != nullptr ? lazy->value() : other);
  }
  std::string repr(State& state) override { return jinja::repr(state, value()); }

 private:
  static Value to_upper(const Value& key) { return key.is_string() ? Value(jinja::to_upper(key.as_string())) : key; }
  const Value& value() const {
    std::call_once(made_, [this] { value_ = make_(); });
    return value_;
  }
  Value (*const make_)();
  const bool callable_;
  mutable std::once_flag made_;
  mutable Value value_;
};

// The lines of a table of the database, their fields divided by tabs.
std::vector<std::vector<std::string>> read_table(const std::string& name) {
  const auto folder = find_zone_database();
  if (!folder) return {};
  std::vector<std::vector<std::string>> rows;
  const std::string text = read_file(*folder + "/" + name);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty() || line.starts_with('#')) continue;
    std::vector<std::string>& row = rows.emplace_back();
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t tab = std::min(line.find('\t', at), line.size());
      row.push_back(line.substr(at, tab - at));
      at = tab + 1;
    }
  }
  return rows;
}

Value to_list(const std::vector<std::string>& names) {
  return Value::list({names.begin(), names.end()});
}

Value read_all() {
  std::vector<std::string> names = zone_names();
  std::erase_if(names, [](const std::string& name) { return name == "Factory" || name == "localtime"; });
  return to_list(names);
}

Value read_common() {
  std::set<std::string> names = {"GMT", "UTC"};
  for (const auto& row : read_table("zone.tab")) {
    if (row.size() > 2) names.insert(row[2]);
  }
  for (const char* city : {"Canada/Atlantic", "Canada/Central", "Canada/Eastern", "Canada/Mountain",
                           "Canada/Newfoundland", "Canada/Pacific", "US/Alaska", "US/Arizona", "US/Central",
                           "US/Eastern", "US/Hawaii", "US/Mountain", "US/Pacific"}) {
    names.insert(city);
  }
  return to_list({names.begin(), names.end()});
}

Value read_country_timezones() {
  Value zones = Value::dict();
  for (const auto& row : read_table("zone.tab")) {
    if (row.size() < 3) continue;
    if (zones.as_dict().find(row[0]) == nullptr) zones.as_dict().set(row[0], Value::list());
    zones.as_dict().find(row[0])->as_list().items.emplace_back(row[2]);
  }
  return zones;
}

Value read_country_names() {
  Value names = Value::dict();
  for (const auto& row : read_table("iso3166.tab")) {
    if (row.size() >= 2) names.as_dict().set(row[0], row[1]);
  }
  return names;
}

}  // namespace

Value all_timezones() {
  return jinja::make<LazyValue>(read_all, false);
}
Value common_timezones() {
  return jinja::make<LazyValue>(read_common, false);
}
Value country_timezones() {
  return jinja::make<LazyValue>(read_country_timezones, true);
}
Value country_names() {
  return jinja::make<LazyValue>(read_country_names, false);
}

}  // namespace plumb::project::python
