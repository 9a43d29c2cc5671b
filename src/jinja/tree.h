// A parsed template: statements and expressions, as the language names them.
//
// The parser makes the tree; scopes.cpp then gives each name its slot; after that it never changes and is shared by all
// renders, on any thread. Nodes own their children. Tags of a host (environment.h) build the same nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jinja/object.h"
#include "jinja/operators.h"
#include "jinja/value.h"

namespace plumb::jinja {

// Where a node stands in its template's source: line and column from 1, the column in characters.
struct Position {
  std::int32_t line = 0;
  std::int32_t column = 0;
};

// ---- Expressions

enum class ExpressionKind : std::uint8_t {
  Literal,
  Name,
  Tuple,
  List,
  Dict,
  Conditional,
  Filter,
  Test,
  Call,
  Item,
  Attribute,
  Slice,
  Concat,
  Compare,
  And,
  Or,
  Not,
  Binary,
  Unary,
};

struct Expression {
  const ExpressionKind kind;
  std::uint16_t depth = 0;  // how deep the tree below it is; the parser keeps it within kMaxNesting
  Position at;
  virtual ~Expression() = default;

 protected:
  Expression(ExpressionKind node, Position position) : kind(node), at(position) {}
};
using ExpressionPtr = std::unique_ptr<Expression>;

template <ExpressionKind Node>
struct ExpressionNode : Expression {
  static constexpr ExpressionKind kKind = Node;
  explicit ExpressionNode(Position position) : Expression(Node, position) {}
};

// Where a name's value lives when the template runs; scopes.cpp fills it in (scopes.h tells how).
struct Slot {
  std::int32_t index = -1;
  std::int32_t functions_up = 0;  // 0: in the function that runs; 1: in the one around it; …
  bool asks_context = false;      // an empty slot means that the context has not been asked yet
};

struct Literal : ExpressionNode<ExpressionKind::Literal> {
  using ExpressionNode::ExpressionNode;
  Value value;
};
struct Name : ExpressionNode<ExpressionKind::Name> {
  using ExpressionNode::ExpressionNode;
  std::string name;
  Slot slot;
};
struct Tuple : ExpressionNode<ExpressionKind::Tuple> {
  using ExpressionNode::ExpressionNode;
  std::vector<ExpressionPtr> items;
};
struct ListDisplay : ExpressionNode<ExpressionKind::List> {
  using ExpressionNode::ExpressionNode;
  std::vector<ExpressionPtr> items;
};
struct DictDisplay : ExpressionNode<ExpressionKind::Dict> {
  using ExpressionNode::ExpressionNode;
  struct Pair {
    ExpressionPtr key, value;
  };
  std::vector<Pair> pairs;
};
// `then if condition else otherwise`
struct Conditional : ExpressionNode<ExpressionKind::Conditional> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr condition, then, otherwise;  // no otherwise: undefined
};
struct KeywordArgument {
  std::string name;
  ExpressionPtr value;
  Value key = {};  // the name as a value; scopes.cpp fills it in
};
// f(positional, *rest, name=value, **more): what stands in a call's parentheses.
struct ArgumentList {
  std::vector<ExpressionPtr> positional;
  std::vector<KeywordArgument> keywords;
  ExpressionPtr rest, more;
  bool empty() const { return positional.empty() && keywords.empty() && !rest && !more; }
};
// `subject|name(arguments)`. Without subject it is the head of a {% filter %} block.
struct Filter : ExpressionNode<ExpressionKind::Filter> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr subject;
  std::string name;
  ArgumentList arguments;
  const NativeFunction* function = nullptr;  // filled in by scopes.cpp; null: unknown, an error once it is reached
  bool escapes = false;                      // it is the language's own |e without arguments; likewise
};
// `subject is name(arguments)`; `is not` is a Not around it.
struct Test : ExpressionNode<ExpressionKind::Test> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr subject;
  std::string name;
  ArgumentList arguments;
  const NativeFunction* function = nullptr;  // filled in by scopes.cpp; null: unknown, an error once it is reached
};
struct Call : ExpressionNode<ExpressionKind::Call> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr callee;
  ArgumentList arguments;
};
struct Item : ExpressionNode<ExpressionKind::Item> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr object, key;
};
struct Attribute : ExpressionNode<ExpressionKind::Attribute> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr object;
  std::string name;
  Value key = {};              // the name as a value; scopes.cpp fills it in
  bool may_be_method = false;  // of a dict, which goes before what the dict holds; likewise
};
// object[start:stop:step]; each bound may be missing.
struct Slice : ExpressionNode<ExpressionKind::Slice> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr object, start, stop, step;
};
struct Concat : ExpressionNode<ExpressionKind::Concat> {
  using ExpressionNode::ExpressionNode;
  std::vector<ExpressionPtr> parts;
};
// first < second <= third …
struct Compare : ExpressionNode<ExpressionKind::Compare> {
  using ExpressionNode::ExpressionNode;
  struct Operand {
    CompareOperator op;
    ExpressionPtr value;
  };
  ExpressionPtr first;
  std::vector<Operand> rest;
};
struct And : ExpressionNode<ExpressionKind::And> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr left, right;
};
struct Or : ExpressionNode<ExpressionKind::Or> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr left, right;
};
struct Not : ExpressionNode<ExpressionKind::Not> {
  using ExpressionNode::ExpressionNode;
  ExpressionPtr operand;
};
struct Binary : ExpressionNode<ExpressionKind::Binary> {
  using ExpressionNode::ExpressionNode;
  BinaryOperator op = BinaryOperator::Add;
  ExpressionPtr left, right;
};
struct Unary : ExpressionNode<ExpressionKind::Unary> {
  using ExpressionNode::ExpressionNode;
  UnaryOperator op = UnaryOperator::Negative;
  ExpressionPtr operand;
};

