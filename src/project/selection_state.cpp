// dbt compares what people wrote (raw code, configuration before it was rendered), so that two targets of one project
// are the same.
#include "project/selection_state.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace plumb::project {
namespace {

using jinja::Dict;
using jinja::Kind;
using jinja::Value;

constexpr std::array<std::pair<std::string_view, StateQuestion>, 10> kQuestions{
    {{"new", StateQuestion::New},
     {"old", StateQuestion::Old},
     {"modified", StateQuestion::Modified},
     {"unmodified", StateQuestion::Unmodified},
     {"modified.body", StateQuestion::Body},
     {"modified.configs", StateQuestion::Configs},
     {"modified.persisted_descriptions", StateQuestion::PersistedDescriptions},
     {"modified.relation", StateQuestion::Relation},
     {"modified.macros", StateQuestion::Macros},
     {"modified.contract", StateQuestion::Contract}}};

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Nothing said, whichever way: manifests differ in whether they write it down.
bool absent(const Value* value) {
  if (!value || value->is_none() || value->is_undefined()) return true;
  if (value->kind() == Kind::Dict) return value->as_dict().size() == 0;
  return value->kind() == Kind::List && value->items().empty();
}
bool same_or_absent(const Value* a, const Value* b) {
  if (absent(a) || absent(b)) return absent(a) && absent(b);
  return same_value(*a, *b);
}
const Value* find(const jinja::Ref<Dict>& dict, std::string_view key) {
  return dict ? dict->find(key) : nullptr;
}

// Every key of both but the left-out ones.
template <class LeftOut>
bool same_dicts(const Dict* a, const Dict* b, LeftOut left_out) {
  static const Dict kNothing;
  if (!a) a = &kNothing;
  if (!b) b = &kNothing;
  std::size_t position = 0;
  while (const Value::Entry* entry = a->next(position)) {
    if (!entry->key.is_string() || left_out(entry->key.as_string())) continue;
    if (!same_or_absent(&entry->value, b->find(entry->key))) return false;
  }
  position = 0;
  while (const Value::Entry* entry = b->next(position)) {
    if (!entry->key.is_string() || left_out(entry->key.as_string())) continue;
    if (!same_or_absent(a->find(entry->key), &entry->value)) return false;
  }
  return true;
}

// ---- Nodes

bool same_body(const Node& a, const Node& b) {
  if (a.type == ResourceType::Seed) return a.checksum == b.checksum;
  if (a.type == ResourceType::UnitTest) {
    return same_or_absent(&a.given, &b.given) && same_or_absent(&a.expect, &b.expect) &&
           same_or_absent(&a.overrides, &b.overrides) && a.unit_model == b.unit_model;
  }
  return a.raw_code == b.raw_code && same_or_absent(&a.arguments, &b.arguments) &&
         same_or_absent(&a.returns, &b.returns);
}

// The relation's name is compared on its own, and labels change nothing that is built.
bool same_config(const Node& a, const Node& b) {
  return same_dicts(a.unrendered_config.get(), b.unrendered_config.get(), [](std::string_view key) {
    return is_one_of(key, {"alias", "schema", "database", "tags", "group", "docs", "access"});
  });
}

bool same_relation(const Node& a, const Node& b) {
  constexpr std::array<std::string_view, 3> kKeys = {"alias", "schema", "database"};
  return std::all_of(kKeys.begin(), kKeys.end(), [&](std::string_view key) {
    return same_or_absent(find(a.unrendered_config, key), find(b.unrendered_config, key));
  });
}

bool persists(const Node& node, std::string_view what) {
  const Value* docs = find(node.config, "persist_docs");
  const Value* on = docs && docs->kind() == Kind::Dict ? docs->as_dict().find(what) : nullptr;
  return on && on->kind() == Kind::Bool && on->as_bool();
}

bool same_columns(const Node& a, const Node& b) {
  if (a.columns.size() != b.columns.size()) return false;
  return std::all_of(a.columns.begin(), a.columns.end(), [&](const Column& column) {
    return std::any_of(b.columns.begin(), b.columns.end(), [&](const Column& other) {
      return other.name == column.name && other.description == column.description;
    });
  });
}

bool same_descriptions(const Node& a, const Node& b) {
  if (persists(a, "relation") != persists(b, "relation") || persists(a, "columns") != persists(b, "columns"))
    return false;
  if (persists(a, "relation") && a.description != b.description) return false;
  return !persists(a, "columns") || same_columns(a, b);
}

bool enforced(const Node& node) {
  const Value* contract = find(node.config, "contract");
  const Value* on = contract && contract->kind() == Kind::Dict ? contract->as_dict().find("enforced") : nullptr;
  return on && on->kind() == Kind::Bool && on->as_bool();
}

bool same_contract(const Node& a, const Node& b) {
  if (enforced(a) != enforced(b)) return false;
  return !enforced(a) || same_or_absent(&a.contract_checksum, &b.contract_checksum);
}

bool same(const Node& a, const Node& b) {
  return same_body(a, b) && same_config(a, b) && same_descriptions(a, b) && a.fqn == b.fqn && same_relation(a, b) &&
         same_contract(a, b);
}

// ---- Sources and the rest

bool same_relation(const Source& a, const Source& b) {
  return a.database == b.database && a.schema == b.schema && a.identifier == b.identifier;
}
bool same_config(const Source& a, const Source& b) {
  return same_dicts(a.unrendered_config.get(), b.unrendered_config.get(), [](std::string_view key) {
    return is_one_of(key, {"tags", "meta", "event_time"});
  });
}
bool same(const Source& a, const Source& b) {
  return same_relation(a, b) && a.fqn == b.fqn && same_config(a, b) && same_or_absent(&a.quoting, &b.quoting) &&
         same_or_absent(&a.freshness, &b.freshness) && a.loader == b.loader && same_or_absent(&a.external, &b.external);
}

bool same(const Other& a, const Other& b) {
  return a.fqn == b.fqn && a.depends_on.nodes == b.depends_on.nodes &&
         same_dicts(a.body.get(), b.body.get(), [](std::string_view key) {
           return is_one_of(key, {"created_at",    "tags",
                                  "meta",          "group",
                                  "docs",          "unrendered_config",
                                  "depends_on",    "refs",
                                  "sources",       "metrics",
                                  "fqn",           "patch_path",
                                  "checksum",      "relation_name",
                                  "database",      "schema",
                                  "node_relation", "doc_blocks",
                                  "path",          "original_file_path"});
         });
}

// The built-in packages are the program's: another version of it is no change of the project.
bool is_builtin(std::string_view macro) {
  return macro.starts_with("macro.dbt.") || macro.starts_with("macro.dbt_duckdb.") ||
         macro.starts_with("macro.dbt_postgres.");
}

}  // namespace

