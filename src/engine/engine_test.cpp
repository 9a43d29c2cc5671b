// An engine is this very program, started anew with the one story that hosts: see EngineChild below.

#include "engine/engine.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "engine/messages.h"
#include "engine/wire.h"

namespace plumb::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void wait_for_stop(const std::stop_token& stop) {
  SystemClock().sleep_for(std::chrono::seconds(30), stop);
}

// What the engine of these stories understands.
Ended play(const Job& job, JobStreams& streams, const std::stop_token& stop) {
  const std::string& word = job.arguments.at(0);
  auto say = [&](const std::string& text) { streams.write(Stream::Output, text); };
  if (word == "say") say(job.arguments.at(1));
  if (word == "complain") streams.write(Stream::Errors, job.arguments.at(1));
  if (word == "folder") say(std::filesystem::current_path().string());
  if (word == "variable") say(job.environment.at(job.arguments.at(1)));
  if (word == "line") say("<" + streams.read(true) + ">");
  if (word == "all") say(streams.read(false));
  if (word == "megabytes") {
    for (int i = 0; i < std::stoi(job.arguments.at(1)); ++i) say(std::string(1u << 20, 'x'));
  }
  if (word == "wait") {
    wait_for_stop(stop);
    return {.exit_code = 130};
  }
  if (word == "child") {
    ChildProcess child({.arguments = {"setsid", "sleep", "1000"}});
    say(std::to_string(child.pid()));
    wait_for_stop(stop);
  }
  if (word == "fail") throw Error(ErrorKind::Busy, "locked", {.hint = "wait", .retry_may_help = true});
  return {.exit_code = 0, .report = "{\"word\":\"" + word + "\"}"};
}

TEST(EngineChild, DISABLED_Hosts) {
  host({.folder = ".", .owner = STDIN_FILENO}, play, {});
}
TEST(EngineChild, DISABLED_HostsBriefly) {
  host({.folder = ".", .owner = STDIN_FILENO, .idle_timeout = milliseconds(20)}, play, {});
}
TEST(EngineChild, DISABLED_SpeaksAnotherProtocol) {
  Wire wire{FileDescriptor(STDIN_FILENO)};
  wire.send(FrameKind::Hello, 0, greeting_json({.protocol = kProtocol + 1, .pid = 1}), [] { return true; });
  while (wire.receive()) usleep(1000);
}

// One line for each event: "1 started", "1 out hello", "1 ended 0".
std::string line_of(const Event& event) {
  if (const auto* started = std::get_if<Started>(&event)) return format("{} started", started->job);
  if (const auto* output = std::get_if<Output>(&event))
    return format("{} {} {}", output->job, output->stream == Stream::Output ? "out" : "err", output->text);
  if (const auto* wanted = std::get_if<InputWanted>(&event))
    return format("{} wants {}", wanted->job, wanted->line ? "a line" : "all");
  if (const auto* lost = std::get_if<Lost>(&event)) {
    std::string jobs;
    for (auto job : lost->jobs) jobs += format("{} ", job);
    return format("{}lost: {}", jobs, lost->why);
  }
  const auto& ended = std::get<Ended>(event);
  std::string text = format("{} ended {}", ended.job, ended.exit_code);
  if (ended.cancelled) text += " cancelled";
  if (ended.timed_out) text += " timed out";
  if (ended.failure) text += format(" {}: {}", to_string(ended.failure->kind), ended.failure->message);
  return text;
}

class EngineTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::optional<EngineClient> client_;
  std::vector<std::string> lines_;
  std::vector<Event> events_;

  EngineClient& engine(const std::string& story = "Hosts") {
    client_.emplace(
        EngineOptions{.folder = folder_.path(),
                      .command = {std::filesystem::read_symlink("/proc/self/exe"), "--gtest_brief=1",
                                  "--gtest_also_run_disabled_tests", "--gtest_filter=EngineChild.DISABLED_" + story}});
    return *client_;
  }

  // Everything until a line appears that begins so; that line.
  std::string wait_for(const std::string& wanted) {
    const auto until = steady_clock::now() + std::chrono::seconds(20);
    while (steady_clock::now() < until) {
      for (const auto& line : lines_) {
        if (line.starts_with(wanted)) return line;
      }
      pollfd waiting{client_->descriptor(), POLLIN, 0};
      ::poll(&waiting, 1, 1000);
      for (auto& event : client_->receive()) {
        lines_.push_back(line_of(event));
        events_.push_back(std::move(event));
      }
    }
    return "nothing like " + wanted;
  }

  Guest guest() {
    for (int i = 0; i < 500; ++i) {
      if (auto found = Guest::find(folder_.path(), folder_.path())) return std::move(*found);
      usleep(10'000);
    }
    throw Error(ErrorKind::NotFound, "there is no engine");
  }

  // The output of a job that a guest hands over, and how it ended.
  std::string as_guest(std::vector<std::string> words, const std::string& input = {}, std::stop_token stop = {}) {
    std::string text;
    auto ended = guest().carry_out(
        {.arguments = std::move(words), .asks_for_input = true},
        {.write = [&](Stream, std::string_view piece) { text += piece; }, .read = [&](bool) { return input; }}, stop);
    return ended ? format("{} {}", text, ended->exit_code) : "it had left";
  }
};

TEST_F(EngineTest, CarriesCommandLinesOutAndTellsTheirEnds) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"say", "hello"}});
  client.start_job({.id = 2, .arguments = {"fail"}});
  EXPECT_EQ(wait_for("1 ended"), "1 ended 0");
  EXPECT_EQ(wait_for("2 ended"), "2 ended 1 busy: locked");
  EXPECT_EQ(wait_for("1 out"), "1 out hello");
  EXPECT_GT(client.memory(), 0u);
  for (const auto& event : events_) {
    const auto* ended = std::get_if<Ended>(&event);
    if (ended == nullptr) continue;
    EXPECT_EQ(ended->report, ended->job == 1 ? "{\"word\":\"say\"}" : "");
    EXPECT_EQ(ended->failure && ended->failure->retry_may_help, ended->job == 2);
  }
}

TEST_F(EngineTest, AJobHasAFolderVariablesAndInputOfItsOwn) {
  auto& client = engine();
  std::filesystem::create_directory(folder_.path() / "below");
  client.start_job({.id = 1, .arguments = {"folder"}, .folder = folder_.path() / "below"});
  client.start_job({.id = 2, .arguments = {"folder"}});
  client.start_job({.id = 3, .arguments = {"variable", "WHO"}, .environment = {{"WHO", "me"}}});
  client.start_job({.id = 4, .arguments = {"line"}, .input = "first\nsecond\n"});
  client.start_job({.id = 5, .arguments = {"line"}, .asks_for_input = true});
  EXPECT_EQ(wait_for("5 wants"), "5 wants a line");
  client.send_input(5, "typed\n", false);
  for (int id = 1; id <= 5; ++id) wait_for(format("{} ended", id));
  EXPECT_EQ(wait_for("1 out"), format("1 out {}", (folder_.path() / "below").string()));
  EXPECT_EQ(wait_for("2 out"), format("2 out {}", folder_.path().string()));
  EXPECT_EQ(wait_for("3 out"), "3 out me");
  EXPECT_EQ(wait_for("4 out"), "4 out <first>");
  EXPECT_EQ(wait_for("5 out"), "5 out <typed>");
}

TEST_F(EngineTest, CancelAndTimeoutStopOneJobAlone) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"wait"}});
  client.start_job({.id = 2, .arguments = {"wait"}});
  client.start_job({.id = 3, .arguments = {"wait"}, .timeout = milliseconds(30)});
  EXPECT_EQ(wait_for("3 ended"), "3 ended 130 timed out");
  client.cancel(1);
  EXPECT_EQ(wait_for("1 ended"), "1 ended 130 cancelled");
  EXPECT_EQ(client.jobs(), 1u);
}

