#include "cli/session_guard.h"

#include "base/process.h"
#include "engine/engine.h"

namespace plumb::cli {

namespace {

class ProcessGuard final : public ingest::SessionGuard {
 public:
  explicit ProcessGuard(const Command& command) : process_(command) {}
  // It is waited for, so that what it stores can't come after what we store.
  ~ProcessGuard() override { process_.wait(); }
  void hand_over(const Secret& text) override {
    process_.write(text.reveal() + "\n");
    process_.wait();
  }

 private:
  ChildProcess process_;
};

}  // namespace

std::unique_ptr<ingest::SessionGuard> start_session_guard(const std::filesystem::path& project_folder,
                                                          const std::string& connection,
                                                          const config::Environment& environment) {
  Command command{
      .arguments = {engine::own_program(), "--project-dir", project_folder.string(), "connections", "keep", connection},
      .open_input = true};
  command.environment.emplace(environment.all().begin(), environment.all().end());
  // It outlives an engine or an attempt that is killed: so it does not carry their marks, by which the rest is found.
  std::erase_if(*command.environment, [](const auto& variable) {
    return variable.first == engine::kMarkVariable || variable.first == "PLUMB_ATTEMPT";
  });
  try {
    return std::make_unique<ProcessGuard>(command);
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace plumb::cli
