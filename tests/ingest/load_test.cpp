// Loads, told with a source that says what it is told: write modes, growing tables, cursors, several destinations.

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "base/testing.h"
#include "ingest/ingest.h"
#include "support/postgres_server.h"

namespace plumb::ingest {
namespace {

// Rows as NDJSON, and what the source does besides.
struct Script {
  std::vector<std::string> batches;  // each an NDJSON text
  std::vector<std::string> parts;    // announced before the batch of the same index, if not empty
  std::string failure;               // thrown after the batches
  std::function<void()> before_end = {};
};

class ScriptedSource : public Source {
 public:
  ScriptedSource(Script& script, std::vector<std::optional<std::string>>& cursors,
                 std::vector<std::map<std::string, std::string>>& part_cursors, std::filesystem::path folder)
      : script_(script), cursors_(cursors), part_cursors_(part_cursors), folder_(std::move(folder)) {}
  void open() override {}
  void read(const ReadRequest& request, Sink& sink) override {
    cursors_.push_back(request.cursor);
    part_cursors_.push_back(request.part_cursors);
    for (std::size_t i = 0; i < std::max(script_.batches.size(), script_.parts.size()); ++i) {
      if (i < script_.parts.size() && !script_.parts[i].empty()) sink.replace_part({script_.parts[i]});
      if (i >= script_.batches.size() || script_.batches[i].empty()) continue;
      auto file = folder_ / "rows.ndjson";
      std::ofstream(file) << script_.batches[i];
      open_row_file(file)->read([&](data::Batch batch) { sink.write(std::move(batch)); }, {});
    }
    if (script_.before_end) script_.before_end();
    if (!script_.failure.empty()) throw Error(ErrorKind::Service, script_.failure);
  }

 private:
  Script& script_;
  std::vector<std::optional<std::string>>& cursors_;
  std::vector<std::map<std::string, std::string>>& part_cursors_;
  std::filesystem::path folder_;
};

class Loads : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    write("plumb.yml",
          "name: test\nconnections:\n  src: {type: scripted}\n  files: {type: sqlite, path: data}\n"
          "  lake: {type: duckdb, path: lake.duckdb}\n" +
              landing());
    connector_.type = "scripted";
    connector_.resources = {{.name = "items"}};
    connector_.standard = {"items"};
    connector_.make = [this](const config::Project&, const config::Connection&, const Node&, Services) {
      return std::make_unique<ScriptedSource>(script_, cursors_, part_cursors_, folder_.path());
    };
  }
  std::string destination() const { return GetParam(); }
  // The Postgres connection, for the stories that are told of it: a database of their own.
  std::string landing() {
    if (destination() != "landing") return "";
    auto& server = test_support::PostgresServer::shared();
    return "  landing: {type: postgres, host: \"" + server.host() + "\", port: \"" + server.port() +
           "\", dbname: " + server.create_database() + ", user: " + server.user() + "}\n";
  }

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }
  // `resource` is what stands under `items:` in the pipeline.
  void pipeline(const std::string& resource, const std::string& destinations = "") {
    write("pipelines/p.yml",
          "pipeline: p\nsource: src\ndestination: " + (destinations.empty() ? destination() : destinations) +
              "\ndataset: raw\nresources:\n  items: " + resource + "\n");
  }
  LoadReport run(std::vector<std::string> batches) {
    script_.batches = std::move(batches);
    return run();
  }
  LoadReport run() {
    auto project = config::load_project(folder_.path(), config::Environment(std::map<std::string, std::string>{}));
    auto connectors = std::vector{connector_};
    clock_.advance(std::chrono::hours(1));
    return load(load_pipeline(project, "p", connectors), connectors,
                {.project = project, .services = {.clock = clock_, .zone = Zone(), .stop = stop_.get_token()}});
  }
  // Rows of a query as text: cells joined by '|', null as NULL, rows by '\n'.
  std::string ask(const std::string& sql, const std::string& name = "") {
    auto project = config::load_project(folder_.path(), config::Environment(std::map<std::string, std::string>{}));
    auto config = config::database_config(project, project.get_connection(name.empty() ? destination() : name), "raw");
    auto connection = db::open(config)->connect();
    auto rows = connection->query(sql);
    std::string out;
    while (auto batch = rows->next()) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        if (!out.empty()) out += "\n";
        for (std::size_t i = 0; i < batch->columns(); ++i) {
          if (i > 0) out += "|";
          if (batch->column(i).null_at(row)) {
            out += "NULL";
          } else {
            data::append_text(batch->column(i), row, out);
          }
        }
      }
    }
    return out;
  }
  std::string table(const std::string& name) const { return destination() == "files" ? name : "raw." + name; }

  TemporaryFolder folder_;
  Connector connector_;
  Script script_;
  std::vector<std::optional<std::string>> cursors_;
  std::vector<std::map<std::string, std::string>> part_cursors_;
  TestClock clock_{*find_instant("2026-11-20T07:00:00Z")};
  std::stop_source stop_;
};

