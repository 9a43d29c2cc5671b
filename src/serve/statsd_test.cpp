#include "serve/statsd.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "base/testing.h"

namespace plumb::serve {
namespace {

using namespace std::chrono_literals;
using Kind = workflow::Change::Kind;

const Instant kSeven = *find_instant("2026-11-21T07:00:00Z");

TEST(StatsdLines, HaveAirflowsNames) {
  store::RunRow run{.workflow = "morning bank", .state = run::RunState::Running, .run_after = kSeven};
  run.started_at = kSeven + 1500us;
  EXPECT_EQ(statsd_lines("airflow", {.kind = Kind::RunState, .run = &run}), "");
  store::TaskRow task{.task = "load", .state = run::TaskState::Running, .kind = "load"};
  EXPECT_EQ(statsd_lines("", {.kind = Kind::TaskState, .run = &run, .task = &task}), "ti.start.morning_bank.load:1|c");
  store::AttemptRow attempt{.task = "load",
                            .state = run::TaskState::Failed,
                            .queued_at = kSeven,
                            .started_at = kSeven + 2ms,
                            .ended_at = kSeven + 5ms};
  EXPECT_EQ(statsd_lines("a", {.kind = Kind::AttemptEnded, .run = &run, .task = &task, .attempt = &attempt}),
            "a.ti.finish.morning_bank.load.up_for_retry:1|c\na.dag.morning_bank.load.duration:3.000|ms\n"
            "a.dag.morning_bank.load.queued_duration:2.000|ms");
  attempt.state = run::TaskState::Success;
  EXPECT_TRUE(statsd_lines("a", {.kind = Kind::AttemptEnded, .run = &run, .task = &task, .attempt = &attempt})
                  .starts_with("a.ti.finish.morning_bank.load.success:1|c\na.ti_successes:1|c\n"
                               "a.operator_successes_load:1|c\n"));
  run.state = run::RunState::Failed;
  run.ended_at = kSeven + 2s;
  EXPECT_EQ(statsd_lines("a", {.kind = Kind::RunState, .run = &run}),
            "a.dagrun.schedule_delay.morning_bank:1.500|ms\na.dagrun.duration.failed.morning_bank:1998.500|ms");
}

TEST(Statsd, SendsADatagramForAChangeAndCaresForNoAnswer) {
  FileDescriptor server(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(server.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  Statsd statsd({.host = "127.0.0.1", .port = ntohs(address.sin_port)});
  store::AssetEventRow event;
  statsd.changed({.kind = Kind::AssetEvent, .event = &event});
  std::array<char, 100> got{};
  auto bytes = ::recv(server.get(), got.data(), got.size(), 0);
  EXPECT_EQ(std::string(got.data(), static_cast<std::size_t>(bytes)), "airflow.asset.updates:1|c");
  server.close();
  for (int i = 0; i < 3; ++i) statsd.changed({.kind = Kind::AssetEvent, .event = &event});
  expect_error(ErrorKind::Network, "can't be found", [] { Statsd({.host = "no such host.invalid"}); });
}

}  // namespace
}  // namespace plumb::serve
