// `adapter` while the project is parsed.
#include <array>

#include "base/format.h"
#include "project/parse_context.h"
#include "project/relation.h"

namespace plumb::project {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

namespace {

class ParseAdapter final : public jinja::Object {
 public:
  ParseAdapter(const ProjectSettings& settings, std::function<MacroScope&()> scope)
      : settings_(settings), scope_(std::move(scope)) {}

  std::string_view type_name() const override { return "ParseDatabaseWrapper"; }

  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "Relation") return relation_class();
    return jinja::make_function(std::string(name), [this, name = std::string(name)](State& state, Arguments arguments) {
      return *call_method(state, name, arguments);
    });
  }

  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name == "dispatch") return dispatch(state, arguments);
    if (name == "type") return Value(settings_.target.type);
    if (name == "quote" && !arguments.positional.empty()) {
      return Value(quote_name(jinja::to_str(state, arguments.positional[0])));
    }
    if (name == "quote_as_configured" && !arguments.positional.empty()) {
      return Value(quote_name(jinja::to_str(state, arguments.positional[0])));
    }
    constexpr std::array<std::string_view, 5> kLists{"get_columns_in_relation", "get_missing_columns", "list_schemas",
                                                     "list_relations", "list_relations_without_caching"};
    for (std::string_view list : kLists) {
      if (name == list) return Value::list();
    }
    return Value::none();
  }

 private:
  Value dispatch(State& state, Arguments arguments) {
    static const jinja::Signature kSignature{"dispatch", {"macro_name", "macro_namespace"}, 1};
    auto [name, name_space] = jinja::bind<2>(kSignature, arguments);
    std::string macro = jinja::to_str(state, name);
    std::string package =
        jinja::given(name_space) && !name_space.is_none() ? jinja::to_str(state, name_space) : std::string();
    return dispatch_macro(scope_(), macro, package);
  }

  const ProjectSettings& settings_;
  std::function<MacroScope&()> scope_;
};

}  // namespace

Value make_parse_adapter(const ProjectSettings& settings, std::function<MacroScope&()> scope) {
  return Value(jinja::make<ParseAdapter>(settings, std::move(scope)));
}

}  // namespace plumb::project
