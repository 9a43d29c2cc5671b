#include "cli/diff_sides.h"

#include <algorithm>

#include "base/format.h"
#include "cli/state_folder.h"

namespace plumb::cli {

namespace {

namespace fs = std::filesystem;
using project::Node;
using project::ResourceType;

std::string quote(std::string_view name) {
  std::string text = "\"";
  for (char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::vector<std::string> split_dots(const std::string& word) {
  std::vector<std::string> parts(1);
  for (char c : word) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string quoted_path(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + quote(part);
  return text;
}

bool is_file(const std::string& word) {
  std::error_code ignored;
  for (const char* ending : {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"}) {
    if (word.ends_with(ending)) return fs::is_regular_file(word, ignored);
  }
  return false;
}

bool same_server(const db::DatabaseConfig& a, const db::DatabaseConfig& b) {
  return a.kind == db::Kind::Postgres && b.kind == a.kind && a.host == b.host && a.port == b.port &&
         a.dbname == b.dbname && a.user == b.user;
}

bool is_table(const Node& node) {
  return node.type == ResourceType::Model || node.type == ResourceType::Seed || node.type == ResourceType::Snapshot;
}

// "orders", "shop.orders", "orders.v2", "model.shop.orders"
const Node* find_node(const project::Manifest& manifest, const std::string& word) {
  const Node* found = nullptr;
  for (const Node& node : manifest.nodes) {
    if (!is_table(node)) continue;
    std::string versioned = node.unique_id.substr(node.unique_id.find('.', node.unique_id.find('.') + 1) + 1);
    if (word == node.unique_id || word == versioned || word == node.package + "." + node.name) return &node;
    if (word != node.name) continue;
    if (found != nullptr) {
      throw Error(ErrorKind::Usage, plumb::format("'{}' may be {} or {}", word, found->unique_id, node.unique_id),
                  {.hint = "name it by its unique id"});
    }
    found = &node;
  }
  return found;
}

const project::Source* find_source(const project::Manifest& manifest, const std::string& word) {
  for (const project::Source& source : manifest.sources) {
    if (word == source.unique_id || word == source.source_name + "." + source.name) return &source;
  }
  return nullptr;
}

std::vector<std::string> texts_of(const jinja::Value* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return {std::string(value->as_string())};
  std::vector<std::string> texts;
  if (value->kind() != jinja::Kind::List) return texts;
  for (const jinja::Value& item : value->items()) {
    if (item.is_string()) texts.emplace_back(item.as_string());
  }
  return texts;
}

// A column that a test says is unique.
std::vector<std::string> tested_key(const project::Manifest& manifest, const std::string& unique_id) {
  for (const Node& test : manifest.nodes) {
    if (!test.test || test.test->name != "unique" || test.column_name.empty()) continue;
    const auto& about = test.depends_on.nodes;
    if (std::find(about.begin(), about.end(), unique_id) == about.end()) continue;
    std::string name = test.column_name;
    std::erase(name, '"');
    return {name};
  }
  return {};
}

std::vector<std::string> key_of(const project::Manifest& manifest, const Node& node) {
  if (node.type == ResourceType::Snapshot) return {"dbt_scd_id"};
  if (!node.primary_key.empty()) return node.primary_key;
  if (auto tested = tested_key(manifest, node.unique_id); !tested.empty()) return tested;
  return texts_of(node.find_config("unique_key"));
}

}  // namespace

struct DiffSides::Project {
  project::ProjectSettings settings;
  project::Manifest manifest;
};

DiffSides::DiffSides(const Context& context, const DiffArguments& arguments)
    : context_(context), arguments_(arguments) {
  if (!context.project_dir.empty() ? fs::exists(context.project_dir / "plumb.yml")
                                   : config::find_project_folder(".").has_value()) {
    connections_ = context.project();
  }
  const bool elsewhere = !arguments.state.empty() || !arguments.against.empty();
  if (arguments.right.empty() && !elsewhere) {
    throw Error(ErrorKind::Usage, "there is nothing to compare it with",
                {.hint = "name a second relation, or the other environment: --state FOLDER or --against TARGET"});
  }
  const Where there = !arguments.state.empty() ? Where::State : Where::Against;
  right_ = locate(arguments.right.empty() ? arguments.left : arguments.right, Where::Here);
  left_ = locate(arguments.left, elsewhere ? there : Where::Here);
}

DiffSides::~DiffSides() = default;

const DiffSides::Project& DiffSides::project(Where where) {
  auto& known = where == Where::Here ? here_ : where == Where::State ? state_ : against_;
  if (known) return *known;
  known = std::make_unique<Project>();
  ProjectArguments words = arguments_.project;
  if (where == Where::Against) words.target = arguments_.against;
  known->settings = project_settings(context_, words);
  if (where == Where::State) {
    known->manifest = load_state_manifest(arguments_.state);
  } else {
    known->manifest = load_project_manifest(known->settings, warnings_beside_results(context_, true));
  }
  return *known;
}

DiffSide DiffSides::locate(const std::string& word, Where where) {
  if (where == Where::Here) {
    if (auto found = locate_in_database(word)) return *found;
    std::error_code ignored;
    if (!fs::exists(dbt_folder(context_) / "dbt_project.yml", ignored)) {
      throw Error(
          ErrorKind::Usage, plumb::format("there is no relation '{}'", word),
          {.hint = "write CONNECTION.schema.table, a database's URI with ?table=, or a file; in a dbt project also a "
                   "model, seed, snapshot or source"});
    }
  }
  return locate_in_project(word, where);
}

std::optional<DiffSide> DiffSides::locate_in_database(const std::string& word) const {
  DiffSide side{.label = word};
  if (db::is_database_uri(word)) {
    auto uri = db::parse_uri(word);
    if (!uri.table) throw Error(ErrorKind::Usage, "the URI names no table", {.hint = "end it with ?table=schema.name"});
    side.label = db::to_string(uri.config.kind);
    side.label += " table " + uri.table->table;
    side.table = *uri.table;
    side.database = std::move(uri.config);
    return side;
  }
  if (is_file(word)) {
    side.relation = transform::quote_literal(word);
    return side;
  }
  auto parts = split_dots(word);
  auto found =
      connections_ ? connections_->connections.find(parts.front()) : decltype(connections_->connections.end()){};
  if (!connections_ || found == connections_->connections.end() || !is_database(found->second)) return std::nullopt;
  if (found->second.type == "postgres") {
    side.database = config::database_config(*connections_, found->second);
    side.table = {.schema = parts.size() > 2 ? parts[1] : "", .table = parts.back()};
  } else {
    side.relation = quoted_path(parts);
  }
  return side;
}

DiffSide DiffSides::locate_in_project(const std::string& word, Where where) {
  const Project& about = project(where);
  const std::string origin = where == Where::State     ? plumb::format(", of {}", arguments_.state)
                             : where == Where::Against ? plumb::format(", of target {}", arguments_.against)
                                                       : "";
  DiffSide side;
  std::string database, schema, identifier;
  const auto parts = split_dots(word);
  if (const Node* node = find_node(about.manifest, word)) {
    if (node->relation_name.empty()) {
      throw Error(ErrorKind::Usage, plumb::format("{} is ephemeral: it has no relation to compare", node->unique_id));
    }
    side.relation = node->relation_name;
    side.key = key_of(about.manifest, *node);
    database = node->database, schema = node->schema, identifier = node->alias;
  } else if (const project::Source* source = find_source(about.manifest, word)) {
    side.relation = source->relation_name;
    side.key = tested_key(about.manifest, source->unique_id);
    database = source->database, schema = source->schema, identifier = source->identifier;
  } else if (parts.size() > 1 && where == Where::Here) {
    side.relation = quoted_path(parts);
    database = parts.size() > 2 ? parts[0] : about.settings.target.database;
    schema = parts[parts.size() - 2], identifier = parts.back();
  } else {
    std::vector<std::string> names;
    for (const Node& each : about.manifest.nodes) {
      if (is_table(each)) names.push_back(each.name);
    }
    auto nearest = std::string(find_nearest(word, names));
    throw Error(ErrorKind::Usage, plumb::format("there is no model, seed, snapshot or source '{}'{}", word, origin),
                {.hint = nearest.empty() ? "" : plumb::format("did you mean '{}'?", nearest)});
  }
  side.label = side.relation + origin;
  if (about.settings.target.type == "postgres") {
    side.database = transform::Warehouse(about.settings.target, about.settings.folder).config();
    side.database->dbname = database;
    side.table = {schema, identifier};
  } else {
    side.profile = &about.settings.target;
  }
  return side;
}

// A DuckDB connection that can read the side. Two targets whose databases have one name can't be in one workspace.
db::Connection& DiffSides::workspace(DiffSide& side) {
  const bool other = &side == &right_ && side.profile != nullptr && left_.profile != nullptr &&
                     side.profile->database == left_.profile->database &&
                     transform::Warehouse(*side.profile, dbt_folder(context_)).config().path !=
                         transform::Warehouse(*left_.profile, dbt_folder(context_)).config().path;
  if (workspaces_.empty() || other) {
    // Naming the relations attaches the connections that they are in.
    std::string mentions = "SELECT * FROM x";
    for (const DiffSide* each : {&left_, &right_}) {
      if (!each->relation.empty() && each->profile == nullptr) mentions += ", " + each->relation;
    }
    workspaces_.push_back(config::open_workspace(connections_, mentions));
  }
  db::Connection& connection = *workspaces_.back().connection;
  if (side.profile != nullptr) {
    transform::attach_profile(connection, *side.profile, dbt_folder(context_), context_.log());
  } else if (side.database) {
    const bool named = side.database->kind == db::Kind::DuckDb;
    const std::string name = named ? side.database->path.stem().string() : &side == &left_ ? "left_side" : "right_side";
    side.database->read_only = true;
    connection.attach(*side.database, name);
    std::string schema = side.table.schema;
    if (schema.empty()) schema = side.database->kind == db::Kind::Postgres ? "public" : "main";
    side.relation = quoted_path({name, schema, side.table.table});
    side.database.reset();
  }
  return connection;
}

db::Connection& DiffSides::connect() {
  if (left_.database && right_.database && same_server(*left_.database, *right_.database)) {
    databases_.push_back(db::open(*left_.database));
    db::Connection& connection = *opened_.emplace_back(databases_.back()->connect());
    for (DiffSide* side : {&left_, &right_}) side->relation = connection.quote(side->table);
    find_key(connection, connection);
    return connection;
  }
  db::Connection& left = workspace(left_);
  db::Connection& right = workspace(right_);
  find_key(left, right);
  if (&left == &right) return left;
  databases_.push_back(db::open({.kind = db::Kind::DuckDb, .name = "diff"}));
  db::Connection& scratch = *opened_.emplace_back(databases_.back()->connect());
  db::CancelOnStop end_left(left, context_.stop), end_right(right, context_.stop);
  transform::copy_relation(left, left_.relation, scratch, "left_side");
  transform::copy_relation(right, right_.relation, scratch, "right_side");
  left_.relation = "left_side";
  right_.relation = "right_side";
  return scratch;
}

void DiffSides::find_key(db::Connection& left, db::Connection& right) {
  if (arguments_.whole_rows) return;
  key_ = arguments_.key;
  if (key_.empty()) key_ = right_.key;
  if (key_.empty()) key_ = left_.key;
  if (key_.empty()) key_ = transform::find_table_key(right, right_.relation);
  if (key_.empty()) key_ = transform::find_table_key(left, left_.relation);
}

}  // namespace plumb::cli
