// The statements of the language, each by its tag.
#include <algorithm>
#include <set>

#include "jinja/parser_internal.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

StatementPtr Parser::find_statement(std::string_view name, Position at) {
  struct Tag {
    std::string_view name;
    StatementPtr (Parser::*parse)(Position at);
  };
  static constexpr Tag kTags[] = {
      {"if", &Parser::parse_if},
      {"set", &Parser::parse_set},
      {"for", &Parser::parse_for},
      {"macro", &Parser::parse_macro},
      {"call", &Parser::parse_call_block},
      {"block", &Parser::parse_block},
      {"include", &Parser::parse_include},
      {"import", &Parser::parse_import},
      {"from", &Parser::parse_from},
      {"extends", &Parser::parse_extends},
      {"with", &Parser::parse_with},
      {"filter", &Parser::parse_filter_block},
      {"autoescape", &Parser::parse_autoescape},
  };
  if (auto host = tags_.find(name); host != tags_.end()) {
    tokens_.skip();
    return host->second(*this, at);
  }
  auto builtin = std::find_if(std::begin(kTags), std::end(kTags), [name](const Tag& tag) { return tag.name == name; });
  if (builtin != std::end(kTags)) {
    tokens_.skip();
    return (this->*builtin->parse)(at);
  }
  if (syntax_.do_statement && name == "do") {
    tokens_.skip();
    return parse_do(at);
  }
  if (syntax_.loop_controls && (name == "break" || name == "continue")) {
    tokens_.skip();
    return parse_loop_control(name == "break", at);
  }
  return nullptr;
}

// `print a, b`: an old spelling of {{ a }}{{ b }}.
void Parser::parse_print(Statements& into) {
  for (bool first = true; !next_is_end_of_tag(); first = false) {
    if (!first) expect(",");
    auto output = std::make_unique<Output>(position());
    output->expression = parse_expression();
    into.push_back(std::move(output));
  }
}

StatementPtr Parser::parse_for(Position at) {
  auto loop = std::make_unique<For>(at);
  Context around = context_;
  if (around.loop == 0) {
    around.loop = statements_;
    around.loop_block = around.block;
  }
  loop->target = parse_target(false);
  check_loop_name(loop->target, around);
  expect_word("in");
  loop->iterable = parse_tuple({.conditionals = false});
  if (skip_if_name("if")) loop->condition = parse_expression();
  loop->recursive = skip_if_name("recursive");

  Context inside = around.within_scope();
  inside.in_loop = true;
  loop->body = parse_until({"endfor", "else"}, inside);
  if (!skip_if_name("else")) {
    tokens_.skip();
    return loop;
  }
  // A recursive loop is a function, its else included.
  loop->otherwise = parse_to("endfor", loop->recursive ? around.within_function() : around.within_scope());
  return loop;
}

StatementPtr Parser::parse_if(Position at) {
  auto node = std::make_unique<If>(at);
  Context inside = context_;
  while (true) {
    If::Branch branch;
    branch.condition = parse_tuple({.conditionals = false});
    branch.body = parse_until({"elif", "else", "endif"}, inside);
    node->branches.push_back(std::move(branch));
    if (skip_if_name("elif")) continue;
    if (skip_if_name("else")) {
      node->otherwise = parse_to("endif", inside);
    } else {
      tokens_.skip();
    }
    return node;
  }
}

StatementPtr Parser::parse_set(Position at) {
  Target target = parse_target(true);
  check_loop_name(target, context_);
  if (skip_if("=")) {
    auto assignment = std::make_unique<Assign>(at);
    assignment->target = std::move(target);
    assignment->value = parse_tuple({});
    return assignment;
  }
  auto block = std::make_unique<AssignBlock>(at);
  block->target = std::move(target);
  block->filter = parse_filter(nullptr);
  block->body = parse_to("endset", context_.within_scope());
  return block;
}

StatementPtr Parser::parse_with(Position at) {
  auto with = std::make_unique<With>(at);
  while (!next_is_end_of_tag()) {
    if (!with->assignments.empty()) expect(",");
    With::Assignment assignment;
    assignment.target = parse_target(false);
    expect("=");
    assignment.value = parse_expression();
    with->assignments.push_back(std::move(assignment));
  }
  with->body = parse_to("endwith", context_.within_scope());
  return with;
}

// ---- Macros and what is like them

StatementPtr Parser::parse_macro(Position at) {
  auto macro = std::make_unique<Macro>(at);
  macro->function.name = parse_target_name().name;
  macro->function.parameters = parse_signature();
  macro->function.body = parse_to("endmacro", context_.within_function());
  return macro;
}

StatementPtr Parser::parse_call_block(Position at) {
  auto block = std::make_unique<CallBlock>(at);
  block->caller.name = "caller";
  if (next_is("(")) block->caller.parameters = parse_signature();
  block->call = parse_expression();
  if (block->call->kind != ExpressionKind::Call) fail("expected call", at);
  check_keywords(as<Call>(*block->call).arguments.keywords, block->call->at, "caller");
  block->caller.body = parse_to("endcall", context_.within_function());
  return block;
}

