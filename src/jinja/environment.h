// Environment and Template: how a program uses the language.
//
//     Environment environment;
//     auto greeting = environment.parse("Hello {{ name|title }}!");
//     greeting->render(Context().set("name", "ada"));                     // "Hello Ada!"
//
// An Environment holds the syntax, the library (filters, tests, globals), tags of the host, a loader and the limits. It
// is set up first, by one thread; after that all its functions that are const may be called from any thread, and so may
// those of its Templates, which never change. It must outlive them. Each render has a State of its own.
//
// What goes wrong is an Error of kind Config with the template's name, line, column and caret, its type() is what
// Jinja2 or Python call it ("TemplateSyntaxError", "UndefinedError", "TypeError"), and calls() is the chain of macros,
// blocks and includes that led there, innermost first. A limit that is hit is an Error of type "LimitError".
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jinja/object.h"
#include "jinja/parser.h"
#include "jinja/undefined.h"
#include "jinja/value.h"

namespace plumb::jinja {

class Environment;
class Template;
// The name of a template that has none, made from a string; messages show it.
inline constexpr std::string_view kNoName = "<template>";
using TemplatePtr = std::shared_ptr<const Template>;

// What a render may use; 0 means "no limit".
struct Limits {
  std::chrono::milliseconds time{0};
  std::size_t memory_bytes = std::size_t{1} << 30;  // that values hold at any one time
  std::size_t output_bytes = std::size_t{1} << 28;
  int recursion = 400;  // macros, includes, blocks and recursive loops within each other
};

struct Options {
  Syntax syntax = {};
  UndefinedKind undefined = UndefinedKind::Lenient;
  bool autoescape = false;
  // By template name, if set, instead of `autoescape`; what jinja2.select_autoescape is for.
  std::function<bool(std::string_view name)> select_autoescape = {};
  // jinja2.sandbox.SandboxedEnvironment: range() ends at 100,000 items, format strings can't reach attributes.
  bool sandboxed = false;
  Limits limits = {};
};

// Gives the source of a template, or nothing when there is none of this name.
struct Source {
  std::string text;
  std::string file;      // what messages show
  Position begin{1, 1};  // where the text begins in that file
};
using Loader = std::function<std::optional<Source>(const std::string& name)>;
// Finds `name` in the folders, the first that has it. Names with ".." find nothing.
Loader load_from_folders(std::vector<std::filesystem::path> folders);
Loader load_from_map(std::map<std::string, std::string> templates);

// The names that a render sees: layers, the last added asked first. A layer is a dict or a host object (asked for
// attributes), so that many renders share one that is large.
class Context {
 public:
  Context() = default;
  explicit Context(Value layer) { add_layer(std::move(layer)); }
  Context& add_layer(Value dict_or_object);
  // Into a layer of this context's own.
  Context& set(std::string_view name, Value value);

  const std::vector<Value>& layers() const { return layers_; }

 private:
  std::vector<Value> layers_;  // the lowest first
  bool own_layer_ = false;     // the last one was made by set()
};

// What a template exports once it has run: its macros and its top-level variables.
struct Module {
  Value exports;     // a dict
  std::string body;  // what it printed
};

class Template : public std::enable_shared_from_this<Template> {
 public:
  ~Template();
  const std::string& name() const { return name_; }
  const Tree& tree() const { return tree_; }

  std::string render(const Context& context = {}, std::stop_token stop = {}) const;
  // As jinja2.nativetypes: one expression gives its own value, several are joined and read as a literal.
  Value render_native(const Context& context = {}, std::stop_token stop = {}) const;
  // Of a template that is one expression alone its value, unlike render_native() as it is: the text "1" stays a text,
  // and macros print text. Of any other template its text.
  Value render_value(const Context& context = {}, std::stop_token stop = {}) const;
  // Runs the template for its macros. Calling them (jinja::call within a render) sees this context; they keep alive
  // what they need.
  Module make_module(const Context& context = {}, std::stop_token stop = {}) const;

 private:
  friend class Environment;
  friend class Renderer;
  friend class RenderContext;
  Template(const Environment& environment, std::string name, Source source, Tree tree);
  const Block* find_block(std::string_view name) const;
  // A place in it, with the line for a caret.
  Place place(Position at) const;

  const Environment& environment_;
  const std::string name_;
  const Source source_;
  bool autoescape_;
  Tree tree_;
  std::vector<const Block*> blocks_;  // by name
};

class Environment {
 public:
  explicit Environment(Options options = {});
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  // ---- Setting up
  void add_filter(std::string name, NativeFunction function);
  void add_test(std::string name, NativeFunction function);
  void set_global(std::string name, Value value);
  // One of the language's own names goes before that.
  void add_tag(std::string name, TagParser parser);
  void set_loader(Loader loader);

  // ---- Use, from any thread
  const Options& options() const { return options_; }
  // Templates come ready to run. `name` is what messages show.
  TemplatePtr parse(std::string source, std::string name = std::string(kNoName)) const;
  // A part of a file, that messages give the lines of.
  TemplatePtr parse(Source source, std::string name) const;
  // Through the loader; kept for the next time. TemplateNotFound. A name may be relative to nothing: it is the
  // loader's.
  TemplatePtr get_template(const std::string& name) const;
  // The same; null where there is none.
  TemplatePtr find_template(const std::string& name) const;
  // An expression alone: `a + b * 2`. Undefined results are None, as jinja2.Environment.compile_expression's.
  Value evaluate(std::string_view expression, const Context& context = {}) const;

  const NativeFunction* find_filter(std::string_view name) const;
  const NativeFunction* find_test(std::string_view name) const;
  const Value* find_global(std::string_view name) const;

 private:
  Options options_;
  std::map<std::string, NativeFunction, std::less<>> filters_, tests_;  // of the host; the library has the others
  Value globals_;
  Tags tags_;
  Loader loader_;
  mutable std::mutex mutex_;  // guards templates_
  mutable std::map<std::string, TemplatePtr> templates_;
};

}  // namespace plumb::jinja
