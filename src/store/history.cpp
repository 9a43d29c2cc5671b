// What is too old to keep, taken away in slices.

#include <algorithm>

#include "base/format.h"
#include "store/state.h"

namespace plumb::store {
namespace {

// Events are small: so many go with each task of a slice.
constexpr std::int64_t kEventsPerTask = 2;

}  // namespace

// Of the oldest rows, those before that time. Only as many are looked at as may go: ids rise with time.
std::int64_t Batch::State::remove_old_events(std::string_view table, std::string_view what, std::string_view counted,
                                             Instant before, std::int64_t limit) {
  std::string old = format("SELECT id FROM (SELECT id, at FROM {} ORDER BY id LIMIT ?) AS oldest WHERE at < ?", table);
  Values which = {limit, to_value(before)};
  auto gone = ask(format("SELECT {1}, count(*) FROM {0} WHERE id IN ({2}) GROUP BY {1}", table, counted, old), which);
  if (!gone) return 0;
  for (std::size_t row = 0; row < gone->rows(); ++row) {
    count(what, gone->column(0).text_at(row), "", -gone->column(1).int64_at(row));
  }
  return execute(format("DELETE FROM {} WHERE id IN ({})", table, old), which);
}

Store::Removed Store::remove_history(Instant before, std::int64_t tasks) {
  Removed removed;
  Batch batch = begin();
  batch.take_turn();  // another that removed the same would count it again
  // An expression keeps the index of states out of it: by that one all finished runs would be sorted for each slice.
  auto old = batch.state_->ask(
      "SELECT id, workflow, run_id FROM runs WHERE ended_at < ? AND state || '' IN ('success', 'failed') ORDER BY "
      "ended_at, id LIMIT ?",
      {to_value(before), tasks});
  std::int64_t gone = 0;
  const std::size_t found = old ? old->rows() : 0;
  for (std::size_t row = 0; row < found && gone < tasks; ++row) {
    gone += std::max<std::int64_t>(batch.remove_run(old->column(0).int64_at(row)), 1);
    removed.folders.push_back(format("{}/{}", old->column(1).text_at(row), old->column(2).text_at(row)));
  }
  const std::int64_t events = kEventsPerTask * tasks;
  auto of_assets = batch.state_->remove_old_events("asset_events", kAssetEventCount, "asset", before, events);
  auto of_people = batch.state_->remove_old_events("events", kEventCount, "workflow", before, events);
  batch.commit();
  removed.more = gone >= tasks || of_assets == events || of_people == events;
  return removed;
}

}  // namespace plumb::store
