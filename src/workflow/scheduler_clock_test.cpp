// Stories of clocks: somebody sets it, and daylight saving comes and goes, under a server at work.
#include <gtest/gtest.h>

#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "workflow/scheduler.h"
#include "workflow/store_place.h"

namespace plumb::workflow {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

Instant time_of(std::string_view text) {
  return find_instant(text).value();
}

class SchedulerClock : public ::testing::Test {
 protected:
  // A server at work from then on.
  void serve(const std::string& when, const std::string& workflow) {
    write_file(folder_.path() / "plumb.yml", "name: t\n");
    std::filesystem::create_directories(folder_.path() / "workflows");
    std::filesystem::create_directories(folder_.path() / ".plumb");
    write_file(folder_.path() / "workflows/w.yml", "workflow: w\n" + workflow);
    clock_.set(time_of(when));
    project_ = config::load_project(folder_.path(), config::Environment::of_process());
    store_.emplace(store_of(*project_), clock_);
    scheduler_.emplace(SchedulerOptions{.clock_look = milliseconds(5)}, *project_, *store_, clock_, Log());
    loop_ = std::jthread([this](std::stop_token stop) { scheduler_->run(stop); });
  }
  void TearDown() override {
    loop_ = {};
    scheduler_.reset();
  }

  // The logical dates of all runs, oldest first, once there are so many; and a little later, so that one too many
  // shows.
  std::string runs(std::size_t count) {
    for (int i = 0; i < 1000 && found().size() < count; ++i) std::this_thread::sleep_for(milliseconds(5));
    std::this_thread::sleep_for(milliseconds(30));
    std::string text;
    for (const store::RunRow& run : found()) {
      text += (text.empty() ? "" : " ") + format_instant(*run.logical_date).substr(8, 8);
    }
    return text;
  }
  std::vector<store::RunRow> found() { return store_->reader()->runs({}, {.limit = 100, .order_by = "id"}).rows; }

  TemporaryFolder folder_;
  TestClock clock_{Instant()};
  std::optional<config::Project> project_;
  std::optional<store::Store> store_;
  std::optional<Scheduler> scheduler_;
  std::jthread loop_;
};

TEST_F(SchedulerClock, SetForwardTheLatestRunIsMadeAndSetBackNoneIsMadeTwice) {
  serve("2026-11-21T06:30:00Z", "schedule: '@hourly'\ntimezone: UTC\ntasks: [{id: a, nothing: }]\n");
  clock_.set(time_of("2026-11-21T07:00:01Z"));
  EXPECT_EQ(runs(1), "21T07:00");
  clock_.set(time_of("2026-11-21T10:20:00Z"));
  EXPECT_EQ(runs(2), "21T07:00 21T10:00");
  clock_.set(time_of("2026-11-21T06:59:00Z"));
  EXPECT_EQ(runs(2), "21T07:00 21T10:00");
  clock_.set(time_of("2026-11-21T09:00:01Z"));
  EXPECT_EQ(runs(2), "21T07:00 21T10:00") << "they were made, by the time that it was then";
  clock_.set(time_of("2026-11-21T11:00:01Z"));
  EXPECT_EQ(runs(3), "21T07:00 21T10:00 21T11:00");
}

TEST_F(SchedulerClock, SetBackARetryComesAfterItsDelayAllTheSame) {
  serve("2026-11-21T06:30:00Z",
        "schedule: '@hourly'\ntimezone: UTC\ntasks: [{id: a, shell: exit 1, retries: 1, retry_delay: 10m}]\n");
  auto state = [&](run::TaskState wanted) {
    auto now = run::TaskState::None;
    for (int i = 0; i < 1000 && now != wanted; ++i) {
      std::this_thread::sleep_for(milliseconds(5));
      auto task = store_->reader()->find_task(1, "a", -1);
      if (task) now = task->state;
    }
    return run::to_string(now);
  };
  clock_.set(time_of("2026-11-21T07:00:01Z"));
  EXPECT_EQ(state(run::TaskState::UpForRetry), "up_for_retry");
  clock_.set(time_of("2026-11-21T05:00:00Z"));
  std::this_thread::sleep_for(milliseconds(50));
  clock_.advance(minutes(11));
  EXPECT_EQ(state(run::TaskState::Failed), "failed");
}

TEST_F(SchedulerClock, TheDayOfTwentyFiveHoursHasThatManyHourlyRuns) {
  serve("2026-10-24T21:30:00Z", "schedule: '30 * * * *'\ntimezone: Europe/Berlin\ntasks: [{id: a, nothing: }]\n");
  // From midnight to midnight, in local time.
  for (std::size_t hour = 1; hour <= 25; ++hour) {
    clock_.advance(hours(1));
    runs(hour);
  }
  EXPECT_EQ(found().size(), 25u);
}

TEST_F(SchedulerClock, AMorningComesOnceADayWhenClocksChange) {
  serve("2026-03-28T00:00:00Z", "schedule: '30 7 * * *'\ntimezone: Europe/Berlin\ntasks: [{id: a, nothing: }]\n");
  for (std::size_t day = 1; day <= 3; ++day) {
    clock_.advance(hours(24));
    runs(day);
  }
  EXPECT_EQ(runs(3), "28T06:30 29T05:30 30T05:30");
}

}  // namespace
}  // namespace plumb::workflow