// ---- Targets: what `set`, `for` and `with` assign to

enum class TargetKind : std::uint8_t { Name, Tuple, NamespaceAttribute };

struct Target {
  TargetKind kind = TargetKind::Name;
  Position at;
  std::string name;           // of the variable, or of the namespace
  Slot slot;                  // likewise
  std::string attribute;      // NamespaceAttribute: name.attribute
  std::vector<Target> items;  // Tuple
};

// ---- Statements

enum class StatementKind : std::uint8_t {
  Text,
  Output,
  If,
  For,
  Assign,
  AssignBlock,
  With,
  Macro,
  CallBlock,
  FilterBlock,
  Block,
  Extends,
  Include,
  Import,
  FromImport,
  Autoescape,
  Do,
  Break,
  Continue,
};

struct Statement {
  const StatementKind kind;
  bool toplevel = false;  // within nothing but ifs: what it binds belongs to the template; scopes.cpp fills it in
  Position at;
  virtual ~Statement() = default;

 protected:
  Statement(StatementKind node, Position position) : kind(node), at(position) {}
};
using StatementPtr = std::unique_ptr<Statement>;
using Statements = std::vector<StatementPtr>;

template <StatementKind Node>
struct StatementNode : Statement {
  static constexpr StatementKind kKind = Node;
  explicit StatementNode(Position position) : Statement(Node, position) {}
};

// What scopes.cpp says of statements (scopes.h): what happens to slots when a scope of names is entered and left, and
// the variables that an included template sees.
struct ScopeLayout;
using ScopePtr = std::shared_ptr<const ScopeLayout>;
struct Locals;
using LocalsPtr = std::shared_ptr<const Locals>;