TEST_F(EngineTest, AKilledEngineLosesItsJobsAndTheNextJobStartsAnother) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"wait"}});
  client.start_job({.id = 2, .arguments = {"wait"}});
  wait_for("1 started");
  wait_for("2 started");
  const int first = *client.pid();
  ::kill(first, SIGKILL);
  EXPECT_EQ(wait_for("1 2 lost"), "1 2 lost: the engine died");
  EXPECT_FALSE(client.pid());
  client.start_job({.id = 3, .arguments = {"say", "again"}});
  EXPECT_EQ(wait_for("3 ended"), "3 ended 0");
  EXPECT_NE(*client.pid(), first);
}

TEST_F(EngineTest, WhatAKilledEngineHadStartedGoesWithIt) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"child"}});
  const int child = std::stoi(wait_for("1 out").substr(6));
  EXPECT_EQ(::kill(child, 0), 0);
  ::kill(*client.pid(), SIGKILL);
  wait_for("1 lost");
  auto ended = [child] {
    auto status = find_file(format("/proc/{}/stat", child));
    return !status || status->find(") Z ") != std::string::npos;
  };
  for (int i = 0; i < 200 && !ended(); ++i) usleep(10'000);
  EXPECT_TRUE(ended());
}

TEST_F(EngineTest, AnIdleEngineLeavesAndAJobThatMeetsItOnItsWayOutIsNotLost) {
  auto& client = engine("HostsBriefly");
  for (std::uint64_t id = 1; id <= 40; ++id) {
    client.start_job({.id = id, .arguments = {"say", "x"}});
    EXPECT_EQ(wait_for(format("{} ended", id)), format("{} ended 0", id));
    usleep(15'000 + 500 * static_cast<unsigned>(id % 20));
  }
  while (client.pid()) {
    client.receive();
    usleep(1000);
  }
  EXPECT_FALSE(std::filesystem::exists(socket_path(folder_.path())));
}

TEST_F(EngineTest, AnEngineThatIsNotThereOrSpeaksOtherwiseIsAnEvent) {
  client_.emplace(EngineOptions{.folder = folder_.path(), .command = {"/no/such/program"}});
  client_->start_job({.id = 1, .arguments = {"say", "x"}});
  EXPECT_EQ(wait_for("1 lost"), "1 lost: there is no program '/no/such/program'");
  engine("SpeaksAnotherProtocol").start_job({.id = 2, .arguments = {"say", "x"}});
  EXPECT_EQ(wait_for("2 lost"), "2 lost: the engine was ended: it speaks protocol 2, and we 1");
}

TEST_F(EngineTest, StopEndsTheEngineAndItsJobs) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"wait"}});
  wait_for("1 started");
  const int pid = *client.pid();
  client.stop(milliseconds(0));
  EXPECT_EQ(wait_for("1 lost"), "1 lost: the engine was stopped");
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(EngineTest, GuestsAreServedBesideTheOwner) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"wait"}});
  wait_for("1 started");
  std::string all;
  std::thread beside([&] { all = as_guest({"all"}, std::string(3'000'000, 'z')); });
  EXPECT_EQ(as_guest({"say", "hello"}), "hello 0");
  EXPECT_EQ(as_guest({"complain", "oh"}), "oh 0");
  EXPECT_EQ(as_guest({"line"}, "typed"), "<typed> 0");
  EXPECT_EQ(as_guest({"megabytes", "20"}).size(), (20u << 20) + 2);
  beside.join();
  EXPECT_EQ(all.size(), 3'000'002u);
  std::stop_source stop;
  std::thread later([&] {
    usleep(50'000);
    stop.request_stop();
  });
  EXPECT_EQ(as_guest({"wait"}, {}, stop.get_token()), " 130");
  later.join();
  EXPECT_EQ(client.jobs(), 1u);
}

