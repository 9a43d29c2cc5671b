// Feeds arbitrary templates to lexer, parser and renderer. The first byte chooses the syntax and the kind of undefined;
// the rest is the source. Limits are small, so that every input ends soon. Beyond not crashing: what was rendered is
// UTF-8, and an error says its type and its words.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "jinja/jinja.h"

namespace {

using namespace plumb::jinja;

Options choose_options(unsigned choice) {
  Options options;
  options.undefined = static_cast<UndefinedKind>(choice & 3);
  options.autoescape = (choice & 4) != 0;
  options.syntax.trim_blocks = (choice & 8) != 0;
  options.syntax.lstrip_blocks = (choice & 16) != 0;
  if ((choice & 32) != 0) {
    options.syntax.line_statement_prefix = "#";
    options.syntax.line_comment_prefix = "##";
  }
  options.sandboxed = true;
  options.limits = {.time = std::chrono::milliseconds(200),
                    .memory_bytes = std::size_t{1} << 24,
                    .output_bytes = std::size_t{1} << 16,
                    .recursion = 30};
  return options;
}

Context some_names() {
  Value rows = Value::list({Value::dict({{"name", "Ada"}, {"age", 36}}), Value::dict({{"name", "<b>"}, {"age", 1.5}})});
  return Context().set("n", 7).set("s", "Gr\u00fc\u00dfe <x>").set("rows", rows).set("none", Value::none());
}

// Itself, and two that it may include, import or extend.
Loader small_library(const std::string& source) {
  return load_from_map(
      {{"main", source},
       {"lib", "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ caller and caller() }}{% endmacro %}{% set x = 1 %}"},
       {"base", "<{% block a %}{{ n }}{% endblock %}{% block b scoped %}{% endblock %}>"}});
}

// A value that holds itself is its owner's to take apart.
void untie(const Value& value) {
  if (value.kind() == Kind::Tuple) {
    for (const Value& item : value.items()) untie(item);
  } else if (value.kind() == Kind::List) {
    const std::vector<Value> items = std::exchange(value.as_list().items, {});
    for (const Value& item : items) untie(item);
  } else if (value.kind() == Kind::Dict) {
    std::vector<Value> values;
    for (std::size_t position = 0; const Value::Entry* entry = value.as_dict().next(position);)
      values.push_back(entry->value);
    value.as_dict().clear();
    for (const Value& each : values) untie(each);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string source(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    Environment environment(choose_options(data[0]));
    environment.set_loader(small_library(source));
    auto main = environment.get_template("main");
    if ((data[0] & 64) != 0) {
      untie(main->render_native(some_names()));
    } else if (!plumb::valid_utf8(main->render(some_names()))) {
      std::abort();
    }
  } catch (const plumb::Error& error) {
    if (error.type().empty() || !plumb::valid_utf8(error.render())) std::abort();
  }
  return 0;
}
