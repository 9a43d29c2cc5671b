// A container, by the command line of docker or podman.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/crypto.h"
#include "base/format.h"
#include "base/process.h"
#include "workflow/tasks/kinds.h"

namespace plumb::workflow {
namespace {

constexpr int kSkipped = 99;
constexpr int kEngineFailed = 125, kNotRunnable = 126, kNoCommand = 127;
constexpr const char* kValuesThere = "/plumb/values";
// From SIGTERM to SIGKILL in the container; less than what a scheduler gives us.
constexpr const char* kGraceSeconds = "3";

// In the PATH that the task has; empty when it is not there.
std::string find_program(const std::string& program, std::string_view path) {
  while (!path.empty()) {
    std::size_t end = std::min(path.find(':'), path.size());
    std::string file = format("{}/{}", path.substr(0, end), program);
    if (::access(file.c_str(), X_OK) == 0) return file;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return {};
}

std::string choose_engine(Node settings, const TaskWorld& world) {
  std::string path = world.environment.find("PATH").value_or("");
  std::vector<std::string> programs = texts_of(settings.find("engine"));
  if (programs.empty()) programs = {"docker", "podman"};
  for (const std::string& program : programs) {
    if (std::string file = find_program(program, path); !file.empty()) return file;
  }
  throw Error(ErrorKind::Config, format("there is no {} here", fmt::join(programs, " and no ")),
              {.hint = "install it, or set PATH"});
}

// A text is split at blanks, as in a compose file; quotes keep words together.
std::vector<std::string> words_of(Node command) {
  if (command.kind() == NodeKind::List || command.null()) return texts_of(command);
  std::vector<std::string> words;
  bool open = false;
  char quote = 0;
  std::string word;
  for (char c : std::string(command.scalar())) {
    if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? '\0' : c;
      open = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != 0) throw Error(ErrorKind::Config, "a quote in the container's command is not closed");
  if (open) words.push_back(word);
  return words;
}

// The attempt's own, as docker allows it in names.
std::string name_of(const TaskWorld& world) {
  std::string name = "plumb-";
  for (const char* part : {"PLUMB_WORKFLOW", "PLUMB_TASK_ID"}) {
    for (char c : world.environment.find(part).value_or("").substr(0, 40))
      name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
    name += '-';
  }
  return name + random_hex(6);
}

struct Plan {
  std::string engine, name;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // of the engine's program
};

// Variables travel in the program's environment, and only their names in its arguments, which anybody may list.
void add_variables(Plan& plan, Node settings, const TaskWorld& world) {
  auto pass = [&](const std::string& name) { plan.arguments.insert(plan.arguments.end(), {"--env", name}); };
  for (const auto& [name, value] : world.environment.all()) plan.environment.emplace_back(name, value);
  for (const char* name : kToldVariables) {
    if (world.environment.find(name)) pass(name);
  }
  Node own = settings.find("env");
  for (std::size_t i = 0; i < own.size(); ++i) {
    std::string name(own.key_at(i));
    std::erase_if(plan.environment, [&](const auto& pair) { return pair.first == name; });
    plan.environment.emplace_back(name, own.at(i).scalar());
    pass(name);
  }
  if (auto values = world.environment.find("PLUMB_VALUES")) {
    std::ofstream(*values, std::ios::app).flush();  // a file that is not there would become a folder
    plan.arguments.insert(plan.arguments.end(),
                          {"--volume", *values + ":" + kValuesThere, "--env", format("PLUMB_VALUES={}", kValuesThere)});
  }
}

Plan make_plan(Node settings, const TaskWorld& world) {
  Plan plan{.engine = choose_engine(settings, world), .name = name_of(world), .arguments = {}, .environment = {}};
  std::vector<std::string>& arguments = plan.arguments;
  arguments = {plan.engine, "run", "--rm", "--init", "--name", plan.name};
  constexpr std::array<std::pair<const char*, const char*>, 8> kOptions = {{{"entrypoint", "--entrypoint"},
                                                                            {"network", "--network"},
                                                                            {"user", "--user"},
                                                                            {"workdir", "--workdir"},
                                                                            {"pull", "--pull"},
                                                                            {"memory", "--memory"},
                                                                            {"cpus", "--cpus"},
                                                                            {"platform", "--platform"}}};
  for (const auto& [key, option] : kOptions) {
    std::string value(settings.find(key).scalar());
    if (!value.empty()) arguments.insert(arguments.end(), {option, value});
  }
  for (const std::string& volume : texts_of(settings.find("volumes")))
    arguments.insert(arguments.end(), {"--volume", volume});
  add_variables(plan, settings, world);
  for (const std::string& option : texts_of(settings.find("options"))) arguments.push_back(option);
  arguments.push_back(needed_text(setting(settings, "image", "image"), "image"));
  for (std::string& word : words_of(settings.find("command"))) arguments.push_back(std::move(word));
  return plan;
}

TaskResult result_of(int code, const TaskWorld& world) {
  TaskResult result;
  result.values["exit_code"] = std::to_string(code);
  if (code == 0) return result;
  result.end = code == kSkipped ? TaskEnd::Skipped : TaskEnd::Failed;
  if (code == kNotRunnable || code == kNoCommand) result.end = TaskEnd::Terminal;
  world.errors(code == kEngineFailed ? std::string("the container could not be started\n")
                                     : format("the container ended with exit code {}\n", code));
  return result;
}

}  // namespace

TaskResult do_container(Node settings, const TaskWorld& world) {
  Plan plan = make_plan(settings, world);
  ChildProcess engine({.arguments = plan.arguments, .environment = plan.environment});
  int code = 0;
  {
    // The program that we started is not the container's parent: the engine has to be asked to end it.
    std::stop_callback end(world.stop, [&] {
      run_command({.arguments = {plan.engine, "stop", "--time", kGraceSeconds, plan.name},
                   .environment = plan.environment,
                   .timeout = std::chrono::seconds(10)});
    });
    code = engine.wait();
  }
  if (world.stop.stop_requested()) throw Error(ErrorKind::Cancelled, "the container was stopped");
  return result_of(code, world);
}

}  // namespace plumb::workflow
