// A project's store, and what people do to it: through the server that is at work there, or straight on the store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/context.h"
#include "store/store.h"
#include "workflow/workflow.h"

namespace plumb::cli {

class Platform {
 public:
  explicit Platform(Context& context);
  ~Platform();

  const config::Project& project() const { return project_; }
  store::Store& store() { return store_; }
  std::unique_ptr<store::Reader> reader() { return store_.reader(); }
  // Asks the server if one is at work here; else acts on the store itself.
  workflow::Operations& operations();
  // True when a server is at work in this folder.
  bool served() const;
  // A run by its id, or the newest for "latest" or nothing. Throws Error(NotFound).
  store::RunRow get_run(const std::string& workflow, const std::string& run_id);
  std::filesystem::path log_file(const store::AttemptRow& attempt) const;

 private:
  Context& context_;
  config::Project project_;
  store::Store store_;
  std::unique_ptr<workflow::Operations> operations_;
};

// {"--param a=1", …} as a dict: what reads as JSON is JSON, else text. Throws Error(Usage).
jinja::Value read_params(const std::vector<std::string>& params, const std::string& json = {});
// "2026-11-21" (midnight in the zone) or an instant. Throws Error(Usage) that names the option.
Instant read_instant(const std::string& option, const std::string& text, const Zone& zone);

}  // namespace plumb::cli