TEST_P(Loads, AppendAddsRows) {
  pipeline("{write: append}");
  run({"{\"id\":1}\n"});
  auto report = run({"{\"id\":1}\n", "{\"id\":2}\n"});
  EXPECT_EQ(report.resources.at(0).rows_written, 2);
  EXPECT_EQ(ask("SELECT id FROM " + table("items") + " ORDER BY id"), "1\n1\n2");
}

TEST_P(Loads, ReplaceLeavesJustThisLoadsRows) {
  pipeline("{write: replace}");
  run({"{\"id\":1}\n{\"id\":2}\n"});
  run({"{\"id\":3}\n"});
  EXPECT_EQ(ask("SELECT id FROM " + table("items")), "3");
  run({});
  EXPECT_EQ(ask("SELECT count(*) FROM " + table("items")), "0");
}

TEST_P(Loads, MergeReplacesRowsOfEqualKeyAndTheLastOneWins) {
  pipeline("{write: merge, primary_key: [id, day]}");
  run({"{\"id\":1,\"day\":\"2026-01-01\",\"v\":\"a\"}\n{\"id\":2,\"day\":\"2026-01-01\",\"v\":\"b\"}\n"});
  auto report = run({"{\"id\":2,\"day\":\"2026-01-01\",\"v\":\"c\"}\n{\"id\":2,\"day\":\"2026-01-01\",\"v\":\"d\"}\n",
                     "{\"id\":3,\"day\":\"2026-01-01\",\"v\":\"e\"}\n"});
  EXPECT_EQ(report.resources.at(0).rows_written, 2);
  EXPECT_EQ(ask("SELECT id, v FROM " + table("items") + " ORDER BY id"), "1|a\n2|d\n3|e");
}

TEST_P(Loads, InsertLeavesKnownRowsAlone) {
  pipeline("{write: insert, primary_key: id}");
  run({"{\"id\":1,\"v\":\"a\"}\n"});
  auto report = run({"{\"id\":1,\"v\":\"changed\"}\n{\"id\":2,\"v\":\"b\"}\n"});
  EXPECT_EQ(report.resources.at(0).rows_written, 1);
  EXPECT_EQ(ask("SELECT id, v FROM " + table("items") + " ORDER BY id"), "1|a\n2|b");
}

TEST_P(Loads, AScopedReplaceTouchesOnlyTheAnnouncedPartsEvenEmptyOnes) {
  connector_.resources[0].write = WriteMode::Replace;
  connector_.resources[0].scope = {"account"};
  pipeline("{}");
  script_.parts = {"A", "B"};
  run({"{\"account\":\"A\",\"v\":1}\n", "{\"account\":\"B\",\"v\":2}\n"});
  script_.parts = {"A"};
  run({""});
  EXPECT_EQ(ask("SELECT account, v FROM " + table("items")), "B|2");
}

TEST_P(Loads, ColumnsAreAddedWhenTheSourceGrows) {
  pipeline("{write: append}");
  run({"{\"id\":1}\n"});
  auto report = run({"{\"id\":2}\n", "{\"id\":3,\"note\":\"new\"}\n"});
  EXPECT_EQ(report.resources.at(0).columns_added, 1);
  EXPECT_EQ(ask("SELECT id, note FROM " + table("items") + " ORDER BY id"), "1|NULL\n2|NULL\n3|new");
}

TEST_P(Loads, AValueThatDoesNotFitWidensItsColumn) {
  pipeline("{write: append}");
  run({"{\"v\":1}\n"});
  run({"{\"v\":123456789012345678901}\n"});
  EXPECT_EQ(ask("SELECT v FROM " + table("items") + " ORDER BY _plumb_load_id"), "1\n123456789012345678901");
  run({"{\"v\":\"x\"}\n"});
  EXPECT_EQ(ask("SELECT v FROM " + table("items") + " ORDER BY _plumb_load_id"), "1\n123456789012345678901\nx");
}

TEST_P(Loads, MergingWidensAndGrowsToo) {
  pipeline("{write: merge, primary_key: id}");
  run({"{\"id\":1,\"v\":1}\n"});
  run({"{\"id\":1,\"v\":\"one\",\"w\":true}\n"});
  EXPECT_EQ(ask("SELECT id, v, w FROM " + table("items")), "1|one|true");
}

