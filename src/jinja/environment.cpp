#include "jinja/environment.h"

#include "jinja/errors.h"
#include "jinja/globals.h"
#include "jinja/library.h"
#include "jinja/place.h"
#include "jinja/renderer.h"

namespace plumb::jinja {

namespace {

const NativeFunction* find_function(const std::map<std::string, NativeFunction, std::less<>>& own,
                                    const Library& library, std::string_view name) {
  if (auto found = own.find(name); found != own.end()) return &found->second;
  auto found = library.find(name);
  return found == library.end() ? nullptr : &found->second;
}

}  // namespace

Context& Context::add_layer(Value dict_or_object) {
  layers_.push_back(std::move(dict_or_object));
  own_layer_ = false;
  return *this;
}

Context& Context::set(std::string_view name, Value value) {
  if (!own_layer_) {
    add_layer(Value::dict());
    own_layer_ = true;
  }
  layers_.back().as_dict().set(Value(name), std::move(value));
  return *this;
}

Environment::Environment(Options options) : options_(std::move(options)), globals_(Value::dict()) {
  for (const LibraryFunction& global : builtin_globals()) {
    set_global(std::string(global.name), make_global(global));
  }
}

Environment::~Environment() = default;

void Environment::add_filter(std::string name, NativeFunction function) {
  filters_.insert_or_assign(std::move(name), std::move(function));
}

void Environment::add_test(std::string name, NativeFunction function) {
  tests_.insert_or_assign(std::move(name), std::move(function));
}

void Environment::set_global(std::string name, Value value) {
  globals_.as_dict().set(Value(std::move(name)), std::move(value));
}

void Environment::add_tag(std::string name, TagParser parser) {
  tags_.insert_or_assign(std::move(name), std::move(parser));
}

void Environment::set_loader(Loader loader) {
  loader_ = std::move(loader);
}

const NativeFunction* Environment::find_filter(std::string_view name) const {
  return find_function(filters_, builtin_filters(), name);
}

const NativeFunction* Environment::find_test(std::string_view name) const {
  return find_function(tests_, builtin_tests(), name);
}

const Value* Environment::find_global(std::string_view name) const {
  return globals_.as_dict().find(name);
}

TemplatePtr Environment::parse(std::string source, std::string name) const {
  std::string file = name;
  return parse(Source{std::move(source), std::move(file)}, std::move(name));
}

TemplatePtr Environment::parse(Source source, std::string name) const {
  try {
    Tree tree = jinja::parse(source.text, source.file, options_.syntax, tags_);
    return TemplatePtr(
        std::unique_ptr<Template>(new Template(*this, std::move(name), source, std::move(tree))).release());
  } catch (const Error& error) {
    if (source.begin.line == 1 && source.begin.column == 1) throw;
    throw move_place(error, source.begin);
  }
}

TemplatePtr Environment::find_template(const std::string& name) const {
  {
    std::lock_guard lock(mutex_);
    if (auto found = templates_.find(name); found != templates_.end()) return found->second;
  }
  if (!loader_) raise_type_error("no loader for this environment specified");
  auto source = loader_(name);
  if (!source) return nullptr;
  Tree tree = jinja::parse(source->text, source->file, options_.syntax, tags_);
  TemplatePtr made(std::unique_ptr<Template>(new Template(*this, name, std::move(*source), std::move(tree))).release());
  std::lock_guard lock(mutex_);
  return templates_.try_emplace(name, std::move(made)).first->second;
}

TemplatePtr Environment::get_template(const std::string& name) const {
  TemplatePtr found = find_template(name);
  if (!found) raise("TemplateNotFound", name);
  return found;
}

Value Environment::evaluate(std::string_view expression, const Context& context) const {
  std::string file = "<expression>";
  ExpressionPtr parsed = parse_expression(expression, file, options_.syntax);
  auto layout = bind_names(*parsed, {*this, expression, file, Escaping::Off});
  TemplatePtr holder(
      std::unique_ptr<Template>(new Template(*this, std::string(kNoName), {std::string(expression), file}, {}))
          .release());
  Value result = Renderer(*this, {}).evaluate_alone(*holder, *parsed, *layout, context);
  return result.is_undefined() ? Value::none() : result;
}

}  // namespace plumb::jinja
