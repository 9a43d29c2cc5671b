#include "cli/completion.h"

#include <CLI/CLI.hpp>

#include "base/format.h"

namespace plumb::cli {

namespace {

struct OptionWords {
  std::string name;  // "--format"
  bool takes_value = false;
  std::string choices;  // "table csv json", of an option that has a closed list
};

// "load copy query" and "--json --dry-run": what may follow the words in `path`.
struct Level {
  std::string path;  // "connections login"; empty at the top
  std::vector<std::string> words;
  std::vector<OptionWords> options;
};

// CLI11 tells a closed list in the type's name, "TEXT:{table,csv}", and not otherwise.
std::string choices_of(const CLI::Option& option) {
  auto type = option.get_type_name();
  auto open = type.find('{');
  auto close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  auto list = type.substr(open + 1, close - open - 1);
  std::replace(list.begin(), list.end(), ',', ' ');
  return list;
}

void collect(const CLI::App& app, const std::string& path, std::vector<Level>& levels) {
  Level level{path, {}, {}};
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      level.options.push_back({"--" + name, option->get_items_expected_max() > 0, choices_of(*option)});
    }
    if (option->get_positional() && option->get_lnames().empty()) {
      if (auto choices = choices_of(*option); !choices.empty()) level.words.push_back(choices);
    }
  }
  for (const auto* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
    level.words.push_back(command->get_name());
    collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), levels);
  }
  levels.push_back(std::move(level));
}

const Level& top_of(const std::vector<Level>& levels) {
  return levels.back();
}

std::string joined_options(const Level& level) {
  std::string text;
  for (const auto& option : level.options) text += (text.empty() ? "" : " ") + option.name;
  return text;
}

// After an option with a value: the list it takes, else a file.
std::string bash_value_cases(const std::vector<Level>& levels) {
  std::string cases;
  for (const auto& level : levels) {
    for (const auto& option : level.options) {
      if (!option.takes_value) continue;
      cases += format("    {}) values='{}' ;;\n", option.name, option.choices);
    }
  }
  return cases;
}

// In zsh `path` is the PATH, so no variable may be called so.
// clang-format off
constexpr std::string_view kBashHead = R"sh(# plumb's completion for bash:  source <(plumb completion bash)
_plumb_takes_value() {
  values=''
  case "$1" in
@VALUES@    *) return 1 ;;
  esac
}
_plumb() {
  local current="${COMP_WORDS[COMP_CWORD]}" seen='' words='' options='' values='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    if _plumb_takes_value "$word"; then
      ((++i == COMP_CWORD)) || continue
      if [[ -n "$values" ]]; then
        COMPREPLY=($(compgen -W "$values" -- "$current"))
      else
        COMPREPLY=($(compgen -f -- "$current"))
      fi
      return
    fi
    case "|@PATHS@|" in
      *"|${seen:+$seen }$word|"*) seen="${seen:+$seen }$word" ;;
    esac
  done
  case "$seen" in
@LEVELS@  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options @GLOBAL@" -- "$current"))
    return
  fi
  case "$seen" in
    load) words=$(for word in pipelines/*.yml; do [[ ! -e "$word" ]] || { word="${word##*/}"; echo "${word%.yml}"; }; done) ;;
    'connections test' | 'connections login' | 'connections logout')
      words=$("${COMP_WORDS[0]}" connections list 2>/dev/null | while read -r word _; do echo "$word"; done) ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ -n "$words" ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _plumb plumb
)sh";
// clang-format on

void fill_in(std::string& text, std::string_view mark, const std::string& with) {
  text.replace(text.find(mark), mark.size(), with);
}

std::string bash_script(const std::vector<Level>& levels) {
  std::string cases;
  std::string paths;
  for (const auto& level : levels) {
    cases += format("    '{}') words='{}'; options='{}' ;;\n", level.path, fmt::join(level.words, " "),
                    joined_options(level));
    if (!level.path.empty()) paths += (paths.empty() ? "" : "|") + level.path;
  }
  std::string script(kBashHead);
  fill_in(script, "@VALUES@", bash_value_cases(levels));
  fill_in(script, "@PATHS@", paths);
  fill_in(script, "@LEVELS@", cases);
  fill_in(script, "@GLOBAL@", joined_options(top_of(levels)));
  return script;
}

std::string zsh_script(const std::vector<Level>& levels) {
  return "#compdef plumb\n"
         "# plumb's completion for zsh:  source <(plumb completion zsh)\n"
         "(( $+functions[compdef] )) || { autoload -U +X compinit && compinit; }\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(levels);
}

// Fish asks each line's condition: whether the words so far, options and their values aside, are that command.
// clang-format off
constexpr std::string_view kFishHead = R"sh(# plumb's completion for fish:  plumb completion fish | source
function __plumb_at
  set -l seen
  set -l value no
  for word in (commandline -opc)[2..-1]
    if test $value = yes
      set value no
    else if contains -- $word @VALUED@
      set value yes
    else if contains -- (string trim "$seen $word") @PATHS@
      set seen (string trim "$seen $word")
    end
  end
  test "$seen" = "$argv"
end
complete -c plumb -f -n '__plumb_at load' -a '(string replace -r "^.*/(.*)\\.yml\$" "\$1" pipelines/*.yml)'
complete -c plumb -f -n '__plumb_at connections test; or __plumb_at connections login; or __plumb_at connections logout' -a '(plumb connections list 2>/dev/null | string replace -r " .*" "")'
)sh";
// clang-format on

std::string fish_script(const std::vector<Level>& levels) {
  std::string lines;
  std::string valued;
  std::string paths;
  for (const auto& level : levels) {
    if (!level.path.empty()) paths += format("{}'{}'", paths.empty() ? "" : " ", level.path);
    const auto condition = format("__plumb_at {}", level.path);
    for (const auto& word : level.words) lines += format("complete -c plumb -f -n '{}' -a '{}'\n", condition, word);
    // The top's options work everywhere.
    auto where = level.path.empty() ? std::string() : format(" -n '{}'", condition);
    for (const auto& option : level.options) {
      if (option.takes_value) valued += format("{}{}", valued.empty() ? "" : " ", option.name);
      lines += format("complete -c plumb{} -l '{}'{}", where, option.name.substr(2), option.takes_value ? " -r" : "");
      lines += option.choices.empty() ? "\n" : format(" -f -a '{}'\n", option.choices);
    }
  }
  std::string script(kFishHead);
  fill_in(script, "@VALUED@", valued);
  fill_in(script, "@PATHS@", paths);
  return script + lines;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Level> levels;
  collect(app, "", levels);
  if (shell == "fish") return fish_script(levels);
  return shell == "zsh" ? zsh_script(levels) : bash_script(levels);
}

}  // namespace plumb::cli