struct Text : StatementNode<StatementKind::Text> {
  using StatementNode::StatementNode;
  std::string text;
};
struct Output : StatementNode<StatementKind::Output> {
  using StatementNode::StatementNode;
  ExpressionPtr expression;
};
struct If : StatementNode<StatementKind::If> {
  using StatementNode::StatementNode;
  struct Branch {
    ExpressionPtr condition;
    Statements body;
  };
  std::vector<Branch> branches;  // if, elif, …
  Statements otherwise;
};
struct For : StatementNode<StatementKind::For> {
  using StatementNode::StatementNode;
  Target target;
  ExpressionPtr iterable;
  ExpressionPtr condition;  // `for x in xs if condition`
  bool recursive = false;
  Statements body, otherwise;
  struct Scope;
  std::shared_ptr<const Scope> scope;  // filled in by scopes.cpp
};
struct Assign : StatementNode<StatementKind::Assign> {
  using StatementNode::StatementNode;
  Target target;
  ExpressionPtr value;
};
struct AssignBlock : StatementNode<StatementKind::AssignBlock> {
  using StatementNode::StatementNode;
  Target target;
  ExpressionPtr filter;  // a Filter whose innermost subject is missing; or null
  Statements body;
  ScopePtr scope;
};
struct With : StatementNode<StatementKind::With> {
  using StatementNode::StatementNode;
  struct Assignment {
    Target target;
    ExpressionPtr value;
  };
  std::vector<Assignment> assignments;
  Statements body;
  ScopePtr scope;
};
struct Parameter {
  std::string name;
  Position at;
  ExpressionPtr fallback;  // the default, or null
  Slot slot;
  Value key = {};  // the name as a value; scopes.cpp fills it in
};
// What Macro and CallBlock have in common: something that is called with parameters and renders a body.
struct FunctionLayout;
struct Function {
  std::string name;  // of a call block: "caller"
  std::vector<Parameter> parameters;
  Statements body;
  std::shared_ptr<const FunctionLayout> layout;  // filled in by scopes.cpp
};
struct Macro : StatementNode<StatementKind::Macro> {
  using StatementNode::StatementNode;
  Function function;
  Slot slot;  // where the macro's name is bound
};
struct CallBlock : StatementNode<StatementKind::CallBlock> {
  using StatementNode::StatementNode;
  ExpressionPtr call;  // a Call
  Function caller;
};
struct FilterBlock : StatementNode<StatementKind::FilterBlock> {
  using StatementNode::StatementNode;
  ExpressionPtr filter;  // a Filter whose innermost subject is missing
  Statements body;
  ScopePtr scope;
};
struct Block : StatementNode<StatementKind::Block> {
  using StatementNode::StatementNode;
  std::string name;
  bool scoped = false, required = false;
  Statements body;
  std::shared_ptr<const FunctionLayout> layout;  // filled in by scopes.cpp
  LocalsPtr locals;
};
struct Extends : StatementNode<StatementKind::Extends> {
  using StatementNode::StatementNode;
  ExpressionPtr parent;
};
struct Include : StatementNode<StatementKind::Include> {
  using StatementNode::StatementNode;
  ExpressionPtr template_name;
  bool with_context = true, ignore_missing = false;
  LocalsPtr locals;
};
struct Import : StatementNode<StatementKind::Import> {
  using StatementNode::StatementNode;
  ExpressionPtr template_name;
  Target target;
  bool with_context = false;
  LocalsPtr locals;
};
struct FromImport : StatementNode<StatementKind::FromImport> {
  using StatementNode::StatementNode;
  struct Imported {
    std::string name;
    Target target;  // `name as target`
  };
  ExpressionPtr template_name;
  std::vector<Imported> names;
  bool with_context = false;
  LocalsPtr locals;
};
struct Autoescape : StatementNode<StatementKind::Autoescape> {
  using StatementNode::StatementNode;
  ExpressionPtr enabled;
  Statements body;
  ScopePtr scope;
};
struct Do : StatementNode<StatementKind::Do> {
  using StatementNode::StatementNode;
  ExpressionPtr expression;
};
struct Break : StatementNode<StatementKind::Break> {
  using StatementNode::StatementNode;
};
struct Continue : StatementNode<StatementKind::Continue> {
  using StatementNode::StatementNode;
};

struct Tree {
  Statements body;
  std::shared_ptr<const FunctionLayout> layout;  // filled in by scopes.cpp
};

template <class Derived, class Base>
const Derived& as(const Base& node) {
  assert(node.kind == Derived::kKind);
  return static_cast<const Derived&>(node);
}
template <class Derived, class Base>
Derived& as(Base& node) {
  assert(node.kind == Derived::kKind);
  return static_cast<Derived&>(node);
}

}  // namespace plumb::jinja
