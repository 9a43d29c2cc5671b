// manifest.json, version 12.
#include <algorithm>
#include <charconv>
#include <future>
#include <span>
#include <utility>

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

// {group: the models, metrics and so on in it}
std::map<std::string, std::vector<std::string>, std::less<>> group_map(const Manifest& manifest) {
  std::map<std::string, std::vector<std::string>, std::less<>> groups;
  for (const Other& other : manifest.others) {
    if (other.type == ResourceType::Group) groups[other.name];
  }
  for (const Node& node : manifest.nodes) {
    const std::string group = node.group();
    if (!group.empty() && groups.contains(group)) groups[group].push_back(node.unique_id);
  }
  for (ResourceType type : {ResourceType::SemanticModel, ResourceType::Metric, ResourceType::SavedQuery}) {
    for (const Other& other : manifest.others) {
      const Value* group = other.type == type && other.body ? other.body->find("group") : nullptr;
      if (!group || !group->is_string()) continue;
      auto found = groups.find(group->as_string());
      if (found != groups.end()) found->second.push_back(other.unique_id);
    }
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

namespace {

using Edges = std::map<std::string, std::vector<std::string>, std::less<>>;

class ManifestWriter {
 public:
  ManifestWriter(const ManifestMetadata& metadata, const WritePiece& write) : metadata_(metadata), write_(write) {}

  // Text for what follows; what is there is passed on now and then, so that it never gets long.
  std::string& text() {
    if (text_.size() > kPiece) flush();
    return text_;
  }
  void flush() {
    write_(text_);
    text_.clear();
  }

  // {unique id: entry} of those in a list that are wanted. Many are done by two threads, a share each at a time.
  template <class Entry, class Wanted>
  void section(std::string_view name, const std::vector<Entry>& entries, Wanted&& wanted) {
    std::vector<const Entry*> chosen;
    for (const Entry& entry : entries) {
      if (wanted(entry)) chosen.push_back(&entry);
    }
    begin_entry(text(), name, false);
    text() += '{';
    for (std::size_t at = 0; at < chosen.size(); at += 2 * kShare) {
      auto share = std::span<const Entry* const>(chosen).subspan(at, std::min(2 * kShare, chosen.size() - at));
      auto here = share.first(std::min(kShare, share.size()));
      auto there = share.subspan(here.size());
      std::future<std::string> later;
      if (!there.empty()) later = std::async(std::launch::async, [this, there] { return entries_text(there, false); });
      text() += entries_text(here, at == 0);
      if (later.valid()) text() += later.get();
    }
    text() += '}';
  }

  void edges(std::string_view name, const Edges& map) {
    begin_entry(text(), name, false);
    text() += '{';
    bool first = true;
    for (const auto& [id, others] : map) {
      begin_entry(text(), id, std::exchange(first, false));
      text_ += '[';
      for (const std::string& other : others) {
        if (&other != &others.front()) text_ += ", ";
        append_json_text(text_, other);
      }
      text_ += ']';
    }
    text() += '}';
  }

 private:
  static constexpr std::size_t kPiece = 1 << 20;
  static constexpr std::size_t kShare = 512;

  template <class Entry>
  std::string entries_text(std::span<const Entry* const> entries, bool first) const {
    std::string out;
    for (const Entry* entry : entries) {
      begin_entry(out, entry->unique_id, std::exchange(first, false));
      Value json = manifest_entry(*entry);
      if constexpr (std::is_same_v<Entry, Node>) {
        if (metadata_.add_compiled) metadata_.add_compiled(*entry, json.as_dict());
      }
      append_json(out, json);
    }
    return out;
  }

  const ManifestMetadata& metadata_;
  const WritePiece& write_;
  std::string text_;
};

}  // namespace

void write_manifest(const Manifest& manifest, const ManifestMetadata& metadata, const WritePiece& write) {
  ManifestWriter writer(metadata, write);
  writer.text() += "{\"metadata\": ";
  append_metadata(writer.text(), metadata);
  auto all = [](const auto&) { return true; };
  auto only = [](ResourceType type) { return [type](const auto& entry) { return entry.type == type; }; };
  // Unit tests and functions have sections of their own.
  auto in_nodes = [](const Node& node) {
    return node.type != ResourceType::UnitTest && node.type != ResourceType::Function;
  };
  writer.section("nodes", manifest.nodes, in_nodes);
  writer.section("sources", manifest.sources, all);
  writer.section("macros", manifest.macros, all);
  writer.section("docs", manifest.docs, all);
  writer.section("exposures", manifest.others, only(ResourceType::Exposure));
  writer.section("metrics", manifest.others, only(ResourceType::Metric));
  writer.section("groups", manifest.others, only(ResourceType::Group));
  begin_entry(writer.text(), "selectors", false);
  append_json(writer.text(), metadata.selectors.is_undefined() ? Value::dict() : metadata.selectors);
  append_disabled(writer.text(), manifest);
  writer.edges("parent_map", manifest.parents);
  writer.edges("child_map", manifest.children);
  writer.edges("group_map", group_map(manifest));
  writer.section("saved_queries", manifest.others, only(ResourceType::SavedQuery));
  writer.section("semantic_models", manifest.others, only(ResourceType::SemanticModel));
  writer.section("unit_tests", manifest.nodes, only(ResourceType::UnitTest));
  writer.section("functions", manifest.nodes, only(ResourceType::Function));
  writer.text() += '}';
  writer.flush();
}

std::string manifest_json(const Manifest& manifest, const ManifestMetadata& metadata) {
  std::string out;
  write_manifest(manifest, metadata, [&](std::string_view piece) { out += piece; });
  return out;
}

}  // namespace plumb::project
