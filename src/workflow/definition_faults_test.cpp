// What is wrong with a workflow's file is told with line and column and what to do: a file of the user's in, a message
// out.
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/testing.h"
#include "workflow/definition.h"

namespace plumb::workflow {
namespace {

struct Fault {
  const char* name;
  std::string text;
  std::string message;  // each fault's first line and its hint
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

// The tasks of a workflow, in the third line and on.
std::string tasks(const std::string& text) {
  return "workflow: w\ntasks:\n" + text;
}

class FaultyFile : public testing::TestWithParam<Fault> {};

TEST_P(FaultyFile, IsToldWithItsPlaceAndWhatToDo) {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "workflows");
  std::ofstream(folder.path() / "plumb.yml") << "name: home\n"
                                                "connections: {files: {type: sqlite, path: data}}\n"
                                                "pools: {narrow: 2}\nalerts: {phone: {}}\n";
  std::ofstream(folder.path() / "workflows/w.yml") << GetParam().text;
  const auto project = config::load_project(folder.path(), config::Environment());
  std::string said;
  for (const Error& fault : load_definitions(project).faults) {
    ASSERT_TRUE(fault.find_place()) << fault.message();
    said += std::to_string(fault.find_place()->line) + ":" + std::to_string(fault.find_place()->column) + ": " +
            fault.message() + (fault.hint().empty() ? "" : " (" + fault.hint() + ")") + "\n";
  }
  EXPECT_EQ(said, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Files, FaultyFile,
    testing::Values(
        Fault{"list", "- a\n", "1:1: a workflow should be a map with at least `workflow` and `tasks`\n"},
        Fault{"nothing", "", "1:1: a workflow should be a map with at least `workflow` and `tasks`\n"},
        Fault{"no_tasks", "workflow: w\n",
              "1:1: missing key 'tasks' (What is done: a list, or a map of ids to tasks.)\n"},
        Fault{"empty_tasks", "workflow: w\ntasks: []\n", "2:8: a workflow needs at least one task\n"},
        Fault{"name", "workflow: ../w\ntasks: [{id: a, nothing: }]\n",
              "1:11: '../w' can't be a name (names are letters, digits, '_', '-' and '.', and begin with a letter, a "
              "digit or '_')\n"},
        Fault{"key", "workflow: w\ncron: '@daily'\ntasks: [{id: a, nothing: }]\n",
              "2:1: unknown key 'cron' (it is called 'schedule' here)\n"},
        Fault{"zone", "workflow: w\ntimezone: Europe/Berln\ntasks: [{id: a, nothing: }]\n",
              "2:11: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)\n"},
        Fault{"dates", "workflow: w\nstart_date: 2026-02-01\nend_date: 2026-01-01\ntasks: [{id: a, nothing: }]\n",
              "3:11: end_date lies before start_date\n"},
        Fault{"no_day", "workflow: w\nstart_date: 2026-02-30\ntasks: [{id: a, nothing: }]\n",
              "2:13: '2026-02-30' is no date (write 2026-11-21, or 2026-11-21T07:00:00+01:00)\n"},
        Fault{"param", "workflow: w\nschedule: '@daily'\nparams: {n: {type: integer}}\ntasks: [{id: a, nothing: }]\n",
              "3:13: the param 'n' has no default, but the workflow runs by a schedule (give it a `default`)\n"},
        Fault{"default", "workflow: w\nparams: {n: {type: integer, default: x}}\ntasks: [{id: a, nothing: }]\n",
              "2:38: the default of 'n': it should be of type integer, and is of type string\n"},
        Fault{"no_id", tasks("  - shell: ls\n"),
              "3:5: missing key 'id' (every task has a name: {id: bank, load: bank})\n"},
        Fault{"number_as_id", tasks("  - {id: 7, shell: ls}\n"),
              "3:10: expected a name, found a whole number (write it in quotes)\n"},
        Fault{"id_like_an_instance", tasks("  a.1: {shell: ls}\n"),
              "3:3: 'a.1' can't be a name (names are letters, digits, '_', '-' and '.')\n"},
        Fault{"twice", tasks("  - {id: a, shell: ls}\n  - {id: a, shell: ls}\n"),
              "4:10: there are two tasks 'a' (the first one stands in line 3)\n"},
        Fault{"no_kind", tasks("  - {id: a, after: []}\n"),
              "3:10: the task 'a' does not say what it does (give it load, build, sql, shell, python, http, wait, … "
              "or nothing)\n"},
        Fault{"two_kinds", tasks("  - {id: a, shell: ls, python: x.py}\n"),
              "3:24: a task does one thing: 'shell' or 'python' (make two tasks of it, the second one `after` the "
              "first)\n"},
        Fault{"misspelt", tasks("  - {id: a, shell: ls, retires: 1, needs: b}\n"),
              "3:24: unknown key 'retires' (did you mean 'retries'?)\n"
              "3:36: unknown key 'needs' (it is called 'after' here)\n"},
        Fault{"after", tasks("  - {id: a, shell: ls, after: [bnak, a]}\n  - {id: bank, shell: ls}\n"),
              "3:32: unknown task 'bnak' (did you mean 'bank'?)\n3:38: 'a' can't wait for itself\n"},
        Fault{"circle",
              tasks("  - {id: a, shell: ls, after: c}\n  - {id: b, shell: ls, after: a}\n"
                    "  - {id: c, shell: ls, after: b}\n"),
              "3:3: the tasks wait for each other in a circle: a -> b -> c -> a\n"},
        Fault{"rule", tasks("  - {id: a, shell: ls, trigger_rule: all_sucess}\n"),
              "3:38: unknown trigger rule 'all_sucess' (did you mean 'all_success'?)\n"},
        Fault{"teardown", tasks("  - {id: a, shell: ls}\n  - {id: b, shell: ls, after: a, teardown: a}\n"),
              "4:44: 'a' is no setup (give that task `setup: true`)\n"},
        Fault{"pool", tasks("  - {id: a, shell: ls, pool: narow}\n"),
              "3:30: unknown pool 'narow' (did you mean 'narrow'?)\n"},
        Fault{"slots", tasks("  - {id: a, shell: ls, pool: narrow, slots: 3}\n"),
              "3:45: the pool 'narrow' has 2 slots: the task would never run\n"},
        Fault{"duration", tasks("  - {id: a, shell: ls, timeout: 5 min}\n"),
              "3:33: '5 min' is no duration (write it like 90s, 15m, 1h30m or 2d)\n"},
        Fault{"retries", tasks("  - {id: a, shell: ls, retries: -1}\n"),
              "3:33: expected a whole number from 0 to 10000, found -1\n"},
        Fault{"jitter", tasks("  - {id: a, shell: ls, retry_jitter: 2}\n"), "3:38: expected a number from 0 to 1\n"},
        Fault{"pipeline", tasks("  - {id: a, load: bank}\n"),
              "3:19: unknown pipeline 'bank' (there is no such file in pipelines/)\n"},
        Fault{"connection", tasks("  - {id: a, sql: {connection: flies, statement: select 1}}\n"),
              "3:31: unknown connection 'flies' (did you mean 'files'?)\n"},
        Fault{"sql", tasks("  - {id: a, sql: {connection: files}}\n"), "3:18: it needs one of statement, file\n"},
        Fault{"wait", tasks("  - {id: a, wait: {file: x, time: 14:30}}\n"),
              "3:26: 'time' and 'file' exclude each other\n"},
        Fault{"http", tasks("  - {id: a, http: {method: FETCH}}\n"),
              "3:19: missing key 'url' (Where to.)\n3:28: unknown method 'FETCH' (did you mean 'PATCH'?)\n"},
        Fault{"workflow", tasks("  - {id: a, workflow: other}\n"),
              "3:23: unknown workflow 'other' (there is no such file in workflows/)\n"},
        Fault{"itself", tasks("  - {id: a, workflow: w}\n"),
              "3:23: the workflows start each other in a circle: w -> w\n"},
        Fault{"branch", tasks("  - {id: a, branch: \"'b'\"}\n"),
              "3:10: the branch 'a' has no tasks to choose from (write `after: [a]` at those that it chooses from)\n"},
        Fault{"map", tasks("  - {id: a, shell: ls, map: {over: [1], query: select 1}}\n"),
              "3:48: 'over' and 'query' exclude each other\n"},
        Fault{"alert", tasks("  - {id: a, shell: ls, on-failure: phne}\n"),
              "3:36: unknown alert 'phne' (did you mean 'phone'?)\n"},
        Fault{"template", tasks("  - {id: a, shell: \"echo {{ ds }\"}\n"), "3:32: unexpected '}'\n"},
        Fault{"filter", tasks("  - id: a\n    shell: |\n      set -e\n      echo {{ ds | uper }}\n"),
              "6:20: No filter named 'uper'.\n"},
        Fault{"expression", tasks("  - {id: a, shell: ls, when: params.n >}\n"),
              "3:41: unexpected 'end of print statement'\n"},
        Fault{
            "comment", tasks("  - id: a\n    shell: |\n      echo ${#list}\n"),
            "5:15: Missing end of comment tag (\"{#\" begins a comment of the template: write ${{ '{#' }}x} for bash's "
            "${#x})\n"},
        Fault{"yaml", "workflow: w\ntasks: [\n", "3:1: this is no YAML: did not find expected node content\n"},
        Fault{"all_at_once", tasks("  - {id: a, shell: [], after: x}\n  - {id: b, pool: y, shell: ls}\n"),
              "3:20: expected text or a map, found a list\n3:31: unknown task 'x' (did you mean 'a'?)\n"
              "4:19: unknown pool 'y' (add it under `pools:` in plumb.yml)\n"}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace plumb::workflow
