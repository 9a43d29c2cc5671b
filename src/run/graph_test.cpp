// Stories of runs as text: "a; b after a; c after a b [one_success]" and what became of whom.
#include "run/graph.h"

#include <gtest/gtest.h>

#include <deque>
#include <sstream>

#include "base/error.h"

namespace plumb::run {
namespace {

GraphTask read_task(const std::string& text) {
  std::istringstream words(text);
  GraphTask task;
  std::vector<std::string>* list = nullptr;
  for (std::string word; words >> word;) {
    if (task.id.empty()) {
      task.id = word;
    } else if (word == "after") {
      list = &task.after;
    } else if (word == "cleans") {
      task.teardown = true;
      list = &task.teardown_of;
    } else if (word == "setup") {
      task.setup = true;
    } else if (word.front() == '[') {
      task.rule = find_trigger_rule(word.substr(1, word.size() - 2)).value();
    } else {
      list->push_back(word);
    }
  }
  return task;
}

std::shared_ptr<const Graph> graph_of(const std::string& text) {
  std::vector<GraphTask> tasks;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, ';');) tasks.push_back(read_task(line));
  return Graph::make(std::move(tasks));
}

// Plays a run in which every task ends at once: as `ends` says, else well. `maps` are the sizes of maps. The answer is
// every instance's state in the order of the tasks, by its first letters, and the run's.
std::string play(const std::string& text, const std::map<std::string, TaskState>& ends = {},
                 const std::map<std::string, std::size_t>& maps = {}) {
  auto graph = graph_of(text);
  Progress progress(graph);
  std::deque<Step> steps;
  auto add = [&](const std::vector<Step>& more) { steps.insert(steps.end(), more.begin(), more.end()); };
  add(progress.start());
  while (!steps.empty()) {
    Step step = steps.front();
    steps.pop_front();
    if (step.state != TaskState::Scheduled) continue;
    const std::string& id = graph->task(step.instance.task).id;
    if (auto map = maps.find(id); map != maps.end() && step.instance.map_index < 0) {
      add(progress.expand(step.instance.task, map->second));
      continue;
    }
    std::string name = step.instance.map_index < 0 ? id : id + "." + std::to_string(step.instance.map_index);
    auto end = ends.find(name);
    add(progress.finish(step.instance, end == ends.end() ? TaskState::Success : end->second));
  }
  std::string out;
  for (std::size_t task = 0; task < graph->size(); ++task) {
    out += graph->task(task).id + ":";
    bool mapped = maps.contains(graph->task(task).id) && progress.instances_of(task) > 0;
    for (std::size_t k = 0; k < progress.instances_of(task); ++k) {
      auto state = progress.state_of({task, mapped ? static_cast<int>(k) : -1});
      out += state == TaskState::UpstreamFailed ? 'u'
             : to_string(state)[0] == 's'       ? to_string(state)[1]
                                                : to_string(state)[0];
    }
    out += " ";
  }
  out += progress.finished() ? std::string(to_string(progress.outcome())) : "open";
  return out;
}

constexpr auto kFailed = TaskState::Failed;
constexpr auto kSkipped = TaskState::Skipped;

TEST(ProgressTest, ALineRunsToItsEnd) {
  EXPECT_EQ(play("a; b after a; c after b"), "a:u b:u c:u success");
}

TEST(ProgressTest, WhatComesAfterAFailureWillNotRun) {
  EXPECT_EQ(play("a; b after a; c after b; d", {{"a", kFailed}}), "a:f b:u c:u d:u failed");
}

TEST(ProgressTest, AFailureThatIsCaughtDoesNotDecideOnTheRun) {
  EXPECT_EQ(play("a; b after a [one_failed]", {{"a", kFailed}}), "a:f b:u success");
  EXPECT_EQ(play("a; b after a [all_done]", {{"a", kFailed}}), "a:f b:u success");
}

TEST(ProgressTest, ASkipGoesOnAsTheRulesSay) {
  EXPECT_EQ(play("a; b after a; c after b", {{"a", kSkipped}}), "a:k b:k c:k success");
  EXPECT_EQ(play("a; b; c after a b [none_failed_min_one_success]", {{"a", kSkipped}}), "a:k b:u c:u success");
  EXPECT_EQ(play("a; b; c after a b [none_failed_min_one_success]", {{"a", kSkipped}, {"b", kSkipped}}),
            "a:k b:k c:k success");
  EXPECT_EQ(play("a; b; c after a b [none_skipped]", {{"a", kSkipped}}), "a:k b:u c:k success");
}

