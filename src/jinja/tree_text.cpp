#include "jinja/tree_text.h"

#include "jinja/number.h"
#include "jinja/text.h"

namespace plumb::jinja {

namespace {

std::string_view symbol(BinaryOperator op) {
  static constexpr std::string_view kSymbols[] = {"+", "-", "*", "/", "//", "%", "**"};
  return kSymbols[static_cast<std::size_t>(op)];
}
std::string_view symbol(CompareOperator op) {
  static constexpr std::string_view kSymbols[] = {"==", "!=", "<", "<=", ">", ">=", "in", "not in"};
  return kSymbols[static_cast<std::size_t>(op)];
}

std::string literal_text(const Value& value) {
  switch (value.kind()) {
    case Kind::None:
      return "None";
    case Kind::Bool:
      return value.as_bool() ? "True" : "False";
    case Kind::Float:
      return float_text(value.as_float());
    case Kind::String:
      return repr_text(value.as_string());
    default:
      return int_text(value);
  }
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void write(const Statements& body) {
    for (const auto& statement : body) write(*statement);
  }

  void write(const Expression* expression) {
    if (expression) write(*expression);
  }

  void write(const Expression& node) {
    switch (node.kind) {
      case ExpressionKind::Literal:
        return add(literal_text(as<Literal>(node).value));
      case ExpressionKind::Name:
        return add(as<Name>(node).name);
      case ExpressionKind::Tuple:
        add("(");
        for (const auto& item : as<Tuple>(node).items) add(*item, ",");
        return add(")");
      case ExpressionKind::List:
        add("[");
        for (const auto& item : as<ListDisplay>(node).items) add(*item, ",");
        return add("]");
      case ExpressionKind::Dict:
        add("{");
        for (const auto& [key, value] : as<DictDisplay>(node).pairs) add(*key, ":"), add(*value, ",");
        return add("}");
      case ExpressionKind::Conditional: {
        const auto& conditional = as<Conditional>(node);
        add("(");
        add(*conditional.then, " if ");
        write(*conditional.condition);
        if (conditional.otherwise) add(" else "), write(*conditional.otherwise);
        return add(")");
      }
      case ExpressionKind::Filter: {
        const auto& filter = as<Filter>(node);
        write(filter.subject.get());
        add("|" + filter.name);
        return write(filter.arguments);
      }
      case ExpressionKind::Test: {
        const auto& test = as<Test>(node);
        add("(");
        add(*test.subject, " is " + test.name);
        write(test.arguments);
        return add(")");
      }
      case ExpressionKind::Call:
        write(*as<Call>(node).callee);
        return write(as<Call>(node).arguments);
      case ExpressionKind::Item:
        add(*as<Item>(node).object, "[");
        return add(*as<Item>(node).key, "]");
      case ExpressionKind::Attribute:
        return add(*as<Attribute>(node).object, "." + as<Attribute>(node).name);
      case ExpressionKind::Slice: {
        const auto& slice = as<Slice>(node);
        write(slice.object.get());
        add("[");
        write(slice.start.get());
        add(":");
        write(slice.stop.get());
        add(":");
        write(slice.step.get());
        return add("]");
      }
      case ExpressionKind::Concat:
        return write_joined(as<Concat>(node).parts);
      case ExpressionKind::Compare:
        add("(");
        write(*as<Compare>(node).first);
        for (const auto& [op, value] : as<Compare>(node).rest) {
          add(" " + std::string(symbol(op)) + " ");
          write(*value);
        }
        return add(")");
      case ExpressionKind::And:
        return write_pair(*as<And>(node).left, "and", *as<And>(node).right);
      case ExpressionKind::Or:
        return write_pair(*as<Or>(node).left, "or", *as<Or>(node).right);
      case ExpressionKind::Not:
        add("(not ");
        return add(*as<Not>(node).operand, ")");
      case ExpressionKind::Binary:
        return write_pair(*as<Binary>(node).left, symbol(as<Binary>(node).op), *as<Binary>(node).right);
      case ExpressionKind::Unary:
        add(as<Unary>(node).op == UnaryOperator::Negative ? "(-" : "(+");
        return add(*as<Unary>(node).operand, ")");
    }
  }

 private:
  void add(std::string_view text) { out_ += text; }
  void add(const Expression& expression, std::string_view behind) {
    write(expression);
    add(behind);
  }

  void write_pair(const Expression& left, std::string_view op, const Expression& right) {
    add("(");
    add(left, " " + std::string(op) + " ");
    add(right, ")");
  }
  void write_joined(const std::vector<ExpressionPtr>& parts) {
    add("(");
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) add(" ~ ");
      write(*parts[i]);
    }
    add(")");
  }

  void write(const ArgumentList& arguments) {
    add("(");
    for (const auto& argument : arguments.positional) add(*argument, ",");
    for (const auto& [name, value, key] : arguments.keywords) add(name + "="), add(*value, ",");
    if (arguments.rest) add("*"), add(*arguments.rest, ",");
    if (arguments.more) add("**"), add(*arguments.more, ",");
    add(")");
  }