std::vector<Parameter> Parser::parse_signature() {
  std::vector<Parameter> parameters;
  expect("(");
  while (!next_is(")")) {
    if (!parameters.empty()) expect(",");
    Target name = parse_target_name();
    Parameter parameter{std::move(name.name), name.at, nullptr, {}};
    if (skip_if("=")) {
      parameter.fallback = parse_expression();
    } else if (!parameters.empty() && parameters.back().fallback) {
      fail("non-default argument follows default argument");
    }
    parameters.push_back(std::move(parameter));
  }
  tokens_.skip();
  check_parameters(parameters);
  return parameters;
}

void Parser::check_parameters(const std::vector<Parameter>& parameters) {
  std::set<std::string_view> names;
  for (const auto& parameter : parameters) {
    if (names.insert(parameter.name).second) continue;
    std::string variable = "l_" + std::to_string(context_.scopes + 1) + "_" + parameter.name;
    return note(Pass::PythonNames, "SyntaxError", "duplicate argument " + quoted(variable) + " in function definition",
                parameter.at);
  }
}

StatementPtr Parser::parse_filter_block(Position at) {
  auto block = std::make_unique<FilterBlock>(at);
  block->filter = parse_filter(nullptr, true);
  block->body = parse_to("endfilter", context_.within_scope());
  return block;
}

// ---- Templates among each other

namespace {

bool only_blank(const Statements& body) {
  return std::all_of(body.begin(), body.end(), [](const StatementPtr& statement) {
    return statement->kind == StatementKind::Text && strip(as<Text>(*statement).text).empty();
  });
}

}  // namespace

StatementPtr Parser::parse_block(Position at) {
  auto block = std::make_unique<Block>(at);
  block->name = expect_name();
  block->scoped = skip_if_name("scoped");
  block->required = skip_if_name("required");
  if (next_is("-")) {
    fail(
        "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore "
        "instead.");
  }
  if (!blocks_.insert(block->name).second) {
    note(Pass::Blocks, "TemplateAssertionError", "block " + quoted(block->name) + " defined twice", at);
  }
  Context inside = context_.within_function();
  inside.block = static_cast<int>(blocks_.size());
  inside.scopes = 0;
  block->body = parse_to("endblock", inside);
  if (block->required && !only_blank(block->body)) fail("Required blocks can only contain comments or whitespace");
  skip_if_name(block->name);
  return block;
}

StatementPtr Parser::parse_extends(Position at) {
  auto extends = std::make_unique<Extends>(at);
  extends->parent = parse_expression();
  if (!context_.toplevel) {
    note(Pass::Code, "TemplateAssertionError", "cannot use extend from a non top-level scope", at);
  }
  return extends;
}

// `with context` or `without context`, if it is there.
bool Parser::parse_import_context(bool& with_context) {
  if (!next_is_one_of({"with", "without"}) || !tokens_.look().is_name("context")) return false;
  with_context = tokens_.next().text == "with";
  tokens_.skip();
  return true;
}

StatementPtr Parser::parse_include(Position at) {
  auto include = std::make_unique<Include>(at);
  include->template_name = parse_expression();
  if (next_is_name("ignore") && tokens_.look().is_name("missing")) {
    include->ignore_missing = true;
    tokens_.skip();
    tokens_.skip();
  }
  parse_import_context(include->with_context);
  return include;
}

StatementPtr Parser::parse_import(Position at) {
  auto import = std::make_unique<Import>(at);
  import->template_name = parse_expression();
  expect_word("as");
  import->target = parse_target_name();
  parse_import_context(import->with_context);
  return import;
}

StatementPtr Parser::parse_from(Position at) {
  auto from = std::make_unique<FromImport>(at);
  from->template_name = parse_expression();
  expect_word("import");
  while (true) {
    if (!from->names.empty()) expect(",");
    if (current().kind != TokenKind::Name) fail_expected(describe(TokenKind::Name));
    if (parse_import_context(from->with_context)) return from;
    FromImport::Imported imported;
    imported.target = parse_target_name();
    imported.name = imported.target.name;
    if (imported.name.starts_with('_')) {
      throw tokens_.error("TemplateAssertionError", "names starting with an underline can not be imported",
                          imported.target.at);
    }
    if (skip_if_name("as")) imported.target = parse_target_name();
    from->names.push_back(std::move(imported));
    if (parse_import_context(from->with_context) || !next_is(",")) return from;
  }
}

// ---- The rest

StatementPtr Parser::parse_autoescape(Position at) {
  auto autoescape = std::make_unique<Autoescape>(at);
  autoescape->enabled = parse_expression();
  autoescape->body = parse_to("endautoescape", context_.within_scope());
  return autoescape;
}

StatementPtr Parser::parse_do(Position at) {
  auto statement = std::make_unique<Do>(at);
  statement->expression = parse_tuple({});
  return statement;
}

StatementPtr Parser::parse_loop_control(bool is_break, Position at) {
  if (!context_.in_loop) {
    note(Pass::PythonCode, "SyntaxError", is_break ? "'break' outside loop" : "'continue' not properly in loop", at);
  }
  if (is_break) return std::make_unique<Break>(at);
  return std::make_unique<Continue>(at);
}

}  // namespace plumb::jinja