// Every rule over every way in which two forerunners can end; the answers are what Airflow documents for them.
TEST(ProgressTest, EachRuleDecidesAsItsNameSays) {
  // Rows: both succeed, one fails, both fail, one is skipped, both are skipped, one fails and one is skipped.
  // R runs, s is skipped, x does not run because of a failure before it.
  const std::map<std::string, std::string> expected = {
      {"all_success", "Rxxssx"},  {"all_failed", "ssRsss"},  {"all_done", "RRRRRR"},
      {"all_skipped", "ssssRs"},  {"one_success", "RRxRsx"}, {"one_failed", "sRRssR"},
      {"one_done", "RRRRsR"},     {"none_failed", "RxxRRx"}, {"none_failed_min_one_success", "RxxRsx"},
      {"none_skipped", "RRRsss"}, {"always", "RRRRRR"},      {"all_done_min_one_success", "RRxRsx"},
  };
  for (std::string_view rule : trigger_rule_names()) {
    std::string answers;
    using Pair = std::pair<TaskState, TaskState>;
    constexpr auto well = TaskState::Success;
    for (auto [a, b] : {Pair{well, well},
                        {kFailed, well},
                        {kFailed, kFailed},
                        {kSkipped, well},
                        {kSkipped, kSkipped},
                        {kFailed, kSkipped}}) {
      auto graph = graph_of("a; b; c after a b [" + std::string(rule) + "]");
      Progress progress(graph);
      progress.start();
      progress.finish({0, -1}, a);
      progress.finish({1, -1}, b);
      auto state = progress.state_of({2, -1});
      answers += state == TaskState::Scheduled ? 'R' : state == kSkipped ? 's' : 'x';
    }
    EXPECT_EQ(answers, expected.at(std::string(rule))) << rule;
  }
}

TEST(ProgressTest, ATeardownRunsWhenItsSetupDidAndDecidesNothing) {
  const std::string text = "up setup; work after up; down cleans up after work";
  EXPECT_EQ(play(text, {{"work", kFailed}}), "up:u work:f down:u failed");
  EXPECT_EQ(play(text, {{"down", kFailed}}), "up:u work:u down:f success");
  EXPECT_EQ(play(text, {{"up", kFailed}}), "up:f work:u down:u failed");
  EXPECT_EQ(play(text, {{"up", kSkipped}}), "up:k work:k down:k success");
}

TEST(ProgressTest, AMapIsOneTaskToThoseThatWaitForIt) {
  EXPECT_EQ(play("list; each after list; sum after each", {}, {{"each", 3}}), "list:u each:uuu sum:u success");
  EXPECT_EQ(play("each; sum after each", {{"each.1", kFailed}}, {{"each", 3}}), "each:ufu sum:u failed");
  EXPECT_EQ(play("each; sum after each", {}, {{"each", 0}}), "each:k sum:k success");
  EXPECT_EQ(play("a; each after a; sum after each", {{"a", kFailed}}, {{"each", 3}}), "a:f each:u sum:u failed");
}

TEST(ProgressTest, ABranchSkipsWhatItDidNotChoose) {
  auto graph = graph_of("which; left after which; right after which; both after left right [none_failed]");
  Progress progress(graph);
  progress.start();
  std::vector<std::size_t> not_chosen = {2};
  auto steps = progress.finish({0, -1}, TaskState::Success, not_chosen);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0], (Step{{2, -1}, kSkipped}));
  EXPECT_EQ(steps[1], (Step{{1, -1}, TaskState::Scheduled}));
  steps = progress.finish({1, -1}, TaskState::Success);
  EXPECT_EQ(steps, (std::vector<Step>{{{3, -1}, TaskState::Scheduled}}));
}

TEST(ProgressTest, GoesOnWhereAnEarlierLifeStopped) {
  auto graph = graph_of("a; each after a; sum after each");
  Progress progress(graph);
  progress.expand(1, 3);
  progress.restore({0, -1}, TaskState::Success);
  progress.restore({1, 0}, TaskState::Success);
  progress.restore({1, 1}, TaskState::Running);
  auto steps = progress.start();
  EXPECT_EQ(steps, (std::vector<Step>{{{1, 2}, TaskState::Scheduled}}));
  EXPECT_TRUE(progress.finish({1, 1}, TaskState::Success).empty());
  steps = progress.finish({1, 2}, TaskState::Success);
  EXPECT_EQ(steps, (std::vector<Step>{{{2, -1}, TaskState::Scheduled}}));
}

TEST(ProgressTest, AnEndThatIsToldTwiceCountsOnce) {
  auto graph = graph_of("a; b after a");
  Progress progress(graph);
  progress.start();
  progress.finish({0, -1}, TaskState::Success);
  EXPECT_TRUE(progress.finish({0, -1}, TaskState::Failed).empty());
  EXPECT_FALSE(progress.finished());
}

TEST(GraphTest, RefusesWhatIsNoGraph) {
  auto message = [](const std::string& text) {
    try {
      graph_of(text);
      return std::string("fine");
    } catch (const Error& error) {
      return error.message() + (error.hint().empty() ? "" : " (" + error.hint() + ")");
    }
  };
  EXPECT_EQ(message("a; a"), "there are two tasks 'a'");
  EXPECT_EQ(message("extract; load after extrat"),
            "'load' comes after 'extrat', which is no task (did you mean 'extract'?)");
  EXPECT_EQ(message("z; a after z c; b after a; c after b"),
            "the tasks wait for each other in a circle: a -> b -> c -> a");
  EXPECT_EQ(message("a after a"), "the tasks wait for each other in a circle: a -> a");
}

TEST(GraphTest, KnowsWhatLiesBeforeAndAfter) {
  auto graph = graph_of("a; b after a; c after b; d");
  EXPECT_EQ(graph->all_after({0}), (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(graph->all_before({2}), (std::vector<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace plumb::run
