#include "workflow/render.h"

#include <optional>

#include "base/file.h"
#include "base/format.h"
#include "project/project.h"
#include "workflow/render_environment.h"
#include "workflow/shape.h"
#include "workflow/template_check.h"

namespace plumb::workflow {

using jinja::Kind;
using jinja::Value;

namespace {

// The template, for the hint of a message; without what may be a secret.
std::string shortened(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string line = redact(text.substr(0, text.find('\n')));
  if (count_characters(line) > kLongest) line = clean_utf8(line.substr(0, kLongest)) + "…";
  return printable(line);
}

}  // namespace

// The environment is made for the first template that there is: most tasks have none.
struct Renderer::State {
  SystemClock clock;
  std::unique_ptr<const jinja::Environment> environment;

  const jinja::Environment& get() {
    if (!environment) environment = make_environment(clock);
    return *environment;
  }

  template <class Work>
  auto placed(std::string_view text, const Place& place, Work work) {
    try {
      return work();
    } catch (const Error& error) {
      throw Error(ErrorKind::Config, error.message(),
                  {.place = place.known() ? std::optional(place) : std::nullopt,
                   .hint = error.hint().empty() ? format("in {}", shortened(text)) : error.hint(),
                   .type = error.type()});
    }
  }

  // What leaves a template is plain data: dates and other objects become the text that they print.
  Value plain(const Value& value, const Place& place) {
    if (value.is_undefined()) jinja::forbid_strict(value);
    if (value.kind() == Kind::Object) {
      if (jinja::find_generator(value) != nullptr) {
        jinja::raise_type_error("this gives its items one by one, and is no list: add |list");
      }
      return Value(get().parse("{{ value }}")->render(jinja::Context().set("value", value)));
    }
    const bool tuple = value.kind() == Kind::Tuple;
    if (tuple || value.kind() == Kind::List) {
      std::vector<Value> items;
      for (const Value& item : value.items()) items.push_back(plain(item, place));
      return Value::list(std::move(items));
    }
    if (value.kind() == Kind::Dict) {
      Value dict = Value::dict();
      std::size_t position = 0;
      while (const auto* entry = value.as_dict().next(position))
        dict.as_dict().set(entry->key, plain(entry->value, place));
      return dict;
    }
    return value;
  }

  Value render_text(const std::string& text, const Value& names, const Place& place) {
    return placed(text, place, [&] { return plain(get().parse(text)->render_value(jinja::Context(names)), place); });
  }
};

Renderer::Renderer(const config::Project&) : state_(std::make_unique<State>()) {}
Renderer::~Renderer() = default;

Value Renderer::render(const Value& tree, const Value& names, const Place& place) {
  switch (tree.kind()) {
    case Kind::String:
      if (!is_template(tree.as_string())) return tree;
      return state_->render_text(std::string(tree.as_string()), names, place);
    case Kind::List: {
      std::vector<Value> items;
      for (const Value& item : tree.items()) items.push_back(render(item, names, place));
      return Value::list(std::move(items));
    }
    case Kind::Dict: {
      Value rendered = Value::dict();
      std::size_t position = 0;
      while (const auto* entry = tree.as_dict().next(position)) {
        rendered.as_dict().set(entry->key, render(entry->value, names, place));
      }
      return rendered;
    }
    default:
      return tree;
  }
}

Value Renderer::evaluate(std::string_view expression, const Value& names, const Place& place) {
  const std::string text(without_braces(expression));
  // Words around braces make a template of it.
  if (is_template(text)) return state_->render_text(text, names, place);
  return state_->render_text(format("{{{{ {} }}}}", text), names, place);
}

bool Renderer::truth(std::string_view expression, const Value& names, const Place& place) {
  const Value value = evaluate(expression, names, place);
  // A template with more than an expression gives text, as Airflow's do.
  if (value.is_string()) {
    const auto text = value.as_string();
    return !(text.empty() || text == "False" || text == "false" || text == "0" || text == "None");
  }
  return state_->placed(expression, place, [&] {
    return state_->get().parse("{{ 'yes' if value else '' }}")->render(jinja::Context().set("value", value)) == "yes";
  });
}

Value render_settings(Renderer& renderer, const Task& task, const Value& names,
                      const std::filesystem::path& project_folder) {
  Value settings = renderer.render(task.settings, names, task.place);
  const bool query = task.kind == TaskKind::QueryCheck;
  if ((!query && task.kind != TaskKind::Sql) || settings.kind() != Kind::Dict) return settings;
  const Value* file = settings.as_dict().find("file");
  if (file == nullptr || !file->is_string()) return settings;
  const std::string name(file->as_string());
  const std::string text = read_file(project_folder / name);
  settings.as_dict().set(query ? "query" : "statement",
                         renderer.render(Value(text), names, Place{.file = name, .line = 1, .column = 1}));
  settings.as_dict().erase("file");
  return settings;
}

std::string json_of(const Value& value) {
  std::string text;
  project::append_json(text, value);
  return text;
}

Value value_of_json(std::string_view json) {
  return jinja::to_value(parse_json(std::string(json), "values").root());
}

}  // namespace plumb::workflow
