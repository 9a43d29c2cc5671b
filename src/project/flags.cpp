#include "project/flags.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/format.h"
#include "base/text.h"

namespace plumb::project {
namespace {

using jinja::Dict;
using jinja::Value;

// Flags that may come from the environment, by kind.
constexpr std::array<std::string_view, 20> kOff = {"FULL_REFRESH",
                                                   "STRICT_MODE",
                                                   "STORE_FAILURES",
                                                   "STATE_MODIFIED_COMPARE_VARS",
                                                   "CACHE_SELECTED_ONLY",
                                                   "DEBUG",
                                                   "DEFER",
                                                   "FAIL_FAST",
                                                   "FAVOR_STATE",
                                                   "LOG_CACHE_EVENTS",
                                                   "QUIET",
                                                   "MACRO_DEBUGGING",
                                                   "SINGLE_THREADED",
                                                   "SHOW_ALL_DEPRECATIONS",
                                                   "USE_EXPERIMENTAL_PARSER",
                                                   "EMPTY",
                                                   "USE_FAST_TEST_EDGES",
                                                   "SHOW_RESOURCE_REPORT",
                                                   "UPLOAD_TO_ARTIFACTS_INGEST_API",
                                                   "WARN_ERROR"};
constexpr std::array<std::string_view, 11> kOn = {"INTROSPECT",     "PARTIAL_PARSE", "PARTIAL_PARSE_FILE_DIFF",
                                                  "POPULATE_CACHE", "PRINT",         "SEND_ANONYMOUS_USAGE_STATS",
                                                  "STATIC_PARSER",  "USE_COLORS",    "USE_COLORS_FILE",
                                                  "VERSION_CHECK",  "WRITE_JSON"};
constexpr std::array<std::string_view, 12> kTexts = {
    "TARGET_PATH", "DEFER_STATE", "LOG_PATH",         "PARTIAL_PARSE_FILE_PATH", "PROFILE", "RECORD_TIMING_INFO",
    "STATE",       "TARGET",      "EVENT_TIME_START", "EVENT_TIME_END",          "SAMPLE",  "RESOURCE_TYPES"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kWords{{{"INDIRECT_SELECTION", "eager"},
                                                                               {"LOG_FORMAT", "default"},
                                                                               {"LOG_FORMAT_FILE", "debug"},
                                                                               {"LOG_LEVEL", "info"},
                                                                               {"LOG_LEVEL_FILE", "debug"}}};
constexpr std::array<std::pair<std::string_view, int>, 2> kNumbers{
    {{"LOG_FILE_MAX_BYTES", 10 * 1024 * 1024}, {"PRINTER_WIDTH", 80}}};
// Behaviour that dbt changes from version to version: in dbt_project.yml only.
constexpr std::array<std::pair<std::string_view, bool>, 15> kBehaviour{
    {{"REQUIRE_BATCHED_EXECUTION_FOR_CUSTOM_MICROBATCH_STRATEGY", false},
     {"REQUIRE_EXPLICIT_PACKAGE_OVERRIDES_FOR_BUILTIN_MATERIALIZATIONS", true},
     {"REQUIRE_RESOURCE_NAMES_WITHOUT_SPACES", true},
     {"SOURCE_FRESHNESS_RUN_PROJECT_HOOKS", true},
     {"SKIP_NODES_IF_ON_RUN_START_FAILS", false},
     {"STATE_MODIFIED_COMPARE_MORE_UNRENDERED_VALUES", false},
     {"REQUIRE_YAML_CONFIGURATION_FOR_MF_TIME_SPINES", false},
     {"REQUIRE_NESTED_CUMULATIVE_TYPE_PARAMS", false},
     {"VALIDATE_MACRO_ARGS", false},
     {"REQUIRE_ALL_WARNINGS_HANDLED_BY_WARN_ERROR", false},
     {"REQUIRE_GENERIC_TEST_ARGUMENTS_PROPERTY", true},
     {"REQUIRE_UNIQUE_PROJECT_RESOURCE_NAMES", false},
     {"REQUIRE_REF_SEARCHES_NODE_PACKAGE_BEFORE_ROOT", false},
     {"REQUIRE_RELATION_QUOTING", false},
     {"REQUIRE_CERTIFICATE_VALIDATION", false}}};

std::string to_upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return upper;
}

Value read_bool(const std::string& variable, const std::string& text) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "T", "TRUE", "Y", "YES", "ON"};
  constexpr std::array<std::string_view, 7> kFalse = {"", "0", "F", "FALSE", "N", "NO", "OFF"};
  std::string word = to_upper(text);
  if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end()) return false;
  throw Error(ErrorKind::Usage, format("{}: '{}' is not a valid boolean.", variable, text),
              {.hint = "recognized values: 0, 1, f, false, n, no, off, on, t, true, y, yes"});
}