TEST_F(EngineTest, AGuestWhoseEngineDiesIsTold) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"wait"}});
  wait_for("1 started");
  std::thread killer([&] {
    usleep(100'000);
    ::kill(*client.pid(), SIGKILL);
  });
  EXPECT_THROW(as_guest({"wait"}), Error);
  killer.join();
}

TEST_F(EngineTest, FramesThatAreTooLongOrNonsenseEndTheirConnectionAlone) {
  auto& client = engine();
  client.start_job({.id = 1, .arguments = {"wait"}});
  wait_for("1 started");
  guest();
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\x7f", 4), std::string("GET / HTTP/1.1\r\n\r\n"), encode(FrameKind::Job, 1, "{}"),
        encode(FrameKind::Hello, 0, greeting_json({.protocol = 99})), encode(FrameKind::Ended, 1, "{}")}) {
    auto socket = find_engine(folder_.path());
    ASSERT_TRUE(socket);
    ASSERT_EQ(::send(socket->get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    Wire wire(std::move(*socket));
    const auto until = steady_clock::now() + std::chrono::seconds(10);
    while (wire.receive() && steady_clock::now() < until) usleep(1000);
    EXPECT_FALSE(wire.alive());
  }
  client.cancel(1);
  EXPECT_EQ(wait_for("1 ended"), "1 ended 130 cancelled");
}

// Hosts with an owner that hands over one job and goes away as soon as it runs.
void host_until_the_owner_goes(HostOptions options, const CarryOut& carry_out) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  options.owner = ends[1];
  std::thread hosting([&] { host(options, carry_out, {}); });
  {
    Wire owner{FileDescriptor(ends[0])};
    owner.send(FrameKind::Job, 1, job_json({.arguments = {"wait"}}), [] { return true; });
    for (bool started = false; !started && owner.receive(); usleep(1000)) {
      while (auto frame = owner.next()) started = started || frame->kind == FrameKind::Started;
    }
  }
  hosting.join();
}

TEST(Host, EndsWithItsOwner) {
  const auto begin = steady_clock::now();
  host_until_the_owner_goes({}, play);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Host, GivesUpWhenAJobIsDeaf) {
  std::atomic<bool> gave_up = false;
  auto deaf = [&](const Job&, JobStreams&, const std::stop_token&) {
    while (!gave_up) usleep(1000);
    return Ended{};
  };
  host_until_the_owner_goes({.patience = milliseconds(20), .give_up = [&] { gave_up = true; }}, deaf);
  EXPECT_TRUE(gave_up);
}

TEST(Wire, PutsFramesTogetherFromPieces) {
  const std::string bytes = encode(FrameKind::Output, 7, "hello") + encode(FrameKind::Cancel, 8, "");
  FrameReader reader;
  std::string found;
  for (char byte : bytes) {
    reader.append({&byte, 1});
    while (auto frame = reader.next())
      found += format("{}{}:{} ", static_cast<char>(frame->kind), frame->job, frame->body);
  }
  EXPECT_EQ(found, "O7:hello C8: ");
}

TEST(Listener, ServesAFolderWithALongNameAndOneEngineAlone) {
  TemporaryFolder folder;
  auto deep = folder.path() / std::string(120, 'd') / std::string(120, 'e');
  std::filesystem::create_directories(deep);
  EXPECT_FALSE(find_engine(deep));
  {
    auto listener = Listener::open(deep);
    ASSERT_TRUE(listener);
    EXPECT_FALSE(Listener::open(deep));
    EXPECT_TRUE(find_engine(deep));
    EXPECT_TRUE(listener->accept());
  }
  EXPECT_FALSE(find_engine(deep));
  EXPECT_TRUE(Listener::open(deep));
}

}  // namespace
}  // namespace plumb::engine
