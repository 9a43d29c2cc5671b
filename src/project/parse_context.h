// The names that a node's templates see while the project is parsed, when there is no database and nothing is known of
// other nodes: ref(), source() and config() take notes, `execute` is false, the adapter answers with nothing.
//
//     ParseContext context(settings, catalog, say);
//     context.begin(node);
//     context.render(node.raw_code, place);
//     // node.refs, node.sources, node.depends_on.macros and context.config_calls() are filled
//
// One thread's; nodes go through it one after the other, and what they have in common is made once.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "project/macro_scope.h"
#include "project/manifest.h"
#include "project/relation.h"
#include "project/template_functions.h"

namespace plumb::project {

class ParseContext {
 public:
  ParseContext(const ProjectSettings& settings, const MacroCatalog& catalog, const Say& say, const Say& warn);
  ~ParseContext();
  ParseContext(const ParseContext&) = delete;
  ParseContext& operator=(const ParseContext&) = delete;

  // From here on everything is this node's, which must outlive that.
  void begin(Node& node);
  const jinja::Ref<jinja::Dict>& config_calls() const { return calls_; }
  // Fills in the node's configuration as far as it is known before its text is rendered; called when a template asks
  // for `model`, which is seldom.
  std::function<void()> prepare;

  // Renders a text for its notes; errors have the place in the file that the text begins at.
  std::string render(const std::string& text, const Origin& origin, const jinja::Value& more = {},
                     bool notes_macros = true);
  // As templates in YAML are, with all names: arguments of tests. From here on macros are not noted.
  jinja::Value render_value(const std::string& text, const Origin& origin);

  // What generate_schema_name, generate_alias_name and generate_database_name give for the node.
  void name_relation(Node& node);
  // The relation that the node will be.
  RelationParts relation_of(const Node& node) const;

  const MacroCatalog& catalog() const { return catalog_; }
  const PackageSettings& package(std::string_view name) const;

 private:
  class NodeNames;
  friend class NodeNames;
  void add_functions();
  jinja::Value adapter();
  jinja::Context names_of(const std::string& package, const jinja::Value& more);
  MacroScope& scope(const std::string& package);
  jinja::Value var_of(const std::string& package);
  std::string generate(std::string_view macro, const Node& node, const jinja::Value& custom);
  bool is_builtin(std::string_view macro, const std::string& package);

  const ProjectSettings& settings_;
  const MacroCatalog& catalog_;
  const SystemClock system_clock_;
  jinja::Environment environment_, yaml_environment_;
  MacroCalls macro_calls_;
  jinja::Value functions_;
  jinja::Ref<jinja::Dict> calls_;
  Node* node_ = nullptr;
  jinja::Value model_, this_;  // of the node, made when they are asked for
  jinja::Value node_names_;
  std::map<std::string, jinja::Ref<MacroScope>, std::less<>> scopes_;
  std::map<std::string, jinja::Value, std::less<>> vars_;
  std::map<std::string, jinja::TemplatePtr, std::less<>> generators_;
  std::map<std::pair<std::string, std::string_view>, bool> builtin_;  // by package and macro
};

// adapter.dispatch, and answers that stand in for a database's while there is none.
jinja::Value make_parse_adapter(const ProjectSettings& settings, std::function<MacroScope&()> scope);

}  // namespace plumb::project
