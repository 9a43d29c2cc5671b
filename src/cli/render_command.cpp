#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "cli/commands.h"
#include "jinja/jinja.h"

namespace plumb::cli {

namespace {

jinja::Value read_context(const std::string& file) {
  const bool yaml = file.ends_with(".yml") || file.ends_with(".yaml");
  auto document = yaml ? parse_yaml(read_file(file), file) : parse_json(read_file(file), file);
  auto root = document.root();
  if (root.missing()) return jinja::Value::dict();
  if (root.kind() != NodeKind::Map) {
    throw Error(ErrorKind::Data, format("expected a map of variables, found {}", describe(root.kind())),
                {.place = root.place()});
  }
  return jinja::to_value(root);
}

std::vector<std::filesystem::path> search_paths(const RenderArguments& arguments) {
  if (!arguments.search_paths.empty()) return {arguments.search_paths.begin(), arguments.search_paths.end()};
  if (arguments.file == "-") return {"."};
  auto folder = std::filesystem::path(arguments.file).parent_path();
  return {folder.empty() ? "." : folder};
}

// What Python's print() shows of a value; with --json its JSON.
std::string value_text(const jinja::Value& value, bool json) {
  jinja::Environment plain;
  return plain.parse(json ? "{{ value|tojson }}" : "{{ value }}")->render(jinja::Context().set("value", value));
}

std::string render(Context& context, const RenderArguments& arguments) {
  jinja::Options options;
  if (arguments.strict) options.undefined = jinja::UndefinedKind::Strict;
  options.limits.time = std::chrono::milliseconds(static_cast<std::int64_t>(arguments.timeout * 1000));
  jinja::Environment environment(std::move(options));
  environment.set_loader(jinja::load_from_folders(search_paths(arguments)));

  jinja::Context names;
  if (!arguments.context.empty()) names.add_layer(read_context(arguments.context));
  for (const auto& [name, value] : context.vars) names.set(name, value);

  const bool from_input = arguments.file == "-";
  auto source = from_input ? context.terminal.read_input() : read_file(arguments.file);
  auto page = environment.parse(std::move(source), from_input ? "<stdin>" : arguments.file);
  if (arguments.native) return value_text(page->render_native(names, context.stop), context.json);
  auto text = page->render(names, context.stop);
  return context.json ? json_quote(text) : text;
}

}  // namespace

int render_command(Context& context, const RenderArguments& arguments) {
  // A template that fails is work that failed (1), not a wrong configuration (2).
  std::string text;
  try {
    text = render(context, arguments);
  } catch (const Error& error) {
    if (error.type().empty()) throw;
    context.terminal.say(error);
    return 1;
  }
  context.terminal.print(text);
  return 0;
}

}  // namespace plumb::cli
