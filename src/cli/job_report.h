// What a command did, for those who act upon it: which tables have new rows, what a run of the project came to. The
// engine hands it to the scheduler, as JSON:
//
//     {"loads": [{"pipeline": "bank", "load_id": …, "resources": [{"resource", "destination", "table", "rows_read",
//      "rows_written", "columns_added"}…]}…],
//      "nodes": [{"unique_id", "resource_type", "relation", "status", "rows_affected", "failures", "message",
//      "seconds"}…]}
//
// A list that would be empty is left out, and so is a field without a value.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace plumb::cli {

// To be used from any thread.
class JobReport {
 public:
  // One object, as JSON.
  void add_load(std::string_view json);
  void add_node(std::string_view json);
  // Another's, in place of what is there: of a command that was carried out elsewhere.
  void take(std::string json);
  // Empty when nothing was added.
  std::string json() const;

 private:
  mutable std::mutex mutex_;
  std::string loads_, nodes_;  // with commas between
  std::string taken_;
};

}  // namespace plumb::cli
