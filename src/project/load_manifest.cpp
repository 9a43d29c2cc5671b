// The order of things: files, macros, properties, docs, nodes, tests, links.
#include <chrono>

#include "base/format.h"
#include "project/builtin.h"
#include "project/macro_links.h"
#include "project/parse.h"

namespace plumb::project {

using jinja::Value;

namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// var() in property files: what the package's templates would find.
Value property_vars(const ProjectSettings& settings, const PackageSettings& package) {
  auto vars = jinja::make<jinja::Dict>();
  auto lay_over = [&](const Value& layer) {
    if (layer.kind() != jinja::Kind::Dict) return;
    std::size_t position = 0;
    while (const Value::Entry* entry = layer.as_dict().next(position)) vars->set(entry->key, entry->value);
  };
  auto lay_package = [&](const Value& layer) {
    lay_over(layer);
    if (layer.kind() != jinja::Kind::Dict) return;
    if (const Value* own = layer.as_dict().find(package.name)) lay_over(*own);
  };
  lay_package(package.vars);
  if (&package != &settings.root) lay_package(settings.root.vars);
  lay_over(settings.command_line_vars);
  return Value(vars);
}

void read_package(Parse& parse, const PackageSettings& settings) {
  LoadedPackage& package = parse.packages.emplace_back();
  package.settings = &settings;
  package.files = read_files(settings);
}

void read_package_properties(Parse& parse, LoadedPackage& package) {
  ConfigRenderer renderer(parse.settings.environment, property_vars(parse.settings, *package.settings),
                          ConfigRenderer::Secrets::Refused);
  renderer.set("target", target_value(parse.settings.target));
  for (const SourceFile& file : package.files.of(FileKind::Properties)) {
    package.properties.push_back({&file, read_properties(file, renderer, parse.warnings)});
  }
  for (const LoadedProperties& properties : package.properties) parse.patches.add(package, properties);
}

void add_macros(Parse& parse) {
  parse.catalog->add_builtin();
  for (const LoadedPackage& package : parse.packages) {
    for (FileKind kind : {FileKind::Macro, FileKind::GenericTest}) {
      for (const SourceFile& file : package.files.of(kind)) parse.catalog->add(file);
    }
  }
}

void add_docs(Parse& parse) {
  for (const LoadedPackage& package : parse.packages) {
    for (const SourceFile& file : package.files.of(FileKind::Docs)) parse.docs.add(file, parse.manifest.docs);
  }
  for (const BuiltinFile& builtin : builtin_files()) {
    if (!builtin.path.ends_with(".md") || builtin.package != "dbt") continue;
    SourceFile file{.kind = FileKind::Docs,
                    .package = std::string(builtin.package),
                    .path = std::string(builtin.path),
                    .path_in_root = std::string(builtin.path),
                    .text = std::string(builtin.text)};
    parse.docs.add(file, parse.manifest.docs);
  }
}

void apply_macro_patch(Parse& parse, Macro& macro, const FoundPatch& found) {
  const Patch& patch = *found.patch;
  macro.patch = Origin{.package = found.from->file->package, .path = found.from->file->path};
  std::vector<std::string> blocks;
  macro.description = parse.docs.render(patch.description, macro.package, patch.node.place(), blocks);
  auto config = jinja::make<jinja::Dict>();
  config->set("meta", Value::dict());
  config->set("docs", Value::dict({{"show", true}, {"node_color", Value::none()}}));
  if (patch.config.kind() == jinja::Kind::Dict) merge_config(*config, patch.config.as_dict());
  if (patch.meta.kind() == jinja::Kind::Dict) config->set("meta", patch.meta);
  macro.meta = *config->find("meta");
  macro.docs = *config->find("docs");
  macro.config = Value(config);
  for (const MacroArgumentPatch& argument : patch.arguments) {
    macro.arguments.push_back({argument.name, argument.type, argument.description});
  }
}

void list_macros(Parse& parse) {
  for (const CatalogMacro& known : parse.catalog->macros()) {
    Macro macro;
    macro.unique_id = known.unique_id;
    macro.name = known.name;
    macro.package = known.package;
    macro.origin = {.package = known.package,
                    .path = known.path,
                    .path_in_root = known.path,
                    .line = known.line,
                    .column = known.column};
    macro.code = known.code;
    macro.supported_languages = known.supported_languages;
    macro.created_at = parse.now;
    macro.depends_on.macros = find_macro_calls(*parse.catalog, known);
    if (const FoundPatch* patch = parse.patches.find(ResourceType::Macro, known.package, known.name)) {
      apply_macro_patch(parse, macro, *patch);
    }
    parse.manifest.macros.push_back(std::move(macro));
  }
}

}  // namespace

Parse::Parse(const ProjectSettings& of)
    : settings(of), catalog(std::make_shared<MacroCatalog>(of)), docs(of), now(seconds_now()) {}

LoadResult load_manifest(const ProjectSettings& settings) {
  Parse parse(settings);
  parse.warnings = settings.warnings;
  read_package(parse, settings.root);
  for (const PackageSettings& package : settings.packages) read_package(parse, package);
  add_macros(parse);
  add_docs(parse);
  for (LoadedPackage& package : parse.packages) read_package_properties(parse, package);
  override_sources(parse);
  parse.bench = std::make_unique<Bench>(settings, *parse.catalog);

  for (const LoadedPackage& package : parse.packages) {
    parse_models(parse, package);
    parse_seeds(parse, package);
    parse_snapshots(parse, package);
    parse_analyses(parse, package);
    parse_functions(parse, package);
    parse_singular_tests(parse, package);
    parse_hooks(parse, *package.settings);
  }
  for (const LoadedPackage& package : parse.packages) parse_sources(parse, package);
  for (const LoadedPackage& package : parse.packages) {
    parse_generic_tests(parse, package);
    parse_unit_tests(parse, package);
    parse_others(parse, package);
  }
  expect_own_relations(parse);
  link(parse);
  list_macros(parse);
  parse.manifest.catalog = parse.catalog;
  parse.manifest.index();
  for (const Warning& warning : parse.catalog->warnings()) parse.warnings.push_back(warning);
  warn_of_oddities(parse);
  return {std::move(parse.manifest), std::move(parse.warnings)};
}

}  // namespace plumb::project
