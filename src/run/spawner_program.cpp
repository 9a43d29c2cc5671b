#include "run/spawner_program.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/format.h"
#include "run/spawner_marks.h"

namespace plumb::run {
namespace {

constexpr int kNotRunnable = 126, kNotFound = 127;
constexpr std::string_view kUsualPath = "/usr/local/bin:/usr/bin:/bin";

enum class Step { Folder, Program };

struct Image {
  std::string program;  // a path
  std::vector<char*> arguments;
  std::vector<char*> script_arguments;  // for a text without "#!": a shell, and the text's path
  std::vector<char*> environment;
  const char* folder = nullptr;
  std::array<int, 3> streams{};
  std::uint64_t mark = 0;
  pid_t spawner = 0;
  // What comes back.
  volatile int error = 0;
  volatile Step step = Step::Program;
};

// In the new process: nothing but system calls.
[[noreturn]] void become(Image& image) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != image.spawner) ::_exit(kNotFound);  // it died before we asked
  set_mark(image.mark);
  for (int signal : kIgnoredSignals) ::signal(signal, SIG_DFL);
  image.step = Step::Folder;
  if (image.folder == nullptr || ::chdir(image.folder) == 0) {
    image.step = Step::Program;
    for (int i = 0; i < 3; ++i) ::dup2(image.streams[static_cast<std::size_t>(i)], i);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(image.program.c_str(), image.arguments.data(), image.environment.data());
    if (errno == ENOEXEC)
      ::execve(image.script_arguments.front(), image.script_arguments.data(), image.environment.data());
  }
  image.error = errno;
  ::_exit(kNotFound);
}

// Signals wait meanwhile: a handler of ours must not run in the new process.
pid_t fork_and_become(Image& image) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  pid_t pid = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  if (pid == 0) become(image);
  int code = errno;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = code;
  return pid;
}

// As execvp does, but in the PATH that the program will have.
std::string find_program(const std::string& name, std::string_view path) {
  if (name.find('/') != std::string::npos) return name;
  while (!path.empty()) {
    std::size_t end = std::min(path.find(':'), path.size());
    std::string candidate = format("{}/{}", path.substr(0, end), name);
    if (candidate.front() == '/' && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return {};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

std::string describe(const Launch& launch, const Image& image) {
  std::string reason = std::generic_category().message(image.error);
  if (image.step == Step::Folder) return format("can't run in the folder '{}': {}", launch.folder.string(), reason);
  if (image.error == ENOENT) return format("there is no program '{}'", launch.arguments.front());
  return format("can't run '{}': {}", launch.arguments.front(), reason);
}

}  // namespace

ProgramStart start_program(const Launch& launch, std::string_view marker, std::uint64_t mark,
                           const std::array<int, 3>& streams) {
  if (launch.arguments.empty() || launch.arguments.front().empty())
    return {.exit_code = kNotFound, .problem = "there is no program to run"};
  std::vector<std::string> arguments = launch.arguments, variables;
  std::string_view path = kUsualPath;
  for (const auto& [name, value] : launch.environment) {
    if (name == "PATH") path = value;
    if (name != "PLUMB_ATTEMPT") variables.push_back(format("{}={}", name, value));
  }
  variables.push_back(format("PLUMB_ATTEMPT={}:{}", marker, launch.id));
  if (std::any_of(arguments.begin(), arguments.end(), has_nul) ||
      std::any_of(variables.begin(), variables.end(), has_nul))
    return {.exit_code = kNotRunnable, .problem = "a program can't be given a text with a NUL"};

  Image image;
  image.program = find_program(arguments.front(), path);
  if (image.program.empty())
    return {.exit_code = kNotFound, .problem = format("there is no program '{}'", arguments.front())};
  image.arguments = pointers_to(arguments);
  std::string shell = "/bin/sh";
  image.script_arguments = image.arguments;
  image.script_arguments.front() = image.program.data();
  image.script_arguments.insert(image.script_arguments.begin(), shell.data());
  image.environment = pointers_to(variables);
  if (!launch.folder.empty()) image.folder = launch.folder.c_str();
  image.streams = streams;
  image.mark = mark;
  image.spawner = ::getpid();

  pid_t pid = fork_and_become(image);
  if (pid < 0)
    return {.exit_code = kNotRunnable,
            .problem = format("can't start a process: {}", std::generic_category().message(errno))};
  if (image.error == 0) return {.pid = pid};
  return {.pid = pid,
          .exit_code = image.error == ENOENT && image.step == Step::Program ? kNotFound : kNotRunnable,
          .problem = describe(launch, image)};
}

}  // namespace plumb::run