Value read_number(const std::string& variable, const std::string& text) {
  std::int64_t number = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc() && end == text.data() + text.size()) return number;
  throw Error(ErrorKind::Usage, format("{}: '{}' is not a valid integer.", variable, text));
}

class Flags {
 public:
  explicit Flags(const config::Environment& environment) : environment_(environment), dict_(jinja::make<Dict>()) {}

  void set_defaults() {
    for (std::string_view name : kOff) dict_->set(name, false);
    dict_->set("WARN_ERROR", Value::none());
    for (std::string_view name : kOn) dict_->set(name, true);
    for (std::string_view name : kTexts) dict_->set(name, Value::none());
    for (auto [name, word] : kWords) dict_->set(name, word);
    for (auto [name, number] : kNumbers) dict_->set(name, number);
    for (auto [name, on] : kBehaviour) dict_->set(name, on);
    dict_->set("WARN_ERROR_OPTIONS",
               Value::dict({{"error", Value::list()}, {"warn", Value::list()}, {"silence", Value::list()}}));
  }

  void add(const Value& flags) {
    if (flags.kind() != jinja::Kind::Dict) return;
    std::size_t position = 0;
    while (const Value::Entry* entry = flags.as_dict().next(position)) {
      if (entry->key.is_string()) dict_->set(to_upper(entry->key.as_string()), entry->value);
    }
  }

  void add_environment() {
    for (std::string_view name : kOff) add_variable(name, read_bool);
    for (std::string_view name : kOn) add_variable(name, read_bool);
    auto keep = [](const std::string&, const std::string& text) { return Value(text); };
    for (std::string_view name : kTexts) add_variable(name, keep);
    for (auto [name, word] : kWords) add_variable(name, keep);
    for (auto [name, number] : kNumbers) add_variable(name, read_number);
    add_variable("WARN_ERROR_OPTIONS", [](const std::string& variable, const std::string& text) {
      return to_value(parse_yaml(text, variable).root());
    });
  }

  Value value() const { return Value(dict_); }

 private:
  template <class Read>
  void add_variable(std::string_view name, Read read) {
    for (std::string_view prefix : {"DBT_", "DBT_ENGINE_"}) {
      std::string variable = format("{}{}", prefix, name);
      if (auto text = environment_.find(variable)) dict_->set(name, read(variable, *text));
    }
  }

  const config::Environment& environment_;
  jinja::Ref<Dict> dict_;
};

}  // namespace

Value read_flags(const plumb::Node& project_flags, const ConfigRenderer& renderer,
                 const config::Environment& environment, const Value& command_line) {
  if (!project_flags.null() && project_flags.kind() != NodeKind::Map) {
    throw Error(ErrorKind::Config, format("at path ['flags']: {} is not of type 'object'", project_flags.to_json()),
                {.place = project_flags.place()});
  }
  Flags flags(environment);
  flags.set_defaults();
  if (!project_flags.null()) flags.add(renderer.render(project_flags));
  flags.add_environment();
  flags.add(command_line);
  return flags.value();
}

}  // namespace plumb::project
