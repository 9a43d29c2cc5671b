#include "project/warning.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/format.h"

namespace plumb::project {

using jinja::Kind;
using jinja::Value;

namespace {

// dbt's events of the level "warn", and those that may be of it.
constexpr std::pair<std::string_view, std::string_view> kCodes[] = {
    {"ArgumentsPropertyInGenericTestDeprecation", "D038"},
    {"ConfigDataPathDeprecation", "D004"},
    {"ConfigLogPathDeprecation", "D010"},
    {"ConfigSourcePathDeprecation", "D003"},
    {"ConfigTargetPathDeprecation", "D011"},
    {"CustomKeyInConfigDeprecation", "D026"},
    {"CustomKeyInObjectDeprecation", "D027"},
    {"CustomOutputPathInSourceFreshnessDeprecation", "D029"},
    {"CustomTopLevelKeyDeprecation", "D025"},
    {"DeprecatedModel", "I065"},
    {"DeprecatedReference", "I067"},
    {"DeprecationsSummary", "D028"},
    {"DepsScrubbedPackageName", "M035"},
    {"DepsUnpinned", "M029"},
    {"DuplicateNameDistinctNodeTypesDeprecation", "D040"},
    {"DuplicateYAMLKeysDeprecation", "D024"},
    {"EnvironmentVariableNamespaceDeprecation", "D036"},
    {"EnvironmentVariableRenamed", "D009"},
    {"ExposureNameDeprecation", "D007"},
    {"FreshnessConfigProblem", "I073"},
    {"GenericJSONSchemaValidationDeprecation", "D022"},
    {"InternalDeprecation", "D008"},
    {"InvalidConcurrentBatchesConfig", "I075"},
    {"InvalidMacroAnnotation", "I076"},
    {"InvalidValueForField", "I008"},
    {"JinjaLogWarning", "I061"},
    {"LogFreshnessResult", "Q018"},
    {"LogModelResult", "Q012"},
    {"LogNodeResult", "Q008"},
    {"LogSeedResult", "Q016"},
    {"LogSnapshotResult", "Q015"},
    {"LogTestResult", "Q007"},
    {"MFCumulativeTypeParamsDeprecation", "D019"},
    {"MFTimespineWithoutYamlConfigurationDeprecation", "D018"},
    {"MacroNotFoundForPatch", "I059"},
    {"MetricAttributesRenamed", "D006"},
    {"MicrobatchMacroOutsideOfBatchesDeprecation", "D020"},
    {"MicrobatchModelNoEventTimeInputs", "I074"},
    {"MissingArgumentsPropertyInGenericTestDeprecation", "D039"},
    {"MissingPlusPrefixDeprecation", "D037"},
    {"ModelParamUsageDeprecation", "D032"},
    {"ModulesItertoolsUsageDeprecation", "D034"},
    {"NoNodeForYamlKey", "I058"},
    {"NoNodesForSelectionCriteria", "M030"},
    {"NoNodesSelected", "Q038"},
    {"NodeNotFoundOrDisabled", "I060"},
    {"NothingToDo", "Q035"},
    {"PackageInstallPathDeprecation", "D002"},
    {"PackageMaterializationOverrideDeprecation", "D016"},
    {"PackageNodeDependsOnRootProjectNode", "I077"},
    {"PackageRedirectDeprecation", "D001"},
    {"ProjectFlagsMovedDeprecation", "D013"},
    {"PropertyMovedToConfigDeprecation", "D030"},
    {"ResourceNamesWithSpacesDeprecation", "D015"},
    {"RunResultWarning", "Z021"},
    {"RunResultWarningMessage", "Z046"},
    {"SeedExceedsLimitAndPathChanged", "I054"},
    {"SeedExceedsLimitChecksumChanged", "I055"},
    {"SeedExceedsLimitSamePath", "I053"},
    {"SeedIncreased", "I052"},
    {"SemanticValidationFailure", "I070"},
    {"SnapshotTimestampWarning", "Q043"},
    {"SourceFreshnessProjectHooksNotRun", "D017"},
    {"SourceOverrideDeprecation", "D035"},
    {"SpacesInResourceNameDeprecation", "D014"},
    {"TestsConfigDeprecation", "D012"},
    {"UnexpectedJinjaBlockDeprecation", "D023"},
    {"UnsupportedConstraintMaterialization", "I068"},
    {"UnusedResourceConfigPath", "I051"},
    {"UnusedTables", "I056"},
    {"UnversionedBreakingChange", "I071"},
    {"UpcomingReferenceDeprecation", "I066"},
    {"ValidationWarning", "I009"},
    {"WEOIncludeExcludeDeprecation", "D031"},
    {"WarnStateTargetEqual", "I072"},
    {"WrongResourceSchemaFile", "I057"},
};

bool is_deprecation(std::string_view name) {
  return warning_code(name).starts_with('D') && name != "DeprecationsSummary";
}

Warning summary(const std::map<std::string, std::size_t>& kinds) {
  std::string text = "Deprecated functionality\nSummary of encountered deprecations:";
  for (const auto& [name, count] : kinds) {
    text += plumb::format("\n- {}: {} occurrence{}", name, count, count == 1 ? "" : "s");
  }
  return {"DeprecationsSummary", text + "\nTo see each of them, say --show-all-deprecations.", {}};
}

}  // namespace

std::string_view warning_code(std::string_view name) {
  auto known = std::lower_bound(std::begin(kCodes), std::end(kCodes), name,
                                [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return known != std::end(kCodes) && known->first == name ? known->second : std::string_view();
}

WarningPolicy::Names WarningPolicy::read(const Value& options, std::initializer_list<std::string_view> keys) {
  Names names;
  auto add = [&](std::string_view name) {
    if (name == "all" || name == "*") {
      names.all = true;
    } else if (name == "Deprecations") {
      names.deprecations = true;
    } else if (warning_code(name).empty()) {
      throw Error(
          ErrorKind::Usage, plumb::format("{} is not a valid dbt error name.", name),
          {.hint = "--warn-error-options takes the names of dbt's warnings, such as NoNodesForSelectionCriteria"});
    } else {
      names.names.emplace(name);
    }
  };
  for (std::string_view key : keys) {
    const Value* said = options.kind() == Kind::Dict ? options.as_dict().find(key) : nullptr;
    if (said == nullptr) continue;
    if (said->is_string()) add(said->as_string());
    if (said->kind() != Kind::List) continue;
    for (const Value& name : said->items()) add(name.is_string() ? name.as_string() : std::string_view());
  }
  return names;
}

WarningPolicy::WarningPolicy(const Value& flags) {
  const Value* options = flags.as_dict().find("WARN_ERROR_OPTIONS");
  if (options) {
    errors_ = read(*options, {"error", "include"});
    warns_ = read(*options, {"warn", "exclude"});
    silenced_ = read(*options, {"silence"});
  }
  const Value* all = flags.as_dict().find("WARN_ERROR");
  if (all && all->kind() == Kind::Bool && all->as_bool()) errors_.all = true;
}

// What names a warning counts before what names deprecations, and that before what names all.
WarningPolicy::Verdict WarningPolicy::of(std::string_view name) const {
  if (silenced_.names.contains(name)) return Verdict::Silence;
  if (warns_.names.contains(name)) return Verdict::Tell;
  if (errors_.names.contains(name)) return Verdict::Error;
  if (is_deprecation(name)) {
    if (silenced_.deprecations) return Verdict::Silence;
    if (warns_.deprecations) return Verdict::Tell;
    if (errors_.deprecations) return Verdict::Error;
  }
  // The summary only repeats what was judged before.
  return errors_.all && name != "DeprecationsSummary" ? Verdict::Error : Verdict::Tell;
}

std::vector<Warning> judge(const WarningPolicy& policy, std::vector<Warning> warnings, bool all_deprecations) {
  std::vector<Warning> told;
  std::map<std::string, std::size_t> kinds;
  bool left_out = false;
  for (Warning& warning : warnings) {
    auto verdict = policy.of(warning.name);
    if (verdict == WarningPolicy::Verdict::Silence) continue;
    if (verdict == WarningPolicy::Verdict::Error) {
      throw Error(ErrorKind::Config, std::move(warning.message),
                  {.place = warning.place.known() ? std::optional(warning.place) : std::nullopt,
                   .hint = plumb::format("a warning ({}) that --warn-error makes an error", warning.name),
                   .type = "CompilationError"});
    }
    bool repeated = is_deprecation(warning.name) && ++kinds[warning.name] > 1 && !all_deprecations;
    left_out = left_out || repeated;
    if (!repeated) told.push_back(std::move(warning));
  }
  if (left_out && policy.of("DeprecationsSummary") == WarningPolicy::Verdict::Tell) told.push_back(summary(kinds));
  return told;
}

}  // namespace plumb::project
