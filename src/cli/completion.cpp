#include "cli/completion.h"

#include <CLI/CLI.hpp>

#include "base/format.h"

namespace plumb::cli {

namespace {

// "load copy query" and "--json --dry-run": what may follow the words in `path`.
struct Level {
  std::string path;  // "connections login"; empty at the top
  std::vector<std::string> words;
  std::vector<std::string> options;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Level>& levels) {
  Level level{path, {}, {}};
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) level.options.push_back("--" + name);
  }
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    level.words.push_back(command->get_name());
    collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), levels);
  }
  levels.push_back(std::move(level));
}

std::string bash_script(const std::vector<Level>& levels) {
  std::string cases;
  for (const auto& level : levels) {
    cases += format("    '{}') words='{}'; options='{}' ;;\n", level.path, fmt::join(level.words, " "),
                    fmt::join(level.options, " "));
  }
  return R"bash(# plumb's completion for bash:  source <(plumb completion bash)
_plumb() {
  local current="${COMP_WORDS[COMP_CWORD]}" path="" words="" options="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    [[ "$word" == -* ]] || path="${path:+$path }$word"
  done
  case "$path" in
)bash" + cases +
         R"bash(    *) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options --project-dir --json --dry-run --verbose --help" -- "$current"))
  elif [[ "$path" == load ]]; then
    COMPREPLY=($(compgen -W "$(for f in pipelines/*.yml; do [[ -e $f ]] && basename "$f" .yml; done)" -- "$current"))
  elif [[ -n "$words" ]];
  then COMPREPLY = ($(compgen - W "$words" --"$current")) else COMPREPLY = ($(compgen - f-- "$current")) fi
}
}
complete -o filenames -F _plumb plumb
)bash";
}

std::string zsh_script(const std::vector<Level>& levels) {
  return "#compdef plumb\n# plumb's completion for zsh:  source <(plumb completion zsh)\nautoload -U +X bashcompinit "
         "&& "
         "bashcompinit\n" +
         bash_script(levels);
}

std::string fish_script(const std::vector<Level>& levels) {
  std::string out = "# plumb's completion for fish:  plumb completion fish | source\n";
  for (const auto& level : levels) {
    auto condition = level.path.empty()
                         ? std::string("__fish_use_subcommand")
                         : format("__fish_seen_subcommand_from {}", level.path.substr(level.path.rfind(' ') + 1));
    for (const auto& word : level.words) out += format("complete -c plumb -f -n '{}' -a '{}'\n", condition, word);
    for (const auto& option : level.options)
      out += format("complete -c plumb -n '{}' -l '{}'\n", condition, option.substr(2));
  }
  return out;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Level> levels;
  collect(app, "", levels);
  if (shell == "fish") return fish_script(levels);
  return shell == "zsh" ? zsh_script(levels) : bash_script(levels);
}

}  // namespace plumb::cli