TEST_P(Loads, NestedValuesArrive) {
  pipeline("{write: append}");
  run({"{\"id\":1,\"who\":{\"name\":\"A\",\"tags\":[\"x\",\"y\"]}}\n"});
  // Postgres keeps JSON as JSONB, which writes blanks of its own.
  auto got = ask("SELECT who FROM " + table("items"));
  std::erase(got, ' ');
  EXPECT_EQ(got, "{\"name\":\"A\",\"tags\":[\"x\",\"y\"]}");
}

TEST_P(Loads, HintedColumnsAreExact) {
  pipeline("{write: append, columns: {amount: \"decimal(18,2)\", day: date}}");
  run({"{\"amount\":0.1,\"day\":\"2026-01-31\"}\n{\"amount\":0.2,\"day\":null}\n"});
  EXPECT_EQ(ask("SELECT amount, day FROM " + table("items") + " ORDER BY amount"), "0.10|2026-01-31\n0.20|NULL");
}

TEST_P(Loads, EighteenDigitAmountsSurvive) {
  pipeline("{write: merge, primary_key: id, columns: {amount: \"decimal(20,2)\"}}");
  run({"{\"id\":1,\"amount\":\"123456789012345678.91\"}\n{\"id\":2,\"amount\":\"-0.01\"}\n"});
  EXPECT_EQ(ask("SELECT amount FROM " + table("items") + " ORDER BY id"), "123456789012345678.91\n-0.01");
}

TEST_P(Loads, TheCursorIsTheGreatestValueAndLagsOnRequest) {
  pipeline("{write: merge, primary_key: id, cursor: {field: at, lag: 3h}}");
  run({"{\"id\":1,\"at\":\"2026-11-20T06:00:00Z\"}\n{\"id\":2,\"at\":\"2026-11-20T05:00:00Z\"}\n"});
  run({"{\"id\":3,\"at\":\"2026-11-20T04:00:00Z\"}\n"});
  run({});
  ASSERT_EQ(cursors_.size(), 3u);
  EXPECT_FALSE(cursors_[0]);
  EXPECT_EQ(*find_instant(*cursors_[1]), *find_instant("2026-11-20T03:00:00Z"));
  EXPECT_EQ(cursors_[2], cursors_[1]);  // an older row does not move it back
}

TEST_P(Loads, PartsHaveCursorsOfTheirOwn) {
  connector_.resources[0].cursor_by = "who";
  pipeline("{write: append, cursor: n}");
  run({"{\"who\":\"a\",\"n\":5}\n{\"who\":\"a\",\"n\":4}\n"});
  run({"{\"who\":\"b\",\"n\":2}\n{\"who\":\"a\",\"n\":3}\n"});
  run({});
  using Parts = std::map<std::string, std::string>;
  EXPECT_EQ(part_cursors_, (std::vector<Parts>{{}, {{"a", "5"}}, {{"a", "5"}, {"b", "2"}}}));
  EXPECT_EQ(ask("SELECT resource, cursor FROM " + table("_plumb_state") + " ORDER BY 1"),
            "items|5\nitems/a|5\nitems/b|2");
}

TEST_P(Loads, AFailingSourceLeavesNothingOfTheResource) {
  pipeline("{write: append, cursor: id}");
  run({"{\"id\":1}\n"});
  script_.failure = "the service broke off";
  EXPECT_THROW(run({"{\"id\":2,\"more\":true}\n"}), Error);
  EXPECT_EQ(ask("SELECT id FROM " + table("items")), "1");
  EXPECT_EQ(ask("SELECT cursor FROM " + table("_plumb_state")), "1");
  EXPECT_EQ(ask("SELECT count(*) FROM " + table("_plumb_loads")), "1");
}

TEST_P(Loads, ARowWithoutItsKeyIsRefused) {
  pipeline("{write: merge, primary_key: id}");
  expect_error(ErrorKind::Data, "has a row without 'id'", [&] { run({"{\"id\":1}\n{\"id\":null,\"x\":1}\n"}); });
  pipeline("{write: merge, primary_key: nokey}");
  expect_error(ErrorKind::Data, "has no column 'nokey'", [&] { run({"{\"id\":1}\n"}); });
}

TEST_P(Loads, EachLoadIsRecorded) {
  pipeline("{write: append}");
  auto report = run({"{\"id\":1}\n{\"id\":2}\n"});
  EXPECT_EQ(
      ask("SELECT load_id, pipeline, resource, table_name, rows_read, rows_written FROM " + table("_plumb_loads")),
      report.load_id + "|p|items|items|2|2");
  EXPECT_EQ(ask("SELECT DISTINCT _plumb_load_id FROM " + table("items")), report.load_id);
  EXPECT_EQ(ask("SELECT type FROM " + table("_plumb_columns") + " WHERE column_name = 'id'"), "int64");
}

