// manifest.json, version 12.
#include <charconv>

#include "base/document.h"
#include "project/manifest.h"

namespace plumb::project {

using jinja::Value;

namespace {

void append_float(std::string& out, double number) {
  char digits[32];
  auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  std::string_view text(digits, static_cast<std::size_t>(end - digits));
  if (text.find_first_of("ni") != std::string_view::npos) {  // nan, inf
    out += "null";
    return;
  }
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

template <class Entries, class Append>
void append_object(std::string& out, const Entries& entries, Append&& append) {
  out += '{';
  bool first = true;
  for (const auto& entry : entries) {
    if (!append(entry, first)) continue;
    first = false;
  }
  out += '}';
}

void begin_entry(std::string& out, std::string_view key, bool first) {
  if (!first) out += ", ";
  append_json_text(out, key);
  out += ": ";
}

// {unique id: entry} of those in a list that are wanted.
template <class Entries, class Wanted>
void append_section(std::string& out, std::string_view name, const Entries& entries, Wanted&& wanted) {
  begin_entry(out, name, false);
  append_object(out, entries, [&](const auto& entry, bool first) {
    if (!wanted(entry)) return false;
    begin_entry(out, entry.unique_id, first);
    append_json(out, manifest_entry(entry));
    return true;
  });
}

void append_map(std::string& out, std::string_view name,
                const std::map<std::string, std::vector<std::string>, std::less<>>& map) {
  begin_entry(out, name, false);
  append_object(out, map, [&](const auto& entry, bool first) {
    begin_entry(out, entry.first, first);
    out += '[';
    for (std::size_t i = 0; i < entry.second.size(); ++i) {
      if (i != 0) out += ", ";
      append_json_text(out, entry.second[i]);
    }
    out += ']';
    return true;
  });
}

void append_metadata(std::string& out, const ManifestMetadata& metadata) {
  auto text_or_none = [](const std::string& text) { return text.empty() ? Value::none() : Value(text); };
  Value entry = Value::dict({{"dbt_schema_version", "https://schemas.getdbt.com/dbt/manifest/v12.json"},
                             {"dbt_version", metadata.dbt_version},
                             {"generated_at", metadata.generated_at},
                             {"invocation_id", metadata.invocation_id},
                             {"invocation_started_at", metadata.invocation_started_at},
                             {"env", metadata.env.is_undefined() ? Value::dict() : metadata.env},
                             {"project_name", metadata.project_name},
                             {"project_id", text_or_none(metadata.project_id)},
                             {"user_id", Value::none()},
                             {"send_anonymous_usage_stats", false},
                             {"adapter_type", metadata.adapter_type},
                             {"quoting", metadata.quoting},
                             {"run_started_at", metadata.run_started_at}});
  append_json(out, entry);
}

void append_disabled(std::string& out, const Manifest& manifest) {
  std::map<std::string, std::vector<Value>, std::less<>> by_id;
  for (const Node& node : manifest.disabled_nodes) by_id[node.unique_id].push_back(manifest_entry(node));
  for (const Source& source : manifest.disabled_sources) by_id[source.unique_id].push_back(manifest_entry(source));
  for (const Other& other : manifest.disabled_others) by_id[other.unique_id].push_back(manifest_entry(other));
  begin_entry(out, "disabled", false);
  append_object(out, by_id, [&](const auto& entry, bool first) {
    begin_entry(out, entry.first, first);
    append_json(out, Value::list(entry.second));
    return true;
  });
}

// {group: the models in it}
std::map<std::string, std::vector<std::string>, std::less<>> group_map(const Manifest& manifest) {
  std::map<std::string, std::vector<std::string>, std::less<>> groups;
  for (const Other& other : manifest.others) {
    if (other.type == ResourceType::Group) groups[other.name];
  }
  for (const Node& node : manifest.nodes) {
    std::string group = node.config_text("group");
    if (!group.empty() && groups.contains(group)) groups[group].push_back(node.unique_id);
  }
  return groups;
}

}  // namespace

void append_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case jinja::Kind::Bool:
      out += value.as_bool() ? "true" : "false";
      return;
    case jinja::Kind::Int: {
      char digits[24];
      auto end = std::to_chars(digits, digits + sizeof digits, value.as_int()).ptr;
      out.append(digits, static_cast<std::size_t>(end - digits));
      return;
    }
    case jinja::Kind::Float:
      append_float(out, value.as_float());
      return;
    case jinja::Kind::String:
      append_json_text(out, value.as_string());
      return;
    case jinja::Kind::List:
    case jinja::Kind::Tuple: {
      out += '[';
      bool first = true;
      for (const Value& item : value.items()) {
        if (!std::exchange(first, false)) out += ", ";
        append_json(out, item);
      }
      out += ']';
      return;
    }
    case jinja::Kind::Dict: {
      out += '{';
      std::size_t position = 0;
      bool first = true;
      while (const Value::Entry* entry = value.as_dict().next(position)) {
        std::string key;
        if (!entry->key.is_string()) append_json(key, entry->key);
        begin_entry(out, entry->key.is_string() ? entry->key.as_string() : key, std::exchange(first, false));
        append_json(out, entry->value);
      }
      out += '}';
      return;
    }
    case jinja::Kind::Set: {
      std::vector<Value> items;
      std::size_t position = 0;
      while (const Value* item = value.as_set().next(position)) items.push_back(*item);
      append_json(out, Value::list(std::move(items)));
      return;
    }
    default:
      out += "null";
  }
}

std::string manifest_json(const Manifest& manifest, const ManifestMetadata& metadata) {
  std::string out = "{\"metadata\": ";
  append_metadata(out, metadata);
  auto all = [](const auto&) { return true; };
  auto only = [](ResourceType type) { return [type](const auto& entry) { return entry.type == type; }; };
  auto not_unit = [](const Node& node) { return node.type != ResourceType::UnitTest; };
  append_section(out, "nodes", manifest.nodes, not_unit);
  append_section(out, "sources", manifest.sources, all);
  append_section(out, "macros", manifest.macros, all);
  append_section(out, "docs", manifest.docs, all);
  append_section(out, "exposures", manifest.others, only(ResourceType::Exposure));
  append_section(out, "metrics", manifest.others, only(ResourceType::Metric));
  append_section(out, "groups", manifest.others, only(ResourceType::Group));
  begin_entry(out, "selectors", false);
  append_json(out, metadata.selectors.is_undefined() ? Value::dict() : metadata.selectors);
  append_disabled(out, manifest);
  append_map(out, "parent_map", manifest.parents);
  append_map(out, "child_map", manifest.children);
  append_map(out, "group_map", group_map(manifest));
  append_section(out, "saved_queries", manifest.others, only(ResourceType::SavedQuery));
  append_section(out, "semantic_models", manifest.others, only(ResourceType::SemanticModel));
  append_section(out, "unit_tests", manifest.nodes, only(ResourceType::UnitTest));
  append_section(out, "functions", manifest.others, only(ResourceType::Function));
  return out += '}';
}

}  // namespace plumb::project
