// An entry is one of
//
//     - not_null
//     - dbt_utils.accepted_range: {min_value: 0, severity: warn}
//     - accepted_values:
//         name: known_states
//         arguments: {values: [open, closed]}
//         config: {where: "amount > 0"}
//     - test_name: not_null
//       name: my_name
#include "project/property_tests.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "project/blocks.h"

namespace plumb::project {
namespace {

using jinja::Dict;

// Keys of a test's config that may also stand beside its arguments, in the order that dbt writes them in.
constexpr std::array<std::string_view, 14> kConfigKeys = {
    "severity",  "tags",           "enabled",           "where", "limit",    "warn_if", "error_if",
    "fail_calc", "store_failures", "store_failures_as", "meta",  "database", "schema",  "alias"};

[[noreturn]] void fail(const YamlNode& node, std::string message, std::string hint = {}) {
  throw Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
}

bool is_config_key(std::string_view key) {
  return std::find(kConfigKeys.begin(), kConfigKeys.end(), key) != kConfigKeys.end();
}

Dict& ensure(jinja::Ref<Dict>& dict) {
  if (!dict) dict = jinja::make<Dict>();
  return *dict;
}

// "not_null" or "package.test".
void set_name(TestUse& use, std::string_view name) {
  std::size_t dot = name.find('.');
  std::string_view package = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
  std::string_view test = dot == std::string_view::npos ? name : name.substr(dot + 1);
  use.package = package;
  use.name = test;
}

// Lists and maps stay as they are written.
jinja::Value config_value(const YamlNode& node, const ConfigRenderer& renderer) {
  return node.kind() == NodeKind::Text && has_template(node.scalar()) ? renderer.render(node) : to_value(node);
}

jinja::Ref<Dict> in_order(const Dict& config) {
  auto ordered = jinja::make<Dict>();
  for (std::string_view key : kConfigKeys) {
    if (const jinja::Value* value = config.find(key)) ordered->set(key, *value);
  }
  std::size_t position = 0;
  while (const jinja::Value::Entry* entry = config.next(position)) {
    if (!ordered->find(entry->key)) ordered->set(entry->key, entry->value);
  }
  return ordered;
}

void read_config(TestUse& use, const YamlNode& config, const ConfigRenderer& renderer) {
  if (config.null()) return;
  if (config.kind() != NodeKind::Map)
    fail(config, format("a test's config must be a map, found {}", describe(config.kind())));
  for (std::size_t i = 0; i < config.size(); ++i) {
    Dict& known = ensure(use.config);
    if (known.find(config.key_at(i))) {
      fail(config.at(i), "Test cannot have the same key at the top-level and in config",
           format("keep '{}' in `config:`", config.key_at(i)));
    }
    known.set(config.key_at(i), config_value(config.at(i), renderer));
    if (config.key_at(i) == "tags") use.config_tags = *known.find("tags");
  }
}

void read_arguments(TestUse& use, const YamlNode& arguments, std::string_view skip, const ConfigRenderer& renderer) {
  YamlNode config, nested;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view key = arguments.key_at(i);
    YamlNode value = arguments.at(i);
    if (key == skip) continue;
    if (key == "name") {
      use.given_name = to_text(value);
    } else if (key == "description") {
      use.description = value.text_or("");
    } else if (key == "config") {
      config = value;
    } else if (key == "arguments" && value.kind() == NodeKind::Map) {
      nested = value;
    } else if (is_config_key(key)) {
      ensure(use.config).set(key, config_value(value, renderer));
    } else {
      use.loose_arguments = true;
      ensure(use.arguments).set(key, to_value(value));
    }
  }
  for (std::size_t i = 0; i < nested.size(); ++i) ensure(use.arguments).set(nested.key_at(i), to_value(nested.at(i)));
  read_config(use, config, renderer);
  if (use.config) use.config = in_order(*use.config);
}

TestUse read_test_use(const YamlNode& node, const ConfigRenderer& renderer) {
  TestUse use;
  use.node = node;
  if (node.kind() == NodeKind::Text) {
    set_name(use, node.scalar());
    return use;
  }
  if (node.kind() != NodeKind::Map) {
    fail(node, format("test must be dict or str, got {} (value {})", describe(node.kind()), node.scalar()));
  }
  if (YamlNode name = node.find("test_name"); name && name.kind() == NodeKind::Text) {
    set_name(use, name.scalar());
    read_arguments(use, node, "test_name", renderer);
    return use;
  }
  if (node.size() != 1) {
    fail(node, format("test definition dictionary must have exactly one key, got {} instead", node.size()),
         node.size() > 1 ? "indent the test's arguments below its name" : "");
  }
  YamlNode arguments = node.at(0);
  set_name(use, node.key_at(0));
  if (arguments.null()) return use;
  if (arguments.kind() != NodeKind::Map) {
    fail(arguments,
         format("test arguments must be a dict, got {} (value {})", describe(arguments.kind()), arguments.to_json()));
  }
  read_arguments(use, arguments, {}, renderer);
  return use;
}

}  // namespace

bool has_test_uses(const YamlNode& owner) {
  return owner.find("data_tests") || owner.find("tests");
}

std::vector<TestUse> read_test_uses(const YamlNode& owner, const ConfigRenderer& renderer) {
  YamlNode entries = owner.find("data_tests");
  YamlNode older = owner.find("tests");
  if (entries.size() > 0 && older.size() > 0) {
    fail(older, "Invalid test config: cannot have both 'tests' and 'data_tests' defined",
         "move all of them to `data_tests:`");
  }
  if (entries.size() == 0) entries = older;
  std::vector<TestUse> uses;
  if (entries.null()) return uses;
  if (entries.kind() != NodeKind::List) {
    fail(entries, format("expected a list of tests, found {}", describe(entries.kind())));
  }
  uses.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) uses.push_back(read_test_use(entries.at(i), renderer));
  return uses;
}

}  // namespace plumb::project