std::optional<StateQuestion> find_state_question(const Criterion& criterion) {
  for (auto [word, question] : kQuestions) {
    if (criterion.arguments.empty() && word == criterion.value) return question;
  }
  return std::nullopt;
}

std::string unknown_state_question(const Criterion& criterion) {
  std::string list;
  for (auto [word, question] : kQuestions) list += format("{}'{}'", list.empty() ? "" : ", ", word);
  return format("Got an invalid selector \"{}\", expected one of \"[{}]\"", criterion.value, list);
}

StateComparison::StateComparison(const Manifest& now, const Manifest& before) : now_(now), before_(before) {}

bool StateComparison::answer(StateQuestion question, const Member& member) {
  using Q = StateQuestion;
  const Node* node = member.node ? before_.find_node(member.unique_id) : nullptr;
  const Source* source = member.source ? before_.find_source(member.unique_id) : nullptr;
  const Other* other = member.other ? before_.find_other(member.unique_id) : nullptr;
  bool known = node || source || other;
  if (question == Q::New || question == Q::Old) return known == (question == Q::Old);
  if (question == Q::Unmodified) return known && !modified(member);
  if (question == Q::Modified) return modified(member);
  if (question == Q::Macros) return macros_modified(member);
  if (!known) return true;
  if (question == Q::Relation) {
    return node ? !same_relation(*member.node, *node) : source && !same_relation(*member.source, *source);
  }
  if (question == Q::Configs) {
    return node ? !same_config(*member.node, *node) : source && !same_config(*member.source, *source);
  }
  if (question == Q::Body) {
    return node && node->type != ResourceType::UnitTest && !same_body(*member.node, *node);
  }
  if (!node) return false;
  return question == Q::Contract ? !same_contract(*member.node, *node) : !same_descriptions(*member.node, *node);
}

