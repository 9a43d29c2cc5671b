#include "serve/alerts.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "base/http_server.h"
#include "base/testing.h"
#include "serve/alert_message.h"

namespace plumb::serve {
namespace {

using namespace std::chrono_literals;

config::Project project_of(const TemporaryFolder& folder, const std::string& alerts) {
  write_file(folder.path() / "plumb.yml", "name: test\n" + alerts);
  std::map<std::string, std::string> variables = {{"HOOK", "https://hooks.slack.com/services/T0/XYZ"}};
  return config::load_project(folder.path(), config::Environment(variables));
}

// A server's alerts on a real store; what they send is written down here.
class AlertStory : public testing::Test {
 protected:
  void start(std::vector<AlertRule> rules = {{.name = "team"}}) {
    AlertOptions options{.window = window_, .first_delay = 20ms, .logs = folder_.path()};
    options.send = [this](const std::string& alert, const std::string& message, const std::stop_token&) {
      std::lock_guard lock(mutex_);
      ++tries_;
      if (tries_ <= down_for_) return AlertAnswer{.again = true, .problem = "down"};
      AlertMessage read = parse_message(message);
      told_.push_back(alert + ": " + read.title + "\n" + read.text);
      changed_.notify_all();
      return AlertAnswer{.sent = true};
    };
    alerts_ = std::make_unique<Alerts>(std::move(options), std::move(rules), store_, clock_, Log());
  }

  store::RunRow failed_run(const std::string& workflow, const std::string& run_id) {
    write_file(
        folder_.path() / "1.log",
        "2026-11-21T07:00:00.000000Z OUT 4096 rows\n2026-11-21T07:00:00.000000Z ERR password=letmein9 no bank\n");
    store::RunRow run{.workflow = workflow,
                      .run_id = run_id,
                      .state = run::RunState::Failed,
                      .started_at = clock_.now(),
                      .ended_at = clock_.now()};
    store::Batch batch = store_.begin();
    EXPECT_TRUE(batch.insert(run));
    batch.save(store::TaskRow{
        .run = run.id, .task = "load", .state = run::TaskState::Failed, .try_number = 2, .message = "exit code 1"});
    batch.save(store::AttemptRow{.run = run.id, .task = "load", .try_number = 2, .log = "1.log"});
    batch.commit();
    return run;
  }

  void hear(const store::RunRow& run) { alerts_->listener()({.kind = workflow::Change::Kind::RunState, .run = &run}); }