TEST_P(Loads, RawRowsGetNoColumnOfOurs) {
  pipeline("{write: append, raw: true}");
  run({"{\"id\":1,\"data\":{\"temp\":1}}\n"});
  auto got = ask("SELECT * FROM " + table("items"));
  std::erase(got, ' ');
  EXPECT_EQ(got, "1|{\"temp\":1}");
}

TEST_P(Loads, AStopEndsTheLoadAndLeavesNothing) {
  pipeline("{write: append}");
  script_.before_end = [&] { stop_.request_stop(); };
  script_.batches = {"{\"id\":1}\n"};
  script_.failure = "stopped";
  EXPECT_THROW(run(), Error);
  auto project = config::load_project(folder_.path(), config::Environment(std::map<std::string, std::string>{}));
  auto connection = db::open(config::database_config(project, project.get_connection(destination()), "raw"))->connect();
  EXPECT_FALSE(connection->find_table({"raw", "items"}));
}

TEST_P(Loads, AnEmptyTextIsNoNull) {
  pipeline("{write: append}");
  run({"{\"a\":\"\"}\n"});
  EXPECT_EQ(ask("SELECT count(*) FROM " + table("items") + " WHERE a = ''"), "1");
}

INSTANTIATE_TEST_SUITE_P(Into, Loads, testing::Values("files", "lake"),
                         [](const testing::TestParamInfo<const char*>& into) { return std::string(into.param); });

INSTANTIATE_TEST_SUITE_P(IntoPostgres, Loads, testing::Values("landing"));

class SeveralDestinations : public Loads {};

TEST_P(SeveralDestinations, AreFilledFromOneReading) {
  pipeline("{write: append}", "[files, lake]");
  auto report = run({"{\"id\":1}\n"});
  EXPECT_EQ(report.resources.size(), 2u);
  EXPECT_EQ(cursors_.size(), 1u);
  EXPECT_EQ(ask("SELECT id FROM items", "files"), "1");
  EXPECT_EQ(ask("SELECT id FROM raw.items", "lake"), "1");
}

TEST_P(SeveralDestinations, OneThatFailsDoesNotKeepTheOtherFromItsRows) {
  pipeline("{write: append}", "[files, lake]");
  run({"{\"id\":1}\n"});
  // A view where the table should be: the lake refuses.
  {
    auto connection = db::open("duckdb:///" + (folder_.path() / "lake.duckdb").string())->connect();
    connection->execute("DROP TABLE raw.items; CREATE VIEW raw.items AS SELECT 1 AS id, '' AS _plumb_load_id");
  }
  EXPECT_THROW(run({"{\"id\":2}\n"}), Error);
  EXPECT_EQ(ask("SELECT id FROM items ORDER BY id", "files"), "1\n2");
}

TEST_P(SeveralDestinations, APartThatOneOfThemLacksIsReadFromItsBeginning) {
  connector_.resources[0].cursor_by = "who";
  pipeline("{write: append, cursor: n}", "files");
  run({"{\"who\":\"a\",\"n\":5}\n"});
  pipeline("{write: append, cursor: n}", "[files, lake]");
  run({"{\"who\":\"b\",\"n\":1}\n"});
  run({});
  using Parts = std::map<std::string, std::string>;
  EXPECT_EQ(part_cursors_, (std::vector<Parts>{{}, {}, {{"b", "1"}}}));
}

TEST_P(SeveralDestinations, StartFromTheLeastCursorOfAll) {
  pipeline("{write: merge, primary_key: id, cursor: id}", "files");
  run({"{\"id\":5}\n"});
  pipeline("{write: merge, primary_key: id, cursor: id}", "[files, lake]");
  run({"{\"id\":6}\n"});
  run({"{\"id\":7}\n"});
  EXPECT_EQ(cursors_, (std::vector<std::optional<std::string>>{std::nullopt, std::nullopt, "6"}));
}

INSTANTIATE_TEST_SUITE_P(Both, SeveralDestinations, testing::Values("files"));

TEST(OneWriter, TwoLoadsIntoOneFileTakeTurns) {
  TemporaryFolder folder;
  auto csv = (folder.path() / "rows.csv").string();
  {
    std::ofstream file(csv);
    file << "n\n";
    for (int i = 0; i < 20'000; ++i) file << i << "\n";
  }
  auto target = "sqlite:///" + (folder.path() / "x.db").string();
  std::vector<std::jthread> copies;
  for (const char* name : {"a", "b", "c"}) {
    copies.emplace_back([&, name] { copy(csv, target + "?table=" + name, {}); });
  }
  copies.clear();
  auto connection = db::open(target)->connect();
  EXPECT_EQ(*db::find_value(*connection,
                            "SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b) + (SELECT count(*) FROM c)"),
            "60000");
}

}  // namespace
}  // namespace plumb::ingest
