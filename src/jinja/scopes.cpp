#include "jinja/scopes.h"

#include "jinja/environment.h"
#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/methods.h"
#include "jinja/place.h"
#include "jinja/scope_analysis.h"
#include "jinja/text.h"
#include "jinja/tree_walk.h"

namespace plumb::jinja {

namespace {

// Is it the library's |escape, and not one that a host has put in its place?
bool is_own_escape(const NativeFunction* filter) {
  const Library& own = builtin_filters();
  return filter == &own.at("e") || filter == &own.at("escape");
}

// Walks the tree once more when a scope's names are known, and enters the scopes within.
class Binder {
 public:
  explicit Binder(const TemplateContext& context) : context_(context) {}

  std::vector<const Block*> bind_template(Tree& tree);
  std::shared_ptr<const FunctionLayout> bind_alone(Expression& expression);

 private:
  // Where the walk is. Each scope starts with a fresh one.
  struct Here {
    Scope* scope = nullptr;
    bool toplevel = false;     // in the root, within nothing but ifs
    bool rootlevel = false;    // not even within an if
    bool conditional = false;  // an unknown filter is an error only once it is reached
    bool prints_page = false;  // what is printed is the template's own: nothing, once it extends another
  };

  void bind(Statements& body);
  void bind(Statement& statement);
  void bind(Expression& expression);
  void bind_call(ArgumentList& arguments);
  void bind(Target& target);
  void bind_if(If& node);
  void bind_for(For& node);
  void bind_macro(Macro& node);
  void bind_function(Function& function, Position at);
  void bind_block(Block& node);
  void bind_autoescape(Autoescape& node);
  void bind_include(Include& node);

  template <class Declare, class Bind>
  ScopePtr in_scope(Declare&& declare, Bind&& bind_inside);
  std::unique_ptr<FunctionScope> open_function(FunctionScope* outer) const;
  const NativeFunction* find(const NativeFunction* found, std::string_view kind, const std::string& name, Position at);
  [[noreturn]] void fail(std::string_view type, std::string message, Position at) const;

