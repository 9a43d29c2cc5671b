#include "transform/seeds.h"

#include "transform/seed_table.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::Kind;
using jinja::State;
using jinja::Value;

void add_seed_functions(RunContext& context, const project::Node& seed) {
  std::filesystem::path file = std::filesystem::path(seed.root_path.empty() ? context.invocation().settings().folder
                                                                            : std::filesystem::path(seed.root_path)) /
                               seed.origin.path;
  std::set<std::string> typed;
  const Value* types = seed.find_config("column_types");
  if (types != nullptr && types->kind() == Kind::Dict) {
    for (const Value& name : types->as_dict().keys()) typed.insert(std::string(name.as_string()));
  }
  std::string delimiter = seed.config_text("delimiter", ",");
  auto load = [&context, file, typed, delimiter](State&, Arguments) {
    return context.adapter().make_result(read_seed(file, delimiter, typed));
  };
  context.set("load_agate_table", jinja::make_function("load_agate_table", load));
}

}  // namespace plumb::transform
