// What is too old to keep, taken away in slices.

#include "base/format.h"
#include "store/state.h"

namespace plumb::store {
namespace {

// Events are small: so many go with each run of a slice.
constexpr std::int64_t kEventsPerRun = 20;

}  // namespace

// Of the oldest rows, those before that time. Only as many are looked at as may go: ids rise with time.
void Batch::State::remove_old_events(std::string_view table, std::string_view what, std::string_view counted,
                                     Instant before, std::int64_t limit) {
  std::string old = format("SELECT id FROM (SELECT id, at FROM {} ORDER BY id LIMIT ?) AS oldest WHERE at < ?", table);
  Values which = {limit, to_value(before)};
  auto gone = ask(format("SELECT {1}, count(*) FROM {0} WHERE id IN ({2}) GROUP BY {1}", table, counted, old), which);
  if (!gone) return;
  for (std::size_t row = 0; row < gone->rows(); ++row) {
    count(what, gone->column(0).text_at(row), "", -gone->column(1).int64_at(row));
  }
  execute(format("DELETE FROM {} WHERE id IN ({})", table, old), which);
}

std::vector<std::string> Store::remove_history(Instant before, int limit) {
  std::vector<std::string> folders;
  Batch batch = begin();
  auto old = batch.state_->ask(
      "SELECT id, workflow, run_id FROM runs WHERE ended_at < ? AND state IN ('success', 'failed') ORDER BY ended_at, "
      "id LIMIT ?",
      {to_value(before), to_value(limit)});
  for (std::size_t row = 0; old && row < old->rows(); ++row) {
    batch.remove_run(old->column(0).int64_at(row));
    folders.push_back(format("{}/{}", old->column(1).text_at(row), old->column(2).text_at(row)));
  }
  std::int64_t events = kEventsPerRun * limit;
  batch.state_->remove_old_events("asset_events", kAssetEventCount, "asset", before, events);
  batch.state_->remove_old_events("events", kEventCount, "workflow", before, events);
  batch.commit();
  return folders;
}

}  // namespace plumb::store