  const TemplateContext& context_;
  Here here_;
  Escaping escaping_ = Escaping::Off;
  bool extends_ = false;  // what follows in the root is not printed
  std::vector<Block*> blocks_;
};

void Binder::fail(std::string_view type, std::string message, Position at) const {
  throw make_error(type, std::move(message)).at(find_place(context_.file, context_.source, at));
}

const NativeFunction* Binder::find(const NativeFunction* found, std::string_view kind, const std::string& name,
                                   Position at) {
  if (!found && !here_.conditional) {
    fail("TemplateAssertionError", "No " + std::string(kind) + " named " + repr_text(name) + ".", at);
  }
  return found;
}

std::unique_ptr<FunctionScope> Binder::open_function(FunctionScope* outer) const {
  auto function = std::make_unique<FunctionScope>();
  function->outer = outer;
  function->layout->escaping = escaping_;
  return function;
}

template <class Declare, class Bind>
ScopePtr Binder::in_scope(Declare&& declare, Bind&& bind_inside) {
  Scope scope(here_.scope, here_.scope->function(), here_.scope->depth() + 1);
  declare(scope);
  scope.allocate();
  Here before = std::exchange(here_, Here{.scope = &scope, .prints_page = here_.prints_page});
  bind_inside();
  here_ = before;
  return std::make_shared<ScopeLayout>(scope.layout());
}

std::vector<const Block*> Binder::bind_template(Tree& tree) {
  escaping_ = context_.escaping;
  {
    auto root = open_function(nullptr);
    Scope scope(nullptr, root.get(), 0);
    bool self = SpecialNames({"self"}).look_into(tree.body).found(0);
    if (self) scope.declare_parameter("self");
    scope.declare(tree.body);
    scope.allocate();
    if (self) root->layout->self = scope.find_slot("self").index;
    here_ = {.scope = &scope, .toplevel = true, .rootlevel = true, .prints_page = true};
    bind(tree.body);
    tree.layout = root->layout;
  }
  // Blocks are found while others are bound.
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    Block& block = *blocks_[i];
    escaping_ = context_.escaping;
    auto function = open_function(nullptr);
    Scope scope(nullptr, function.get(), 0);
    SpecialNames special({"self", "super"});
    special.look_into(block.body);
    if (special.found(0)) scope.declare_parameter("self");
    if (special.found(1)) scope.declare_parameter("super");
    scope.declare(block.body);
    scope.allocate();
    if (special.found(0)) function->layout->self = scope.find_slot("self").index;
    if (special.found(1)) function->layout->super = scope.find_slot("super").index;
    here_ = {.scope = &scope};
    bind(block.body);
    block.layout = function->layout;
  }
  return {blocks_.begin(), blocks_.end()};
}

std::shared_ptr<const FunctionLayout> Binder::bind_alone(Expression& expression) {
  escaping_ = context_.escaping;
  auto root = open_function(nullptr);
  Scope scope(nullptr, root.get(), 0);
  scope.declare(expression);
  scope.allocate();
  here_ = {.scope = &scope};
  bind(expression);
  return root->layout;
}

void Binder::bind(Statements& body) {
  for (StatementPtr& statement : body) bind(*statement);
}

void Binder::bind(Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::Name: {
      auto& node = as<Name>(expression);
      node.slot = here_.scope->find_slot(node.name);
      // Only a set block's filter can ask for what its scope was never told about.
      if (node.slot.index < 0) {
        fail("AssertionError",
             "Tried to resolve a name to a reference that was unknown to the frame (" + repr_text(node.name) + ")",
             node.at);
      }
      return;
    }
    case ExpressionKind::Conditional: {
      bool before = std::exchange(here_.conditional, true);
      each_part(expression, [&](Expression& part) { bind(part); });
      here_.conditional = before;
      return;
    }
    case ExpressionKind::Filter: {
      auto& node = as<Filter>(expression);
      node.function = find(context_.environment.find_filter(node.name), "filter", node.name, node.at);
      node.escapes = node.subject && node.arguments.empty() && is_own_escape(node.function);
      bind_call(node.arguments);
      break;
    }
    case ExpressionKind::Attribute: {
      auto& node = as<Attribute>(expression);
      node.key = Value(node.name);
      node.may_be_method = find_method(dict_methods(), node.name) != nullptr;
      break;
    }
    case ExpressionKind::Test: {
      auto& node = as<Test>(expression);
      node.function = find(context_.environment.find_test(node.name), "test", node.name, node.at);
      bind_call(node.arguments);
      break;
    }
    case ExpressionKind::Call:
      bind_call(as<Call>(expression).arguments);
      break;
    default:
      break;
  }
  each_part(expression, [&](Expression& part) { bind(part); });
}

void Binder::bind_call(ArgumentList& arguments) {
  for (KeywordArgument& argument : arguments.keywords) argument.key = Value(argument.name);
}

void Binder::bind(Target& target) {
  if (target.kind != TargetKind::Tuple) target.slot = here_.scope->find_slot(target.name);
  for (Target& item : target.items) bind(item);
}