bool StateComparison::modified(const Member& member) {
  if (macros_modified(member)) return true;
  if (member.node) {
    const Node* before = before_.find_node(member.unique_id);
    return !before || !same(*member.node, *before);
  }
  if (member.source) {
    const Source* before = before_.find_source(member.unique_id);
    return !before || !same(*member.source, *before);
  }
  const Other* before = before_.find_other(member.unique_id);
  return !before || !same(*member.other, *before);
}

bool StateComparison::macros_modified(const Member& member) {
  if (member.source) return false;
  const DependsOn& depends_on = member.node ? member.node->depends_on : member.other->depends_on;
  return std::any_of(depends_on.macros.begin(), depends_on.macros.end(),
                     [&](const std::string& macro) { return macro_modified(macro); });
}

bool StateComparison::macro_modified(std::string_view unique_id) {
  if (is_builtin(unique_id)) return false;
  // While it is looked at it counts as the same: macros may call each other.
  auto [known, fresh] = macros_.emplace(unique_id, false);
  if (!fresh) return known->second;
  const Macro* now = now_.find_macro(unique_id);
  const Macro* before = before_.find_macro(unique_id);
  bool changed = !now || !before || now->code != before->code;
  if (!changed) {
    changed = std::any_of(now->depends_on.macros.begin(), now->depends_on.macros.end(),
                          [&](const std::string& macro) { return macro_modified(macro); });
  }
  macros_[unique_id] = changed;
  return changed;
}

bool same_value(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    auto number = [](const Value& value) {
      return value.kind() == Kind::Bool    ? value.as_bool()
             : value.kind() == Kind::Float ? value.as_float()
             : value.is_int()              ? static_cast<double>(value.as_int())
                                           : 0.0;
    };
    return number(a) == number(b);
  }
  auto is_list = [](const Value& value) { return value.kind() == Kind::List || value.kind() == Kind::Tuple; };
  if (is_list(a) && is_list(b)) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), same_value);
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::String:
      return a.as_string() == b.as_string();
    case Kind::Dict:
      return same_dicts(&a.as_dict(), &b.as_dict(), [](std::string_view) { return false; });
    case Kind::None:
    case Kind::Undefined:
      return true;
    default:
      return a.same_as(b);
  }
}

std::set<std::string, std::less<>> find_results(const Value& results, std::string_view status) {
  std::set<std::string, std::less<>> ids;
  const Value* list = results.kind() == Kind::Dict ? results.as_dict().find("results") : nullptr;
  if (!list || list->kind() != Kind::List) return ids;
  for (const Value& result : list->items()) {
    if (result.kind() != Kind::Dict) continue;
    const Value* said = result.as_dict().find("status");
    const Value* id = result.as_dict().find("unique_id");
    if (said && id && said->is_string() && id->is_string() && said->as_string() == status) ids.emplace(id->as_string());
  }
  return ids;
}

std::set<std::string, std::less<>> find_fresher(const Value& before, const Value& now) {
  // Times are ISO 8601 in UTC, all of one form: they sort as text.
  auto loaded = [](const Value& file) {
    std::unordered_map<std::string, std::string> times;
    const Value* list = file.kind() == Kind::Dict ? file.as_dict().find("results") : nullptr;
    if (!list || list->kind() != Kind::List) return times;
    for (const Value& result : list->items()) {
      if (result.kind() != Kind::Dict) continue;
      const Value* id = result.as_dict().find("unique_id");
      const Value* time = result.as_dict().find("max_loaded_at");
      if (id && id->is_string())
        times[std::string(id->as_string())] = time && time->is_string() ? time->as_string() : "";
    }
    return times;
  };
  auto old_times = loaded(before);
  std::set<std::string, std::less<>> ids;
  for (const auto& [id, time] : loaded(now)) {
    auto old = old_times.find(id);
    if (old == old_times.end() || time > old->second) ids.insert(id);
  }
  return ids;
}

std::optional<std::strong_ordering> compare_versions(const Value& version, const Value& latest) {
  if (absent(&version) || absent(&latest)) return std::nullopt;
  auto number = [](const Value& value) {
    return value.is_int() ? static_cast<double>(value.as_int()) : value.as_float();
  };
  if (version.is_number() && latest.is_number()) {
    double a = number(version), b = number(latest);
    return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
  }
  auto text = [&](const Value& value) {
    return value.is_string() ? std::string(value.as_string()) : format("{}", number(value));
  };
  return text(version).compare(text(latest)) <=> 0;
}

}  // namespace plumb::project
