// The names that a node's templates see when they run: ref() and source() give relations, the adapter asks the
// database, config() tells what was configured.
//
//     RunContext context(invocation, session);
//     context.begin(node);
//     std::string sql = context.render(node.raw_code, node.origin);
//     context.set_compiled(sql);
//     Value relations = context.call("materialization_table_duckdb");
//     const Value* main = context.results().find("main");
//
// One thread's, with that thread's Session. Nodes go through it one after the other: begin() forgets the one before.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "transform/adapter.h"
#include "transform/invocation.h"
#include "transform/result_store.h"

namespace plumb::transform {

// What the templates are called that only make a State for work().
inline constexpr std::string_view kRunName = "<plumb>";

// The times that a batch of a microbatch model is about.
struct BatchWindow {
  Instant begin, end;
  std::string id;  // "20260105"
};

// What a unit test puts in the place of the real: relations, macros and variables.
struct StandIns {
  std::map<std::string, const project::Node*, std::less<>> inputs;  // by the unique id that ref() and source() mean
  jinja::Value vars, env_vars;                                      // dicts, or undefined
};

class RunContext {
 public:
  // `thread`: what templates see as thread_id.
  RunContext(const Invocation& invocation, Session& session, std::string_view thread = "MainThread");
  ~RunContext();
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  // From here on everything is this node's, which must outlive that.
  void begin(const project::Node& node);
  // What begin() forgets: further names, a batch, stand-ins.
  void set(std::string_view name, jinja::Value value);
  void set_batch(const BatchWindow* batch) { batch_ = batch; }
  void set_stand_ins(const StandIns* stand_ins) { stand_ins_ = stand_ins; }
  // Functions by name that go before the macros of those names ("m", "package.m"); a dict, or undefined.
  void set_macros(jinja::Value macros) { macros_ = std::move(macros); }
  void set_compiled(const std::string& code);

  // Errors have the place in the file that the text stands in, as far as it came from there.
  std::string render(const std::string& text, const project::Origin& origin, const jinja::Value& more = {});
  // As templates in YAML are, with all names: arguments of tests.
  jinja::Value render_value(const std::string& text, const project::Origin& origin);
  // Calls a macro by its full name, as the node would see it, and gives what it returned.
  jinja::Value call(const project::CatalogMacro& macro, std::vector<jinja::Keyword> keywords = {});
  // Runs a piece of work that needs a State.
  void work(const std::function<void(jinja::State&)>& piece);

  const Invocation& invocation() const { return invocation_; }
  Session& session() { return session_; }
  Adapter& adapter() { return *adapter_; }
  ResultStore& results() { return *results_; }
  const project::MacroCatalog& catalog() const { return *invocation_.manifest().catalog; }
  // The ephemeral models that ref() met, in order.
  const std::vector<const project::Node*>& ephemerals() const { return ephemerals_; }
  // The relation that a node is, wherever it stands.
  jinja::Ref<Relation> relation(const project::Node& node) const;

 private:
  class NodeNames;
  class NodeConfig;
  friend class NodeNames;
  friend class NodeConfig;
  void add_functions();
  jinja::Context names_of(const std::string& package, const jinja::Value& more);
  project::MacroScope& scope(const std::string& package);
  jinja::Value var_of(const std::string& package);
  jinja::Value model();
  jinja::Value ref(jinja::State& state, jinja::Arguments arguments);
  jinja::Value source(jinja::State& state, jinja::Arguments arguments);
  jinja::Value function(jinja::State& state, jinja::Arguments arguments);
  jinja::Value defer_relation() const;
  // What a unit test puts in the place of a node, a source or `this`; nothing where it puts none.
  std::optional<jinja::Value> find_stand_in(std::string_view unique_id);
  void note_ephemeral(const project::Node& node);
  // Of the node, or the project where there is none.
  const std::string& own_package() const;
  void expect_dependency(const std::string& unique_id, const std::string& hint) const;
  jinja::Ref<Relation> narrowed(jinja::Ref<Relation> relation, const jinja::Value* event_time) const;

  const Invocation& invocation_;
  Session& session_;
  const std::optional<BatchWindow> sample_;
  jinja::Environment environment_, yaml_environment_;
  const jinja::TemplatePtr worker_;  // of work()
  project::MacroCalls macro_calls_;
  jinja::Ref<Adapter> adapter_;
  jinja::Value functions_, node_names_, api_;
  std::map<std::string, jinja::Ref<project::MacroScope>, std::less<>> scopes_;
  std::map<std::string, jinja::Value, std::less<>> vars_;
  // Of the node:
  const project::Node* node_ = nullptr;
  jinja::Value model_, this_, compiled_, more_;
  jinja::Ref<ResultStore> results_;
  std::vector<const project::Node*> ephemerals_;
  const BatchWindow* batch_ = nullptr;
  const StandIns* stand_ins_ = nullptr;
  jinja::Value macros_;
};

}  // namespace plumb::transform