void Binder::bind(Statement& statement) {
  statement.toplevel = here_.toplevel;
  switch (statement.kind) {
    case StatementKind::Text:
      break;
    case StatementKind::Output: {
      bool before = here_.conditional;
      here_.conditional = before || (extends_ && here_.prints_page);
      bind(*as<Output>(statement).expression);
      here_.conditional = before;
      break;
    }
    case StatementKind::If:
      bind_if(as<If>(statement));
      break;
    case StatementKind::For:
      bind_for(as<For>(statement));
      break;
    case StatementKind::Assign: {
      auto& node = as<Assign>(statement);
      bind(*node.value);
      bind(node.target);
      break;
    }
    case StatementKind::AssignBlock: {
      auto& node = as<AssignBlock>(statement);
      node.scope = in_scope([&](Scope& scope) { scope.declare(node.body); },
                            [&] {
                              here_.prints_page = false;
                              bind(node.body);
                              if (node.filter) bind(*node.filter);
                            });
      bind(node.target);
      break;
    }
    case StatementKind::With: {
      auto& node = as<With>(statement);
      for (With::Assignment& assignment : node.assignments) bind(*assignment.value);
      node.scope = in_scope(
          [&](Scope& scope) {
            for (With::Assignment& assignment : node.assignments) scope.declare_parameter(assignment.target);
            scope.declare(node.body);
          },
          [&] {
            for (With::Assignment& assignment : node.assignments) bind(assignment.target);
            bind(node.body);
          });
      break;
    }
    case StatementKind::Macro:
      bind_macro(as<Macro>(statement));
      break;
    case StatementKind::CallBlock:
      bind(*as<CallBlock>(statement).call);
      bind_function(as<CallBlock>(statement).caller, statement.at);
      break;
    case StatementKind::FilterBlock: {
      auto& node = as<FilterBlock>(statement);
      node.scope = in_scope(
          [&](Scope& scope) {
            scope.declare(node.body);
            scope.declare(*node.filter);
          },
          [&] {
            bind(node.body);
            bind(*node.filter);
          });
      break;
    }
    case StatementKind::Block:
      bind_block(as<Block>(statement));
      break;
    case StatementKind::Extends:
      bind(*as<Extends>(statement).parent);
      if (here_.rootlevel) extends_ = true;
      break;
    case StatementKind::Include:
      bind_include(as<Include>(statement));
      break;
    case StatementKind::Import: {
      auto& node = as<Import>(statement);
      bind(*node.template_name);
      bind(node.target);
      if (node.with_context) node.locals = here_.scope->locals();
      break;
    }
    case StatementKind::FromImport: {
      auto& node = as<FromImport>(statement);
      bind(*node.template_name);
      for (FromImport::Imported& imported : node.names) bind(imported.target);
      if (node.with_context) node.locals = here_.scope->locals();
      break;
    }
    case StatementKind::Autoescape:
      bind_autoescape(as<Autoescape>(statement));
      break;
    case StatementKind::Do:
      bind(*as<Do>(statement).expression);
      break;
    case StatementKind::Break:
    case StatementKind::Continue:
      break;
  }
}

void Binder::bind_include(Include& node) {
  bind(*node.template_name);
  if (node.with_context) node.locals = here_.scope->locals();
}

void Binder::bind_if(If& node) {
  Here before = here_;
  here_.rootlevel = false;
  here_.conditional = true;
  for (If::Branch& branch : node.branches) {
    bind(*branch.condition);
    bind(branch.body);
  }
  bind(node.otherwise);
  here_ = before;
}

void Binder::bind_for(For& node) {
  bind(*node.iterable);
  auto layout = std::make_shared<For::Scope>();
  Here before = here_;
  FunctionScope* function = here_.scope->function();
  std::unique_ptr<FunctionScope> recursion;
  if (node.recursive) {
    recursion = open_function(function);
    function = recursion.get();
  }
  int depth = before.scope->depth() + 1;

  Scope body(before.scope, function, depth);
  bool has_loop = node.recursive || SpecialNames({"loop"}).look_into(node.body).found(0) ||
                  has_scoped_block(node.body) || has_scoped_block(node.otherwise);
  if (has_loop) body.declare_parameter("loop");
  body.declare_parameter(node.target);
  body.declare(node.body);
  body.allocate();
  if (has_loop) layout->loop = body.find_slot("loop").index;

  if (node.condition) {
    Scope test(before.scope, function, test_depth(depth));
    test.declare_parameter(node.target);
    test.declare(*node.condition);
    test.allocate();
    here_ = {.scope = &test, .prints_page = before.prints_page};
    bind(*node.condition);
    layout->tested = node.target;
    bind(layout->tested);
  }

  here_ = {.scope = &body, .prints_page = before.prints_page};
  bind(node.target);
  bind(node.body);
  layout->body = body.layout();

  Scope otherwise(before.scope, function, depth);
  otherwise.declare(node.otherwise);
  otherwise.allocate();
  here_ = {.scope = &otherwise, .prints_page = before.prints_page};
  bind(node.otherwise);
  layout->otherwise = otherwise.layout();

  here_ = before;
  if (recursion) layout->function = recursion->layout;
  node.scope = std::move(layout);
}