  void write(const Target& target) {
    if (target.kind != TargetKind::Tuple) {
      add(target.name);
      if (target.kind == TargetKind::NamespaceAttribute) add("." + target.attribute);
      return;
    }
    add("(");
    for (const auto& item : target.items) write(item), add(",");
    add(")");
  }

  void write(const std::vector<Parameter>& parameters) {
    add("(");
    for (const auto& parameter : parameters) {
      add(parameter.name);
      if (parameter.fallback) add("="), write(*parameter.fallback);
      add(",");
    }
    add(")");
  }

  // {% head %} … {% end… %}
  void write_body(const Statements& body, std::string_view end) {
    add(" %}");
    write(body);
    add("{% ");
    add(end);
    add(" %}");
  }
  void write_context(bool with_context) { add(with_context ? " with context %}" : " without context %}"); }

  void write(const Statement& node) {
    if (node.kind == StatementKind::Text) return add(as<Text>(node).text);
    if (node.kind == StatementKind::Output) {
      add("{{ ");
      return add(*as<Output>(node).expression, " }}");
    }
    add("{% ");
    write_tag(node);
  }

  void write_tag(const Statement& node) {
    switch (node.kind) {
      case StatementKind::Text:
      case StatementKind::Output:
        return;
      case StatementKind::If:
        return write(as<If>(node));
      case StatementKind::For:
        return write(as<For>(node));
      case StatementKind::Assign:
        add("set ");
        write(as<Assign>(node).target);
        add(" = ");
        return add(*as<Assign>(node).value, " %}");
      case StatementKind::AssignBlock:
        add("set ");
        write(as<AssignBlock>(node).target);
        write(as<AssignBlock>(node).filter.get());
        return write_body(as<AssignBlock>(node).body, "endset");
      case StatementKind::With:
        add("with ");
        for (const auto& [target, value] : as<With>(node).assignments) write(target), add("="), add(*value, ",");
        return write_body(as<With>(node).body, "endwith");
      case StatementKind::Macro:
        add("macro " + as<Macro>(node).function.name);
        write(as<Macro>(node).function.parameters);
        return write_body(as<Macro>(node).function.body, "endmacro");
      case StatementKind::CallBlock:
        add("call");
        write(as<CallBlock>(node).caller.parameters);
        add(" ");
        write(*as<CallBlock>(node).call);
        return write_body(as<CallBlock>(node).caller.body, "endcall");
      case StatementKind::FilterBlock:
        add("filter ");
        write(*as<FilterBlock>(node).filter);
        return write_body(as<FilterBlock>(node).body, "endfilter");
      case StatementKind::Block:
        add("block " + as<Block>(node).name);
        if (as<Block>(node).scoped) add(" scoped");
        if (as<Block>(node).required) add(" required");
        return write_body(as<Block>(node).body, "endblock");
      case StatementKind::Extends:
        add("extends ");
        return add(*as<Extends>(node).parent, " %}");
      case StatementKind::Include:
        add("include ");
        write(*as<Include>(node).template_name);
        if (as<Include>(node).ignore_missing) add(" ignore missing");
        return write_context(as<Include>(node).with_context);
      case StatementKind::Import:
        add("import ");
        add(*as<Import>(node).template_name, " as " + as<Import>(node).target.name);
        return write_context(as<Import>(node).with_context);
      case StatementKind::FromImport:
        add("from ");
        add(*as<FromImport>(node).template_name, " import");
        for (const auto& [name, target] : as<FromImport>(node).names) add(" " + name + " as " + target.name + ",");
        return write_context(as<FromImport>(node).with_context);
      case StatementKind::Autoescape:
        add("autoescape ");
        write(*as<Autoescape>(node).enabled);
        return write_body(as<Autoescape>(node).body, "endautoescape");
      case StatementKind::Do:
        add("do ");
        return add(*as<Do>(node).expression, " %}");
      case StatementKind::Break:
        return add("break %}");
      case StatementKind::Continue:
        return add("continue %}");
    }
  }

  void write(const If& node) {
    for (std::size_t i = 0; i < node.branches.size(); ++i) {
      add(i == 0 ? "if " : "{% elif ");
      add(*node.branches[i].condition, " %}");
      write(node.branches[i].body);
    }
    if (!node.otherwise.empty()) add("{% else %}"), write(node.otherwise);
    add("{% endif %}");
  }

  void write(const For& node) {
    add("for ");
    write(node.target);
    add(" in ");
    write(*node.iterable);
    if (node.condition) add(" if "), write(*node.condition);
    if (node.recursive) add(" recursive");
    add(" %}");
    write(node.body);
    if (!node.otherwise.empty()) add("{% else %}"), write(node.otherwise);
    add("{% endfor %}");
  }

  std::string out_;
};

}  // namespace

std::string tree_text(const Statements& statements) {
  Writer writer;
  writer.write(statements);
  return writer.take();
}
std::string tree_text(const Tree& tree) {
  return tree_text(tree.body);
}
std::string tree_text(const Expression& expression) {
  Writer writer;
  writer.write(expression);
  return writer.take();
}

}  // namespace plumb::jinja