  std::vector<std::string> told(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return told_.size() >= count; });
    return told_;
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  store::Store store_{{.kind = db::Kind::Sqlite, .path = folder_.path() / "store.db"}, clock_};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
  int tries_ = 0, down_for_ = 0;
  std::chrono::milliseconds window_{100};
  std::unique_ptr<Alerts> alerts_;
};

TEST_F(AlertStory, AFailureIsToldWithTheEndOfItsLog) {
  start();
  hear(failed_run("bank", "r1"));
  ASSERT_EQ(told(1).size(), 1u);
  EXPECT_EQ(told_[0],
            "team: bank failed\n"
            "bank failed: r1\n"
            "  load (attempt 2): exit code 1\n"
            "    4096 rows\n"
            "    password=*** no bank\n");
}

TEST_F(AlertStory, WhatHappensWithinAShortTimeIsOneMessageForEachWhoWantsIt) {
  start({{.name = "team"}, {.name = "anna", .on = {AlertKind::Success, AlertKind::Approval}, .workflows = {"w*r"}}});
  hear(failed_run("bank", "r1"));
  auto weather = failed_run("weather", "r2");
  hear(weather);
  weather.state = run::RunState::Success;
  hear(weather);
  store::TaskRow task{.task = "ask"};
  alerts_->listener()(
      {.kind = workflow::Change::Kind::Waiting, .run = &weather, .task = &task, .text = "approve the transfer"});
  ASSERT_EQ(told(2).size(), 2u);
  EXPECT_TRUE(told_[0].starts_with("team: 2 failed, 1 waiting for a person\nbank failed: r1\n")) << told_[0];
  EXPECT_EQ(
      told_[1],
      "anna: 1 succeeded, 1 waiting for a person\nweather succeeded: r2\nweather waits for a person: r2\n  approve "
      "the transfer\n");
}

TEST_F(AlertStory, WhenTheOtherSideIsDownItIsTriedAgain) {
  down_for_ = 3;
  start();
  hear(failed_run("bank", "r1"));
  ASSERT_EQ(told(1).size(), 1u);
  EXPECT_EQ(tries_, 4);
}

TEST_F(AlertStory, OneEventIsToldOnceWhateverIsStartedAgain) {
  start();
  auto run = failed_run("bank", "r1");
  hear(run);
  hear(run);
  ASSERT_EQ(told(1).size(), 1u);
  alerts_.reset();
  start();  // looks for failures that nobody noted
  hear(run);
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(AlertStory, WhatWaitsWhenTheServerGoesIsToldByTheNext) {
  window_ = 1h;
  start();
  hear(failed_run("bank", "r1"));
  for (int i = 0; i < 500 && store_.reader()->find_note("alerts").value_or("").find("r1") == std::string::npos; ++i) {
    std::this_thread::sleep_for(10ms);
  }
  alerts_.reset();
  failed_run("weather", "r2");  // and this one nobody heard of
  // An hour later.
  auto note = *store_.reader()->find_note("alerts");
  auto at = note.find("\"due\":") + 6;
  note.replace(at, note.find(',', at) - at, "1");
  {
    store::Batch batch = store_.begin();
    batch.set_note("alerts", note);
    batch.commit();
  }
  start();
  ASSERT_EQ(told(1).size(), 1u);
  EXPECT_TRUE(told_[0].starts_with("team: 2 failed\n")) << told_[0];
}

TEST_F(AlertStory, WhatWasOnItsWayWhenTheServerWasKilledIsNotSentTwice) {
  store::Batch batch = store_.begin();
  batch.set_note("alerts", R"({"keys":[],"groups":[],"letters":[{"alert":"team","written":1,"next_try":1,"tries":0,)"
                           R"("on_its_way":true,"message":{"title":"bank failed","text":"","events":[]}}]})");
  batch.commit();
  start();
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(tries_, 0);
}

TEST(AlertMessages, AWebhookGetsWhatItUnderstands) {
  AlertMessage message = compose_alert({{.key = "1", .workflow = "bank", .run_id = "r1", .at = Instant()}});
  auto body = [&](WebhookStyle style) { return webhook_request({.url = "http://x", .style = style}, message).body; };
  EXPECT_EQ(body(WebhookStyle::Slack), R"({"text":"bank failed\nbank failed: r1\n"})");
  EXPECT_EQ(body(WebhookStyle::Discord), R"({"content":"bank failed\nbank failed: r1\n"})");
  EXPECT_EQ(body(WebhookStyle::Ntfy), "bank failed: r1\n");
  EXPECT_EQ(body(WebhookStyle::Json),
            R"({"title":"bank failed","text":"bank failed: r1\n","content":"bank failed\nbank failed: r1\n",)"
            R"("events":[{"key":"1","kind":"failure","workflow":"bank","run_id":"r1","task":"","text":"",)"
            R"("at":"1970-01-01T00:00:00Z","attempts":[]}]})");
}

TEST(AlertMessages, ArriveAtAWebhookAndNeverShowItsAddress) {
  std::string got;
  int status = 200;
  HttpServer server({.port = 0}, [&](const ServerRequest& request) {
    got = request.body + *request.headers.find("X-Key");
    return ServerResponse{.status = status};
  });
  SystemClock clock;
  AlertChannel channel{.webhook = Webhook{.url = format("http://127.0.0.1:{}/services/T0/sesame", server.port()),
                                          .headers = {{"X-Key", "k"}},
                                          .style = WebhookStyle::Slack}};
  send_alert(channel, {.title = "a", .text = "b"}, clock);
  EXPECT_EQ(got, "{\"text\":\"a\\nb\"}k");
  for (int answer : {404, 503, 0}) {
    status = answer;
    if (answer == 0) server.stop();
    try {
      send_alert(channel, {.title = "a", .text = "b"}, clock);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.retry_may_help(), answer != 404) << error.render();
      EXPECT_EQ(error.render().find("sesame"), std::string::npos) << error.render();
    }
  }
}

TEST(AlertRules, AreReadAndTheirFaultsSayWhere) {
  TemporaryFolder folder;
  auto project = project_of(folder,
                            "alerts:\n"
                            "  team: {webhook: \"{{ env_var('HOOK') }}\", on: [failure, retry], workflows: \"b*\"}\n"
                            "  anna: {email: {to: a@x.org, from: p@x.org, smtp: smtps://mail.x.org, user: p, password: "
                            "letmein9}}\n");
  auto rules = read_alert_rules(project);
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_TRUE(rules[0].wants(AlertKind::Retry, "bank"));
  EXPECT_FALSE(rules[0].wants(AlertKind::Deadline, "bank"));
  EXPECT_FALSE(rules[0].wants(AlertKind::Failure, "weather"));
  EXPECT_TRUE(rules[1].wants(AlertKind::Approval, "weather"));
  EXPECT_EQ(get_alert_channel(project, "team").webhook->style, WebhookStyle::Slack);
  EXPECT_EQ(get_alert_channel(project, "anna").email->to, std::vector<std::string>{"a@x.org"});
  expect_error(ErrorKind::NotFound, "did you mean 'team'?", [&] { get_alert_channel(project, "taem"); });
  auto fault = [&](const std::string& alerts) {
    return error_line_of([&] { read_alert_rules(project_of(folder, alerts)); });
  };
  EXPECT_NE(fault("alerts: {a: {webhook: x, on: fire}}\n").find("plumb.yml:2:30: 'fire' is no reason for an alert"),
            std::string::npos)
      << fault("alerts: {a: {webhook: x, on: fire}}\n");
  EXPECT_NE(fault("alerts: {a: {on: failure}}\n").find("alert 'a' needs either `webhook` or `email`"),
            std::string::npos);
}

}  // namespace
}  // namespace plumb::serve