void Binder::bind_macro(Macro& node) {
  node.slot = here_.scope->find_slot(node.function.name);
  bind_function(node.function, node.at);
}

void Binder::bind_function(Function& function, Position at) {
  for (FunctionScope* outer = here_.scope->function(); outer; outer = outer->outer) outer->layout->captured = true;
  auto owned = open_function(here_.scope->function());
  FunctionLayout& layout = *owned->layout;
  Scope scope(here_.scope, owned.get(), here_.scope->depth() + 1);

  SpecialNames special({"caller", "kwargs", "varargs"});
  special.look_into(function.body);
  bool kwargs = special.found(1), varargs = special.found(2), caller = special.found(0);
  for (Parameter& parameter : function.parameters) {
    scope.declare_parameter(parameter.name);
    if (parameter.name == "kwargs") kwargs = false;
    if (parameter.name == "varargs") varargs = false;
    if (parameter.name != "caller") continue;
    layout.explicit_caller = true;
    if (caller && !parameter.fallback) {
      fail("TemplateAssertionError",
           "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.",
           at);
    }
  }
  if (caller && !layout.explicit_caller) scope.declare_parameter("caller");
  if (kwargs) scope.declare_parameter("kwargs");
  if (varargs) scope.declare_parameter("varargs");
  for (Parameter& parameter : function.parameters) {
    if (parameter.fallback) scope.declare(*parameter.fallback);
  }
  scope.declare(function.body);
  scope.allocate();

  if (caller) layout.caller = scope.find_slot("caller").index;
  if (kwargs) layout.kwargs = scope.find_slot("kwargs").index;
  if (varargs) layout.varargs = scope.find_slot("varargs").index;
  for (ScopeEntry& entry : scope.layout().entries) {
    if (entry.copies) layout.entries.push_back(entry);
  }
  Here before = std::exchange(here_, Here{.scope = &scope});
  for (Parameter& parameter : function.parameters) {
    parameter.slot = scope.find_slot(parameter.name);
    parameter.key = Value(parameter.name);
    if (parameter.fallback) bind(*parameter.fallback);
  }
  bind(function.body);
  here_ = before;
  function.layout = owned->layout;
}

void Binder::bind_block(Block& node) {
  if (node.scoped) node.locals = here_.scope->locals();
  blocks_.push_back(&node);
}

// `{% autoescape true %}` is known beforehand; anything that must be evaluated leaves it to the render.
void Binder::bind_autoescape(Autoescape& node) {
  Escaping before = escaping_;
  node.scope = in_scope(
      [&](Scope& scope) {
        scope.declare(*node.enabled);
        scope.declare(node.body);
      },
      [&] {
        bind(*node.enabled);
        const Value* known =
            node.enabled->kind == ExpressionKind::Literal ? &as<Literal>(*node.enabled).value : nullptr;
        if (known && known->kind() == Kind::Bool) {
          escaping_ = known->as_bool() ? Escaping::On : Escaping::Off;
        } else {
          escaping_ = Escaping::Dynamic;
        }
        bind(node.body);
      });
  escaping_ = before;
}

}  // namespace

std::vector<const Block*> bind_names(Tree& tree, const TemplateContext& context) {
  return Binder(context).bind_template(tree);
}

std::shared_ptr<const FunctionLayout> bind_names(Expression& expression, const TemplateContext& context) {
  return Binder(context).bind_alone(expression);
}

}  // namespace plumb::jinja
