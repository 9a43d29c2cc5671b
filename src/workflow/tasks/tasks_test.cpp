#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/http_server.h"
#include "base/testing.h"
#include "workflow/tasks/testing.h"

namespace plumb::workflow {
namespace {

using namespace std::chrono_literals;

class HttpTask : public ::testing::Test, protected TaskTest {
 protected:
  HttpTask()
      : server_({.port = 0}, [this](const ServerRequest& request) {
          seen_ = format("{} {} {}", request.method, request.target, request.body);
          const std::string* authorization = request.headers.find("Authorization");
          if (authorization != nullptr) seen_ += " " + *authorization;
          return answer_;
        }) {}
  // The settings with the server's address for URL.
  std::string end(std::string settings) {
    settings.replace(settings.find("URL"), 3, format("http://127.0.0.1:{}", server_.port()));
    return end_of("http", settings);
  }

  ServerResponse answer_{.body = R"({"state": "done", "rows": [1, 2.50]})"};
  std::string seen_;
  HttpServer server_;
};

TEST_F(HttpTask, KeepsTheAnswerAsAValue) {
  answer_.headers.add("Content-Type", "application/json");
  EXPECT_EQ(end(R"({"url": "URL/jobs", "params": {"day": "a b"}, "value": "job"})"),
            R"(0 job={"state": "done", "rows": [1, 2.50]} status=200)");
  EXPECT_EQ(seen_, "GET /jobs?day=a%20b ");
  EXPECT_TRUE(output.starts_with("GET http://127.0.0.1:")) << output;
  EXPECT_NE(output.find("→ 200 in "), std::string::npos) << output;
}

TEST_F(HttpTask, SendsWhatItIsGiven) {
  end(R"({"url": "URL/a", "json": {"b": 1.10}, "token": "t0ken"})");
  EXPECT_EQ(seen_, R"(POST /a {"b": 1.10} Bearer t0ken)");
  end(R"({"url": "URL/a", "method": "PUT", "form": {"b": "c d"}, "user": "me", "password": "pw"})");
  EXPECT_EQ(seen_, "PUT /a b=c%20d Basic bWU6cHc=");
  EXPECT_EQ(output.find("pw"), std::string::npos);
}

TEST_F(HttpTask, TheAnswerHasToBeTheRightOne) {
  EXPECT_EQ(end(R"({"url": "URL/", "expect": {"/state": "done", "/rows/1": 2.5}, "contains": "state"})").front(), '0');
  EXPECT_EQ(end(R"({"url": "URL/", "expect": {"/rows/2": 3}})"), "1");
  EXPECT_TRUE(output.ends_with("at /rows/2 the answer has nothing, not 3\n")) << output;
  EXPECT_EQ(end(R"({"url": "URL/", "contains": "failed"})"), "1");
  answer_.status = 503;
  EXPECT_EQ(end(R"({"url": "URL/"})"), "1");
  answer_.status = 401;
  EXPECT_EQ(end(R"({"url": "URL/"})"), "65");
  EXPECT_EQ(end(R"({"url": "URL/", "status": [200, 401]})").front(), '0');
}

TEST_F(HttpTask, SavesTheAnswer) {
  std::string file = (folder.path() / "in" / "answer.json").string();
  EXPECT_EQ(end(format(R"({{"url": "URL/", "save": "{}"}})", file)).front(), '0');
  EXPECT_EQ(read_file(file), answer_.body);
}

TEST_F(HttpTask, NobodyThereIsAFailureThatMayPass) {
  expect_error(ErrorKind::Network, "",
               [&] { carry_out("http", R"({"url": "http://127.0.0.1:1/", "timeout": "2s"})"); });
  EXPECT_EQ(workflow::end_of(Error(ErrorKind::Network, "x")), TaskEnd::Failed);
  EXPECT_EQ(workflow::end_of(Error(ErrorKind::Auth, "x")), TaskEnd::Terminal);
  expect_error(ErrorKind::Config, "the task has no 'url'", [&] { carry_out("http", "{}"); });
}

class PokeTask : public ::testing::Test, protected TaskTest {};

TEST_F(PokeTask, LooksForAFile) {
  std::string pattern = (folder.path() / "*.csv").string();
  auto end = [&](const std::string& more) {
    return end_of("poke", format(R"({{"file": {{"path": "{}"{}}}}})", pattern, more));
  };
  EXPECT_EQ(end(""), "75");
  write_scratch_file(folder.path() / "a.csv", "12345");
  EXPECT_EQ(end(""), "0");
  EXPECT_EQ(end(R"(, "at_least": 6)"), "75");
  EXPECT_EQ(end(R"(, "older_than": "1h")"), "75");
  std::filesystem::last_write_time(folder.path() / "a.csv", std::filesystem::file_time_type::clock::now() - 2h);
  EXPECT_EQ(end(R"(, "older_than": "1h")"), "0");
  EXPECT_EQ(end_of("poke", format(R"({{"file": "{}"}})", pattern)), "0");
  expect_error(ErrorKind::Config, "there is nothing to look at", [&] { carry_out("poke", "{}"); });
}

TEST_F(PokeTask, ANobodyIsNotYet) {
  EXPECT_EQ(end_of("poke", R"({"http": "http://127.0.0.1:1/"})"), "75");
}

class SqlTask : public ::testing::Test, protected TaskTest {
 protected:
  SqlTask() {
    write_scratch_file(folder.path() / "plumb.yml", "name: t\nconnections: {db: {type: sqlite, path: t.db}}\n");
    end_of(
        "sql",
        R"json({"connection": "db", "statement": ["CREATE TABLE t (a INT, b TEXT)", "INSERT INTO t VALUES (3, NULL)"]})json");
  }
  std::string check(const std::string& query, const std::string& more = "") {
    return end_of("query-check", format(R"({{"connection": "db", "query": "{}"{}}})", query, more));
  }
};

TEST_F(SqlTask, RunsStatementsAllOrNone) {
  EXPECT_EQ(end_of("sql", R"({"connection": "db", "statement": "UPDATE t SET a = 4"})"), "0 rows=1");
  EXPECT_ANY_THROW(
      carry_out("sql", R"({"connection": "db", "statement": ["DELETE FROM t", "SELECT nonsense FROM t"]})"));
  EXPECT_EQ(check("SELECT count(*) FROM t"), "0");
}

TEST_F(SqlTask, ChecksWhatAQueryAnswers) {
  EXPECT_EQ(check("SELECT a, 1 FROM t"), "0");
  EXPECT_EQ(check("SELECT a, b FROM t"), "1");
  EXPECT_EQ(output, "the answer: 3, null\n");
  EXPECT_EQ(check("SELECT a FROM t WHERE a = 9"), "1");
  EXPECT_EQ(check("SELECT a FROM t WHERE a = 9", R"(, "expect": "no rows")"), "0");
  EXPECT_EQ(check("SELECT a FROM t", R"(, "equals": 3)"), "0");
  EXPECT_EQ(check("SELECT a FROM t", R"(, "at_least": 2, "at_most": 2.5)"), "1");
  EXPECT_EQ(end_of("poke", R"({"sql": {"connection": "db", "query": "SELECT a > 3 FROM t"}})"), "75");
  EXPECT_EQ(end_of("poke", R"({"sql": {"connection": "db", "query": "SELECT a > 2 FROM t"}})"), "0");
}

// There is no docker here: a script stands in for it, writes down its words, and behaves as `docker run` and `docker
// stop` do.
class ContainerTask : public ::testing::Test, protected TaskTest {
 protected:
  ContainerTask() {
    std::filesystem::path docker = folder.path() / "docker";
    write_file(docker,
               R"(#!/bin/bash
echo "$@" >> )" + words_.string() +
                   R"(
case $1 in
  run) echo $BASHPID > )" +
                   pid_.string() + R"(; exec bash -c "$BEHAVIOUR" ;;
  stop) kill $(cat )" +
                   pid_.string() + R"() ;;
esac
)",
               0755);
    variables["PATH"] = folder.path().string() + ":/usr/bin:/bin";
    variables["PLUMB_TASK_ID"] = "fetch";
    variables["PLUMB_KEY"] = "hunter2";
  }
  std::filesystem::path words_ = folder.path() / "words";
  std::filesystem::path pid_ = folder.path() / "pid";
};

TEST_F(ContainerTask, RunsByDockersCommandLine) {
  variables["BEHAVIOUR"] = "[[ $TOKEN = hunter3 && $DAY = today ]] || exit 4";
  EXPECT_EQ(end_of("container", R"({"image": "alpine:3", "command": "echo 'a b' c", "volumes": ["/in:/in:ro"],
                                    "pull": "never", "cpus": 1.5, "env": {"TOKEN": "hunter3", "DAY": "today"}})"),
            "0 exit_code=0");
  std::string words = read_file(words_);
  EXPECT_TRUE(words.starts_with("run --rm --init --name plumb--fetch-")) << words;
  EXPECT_TRUE(
      words.ends_with(" --pull never --cpus 1.5 --volume /in:/in:ro --env PLUMB_TASK_ID --env TOKEN --env DAY "
                      "alpine:3 echo a b c\n"))
      << words;
  EXPECT_EQ(words.find("hunter"), std::string::npos);
}

TEST_F(ContainerTask, ItsExitCodeSaysHowItEnded) {
  variables["BEHAVIOUR"] = "exit 99";
  EXPECT_EQ(end_of("container", R"("alpine")"), "99 exit_code=99");
  variables["BEHAVIOUR"] = "exit 3";
  EXPECT_EQ(end_of("container", R"("alpine")"), "1 exit_code=3");
  variables["BEHAVIOUR"] = "exit 127";
  EXPECT_EQ(end_of("container", R"("alpine")"), "65 exit_code=127");
}

TEST_F(ContainerTask, AStopEndsTheContainer) {
  variables["BEHAVIOUR"] = "sleep 100";
  std::stop_source stop;
  std::jthread stopper([&] {
    for (int i = 0; i < 1000 && !std::filesystem::exists(pid_); ++i) std::this_thread::sleep_for(5ms);
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  expect_error(ErrorKind::Cancelled, "the container was stopped",
               [&] { carry_out("container", R"("alpine")", stop.get_token()); });
  EXPECT_NE(read_file(words_).find("\nstop --time 3 plumb--fetch-"), std::string::npos);
}

TEST_F(ContainerTask, WithoutDockerItSaysSo) {
  variables["PATH"] = "/nowhere";
  expect_error(ErrorKind::Config, "there is no docker and no podman here",
               [&] { carry_out("container", R"("alpine")"); });
}

}  // namespace
}  // namespace plumb::workflow
