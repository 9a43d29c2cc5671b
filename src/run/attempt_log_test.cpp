#include "run/attempt_log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <future>

#include "base/file.h"

namespace plumb::run {
namespace {

using std::chrono::milliseconds;

const Instant kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(7) +
                     std::chrono::microseconds(123456);

class AttemptLogTest : public ::testing::Test {
 protected:
  AttemptLog open(std::vector<std::string> secrets = {}, std::uint64_t largest = 64u << 20) {
    AttemptLogOptions options{.secrets = {}, .largest = largest};
    for (const std::string& secret : secrets) options.secrets.emplace_back(secret);
    return AttemptLog(file_, std::move(options));
  }
  // The lines that come of output in these pieces, without time.
  std::vector<std::string> lines_of(const std::vector<std::string>& pieces, std::vector<std::string> secrets = {}) {
    AttemptLog log = open(std::move(secrets));
    for (const std::string& piece : pieces) log.output(LogStream::Out, piece, kNow);
    log.close(kNow);
    return lines();
  }
  std::vector<std::string> lines() {
    std::vector<std::string> lines;
    for (const LogLine& line : read_log(file_, 0, {.bytes = 1u << 30, .lines = 1u << 30, .finished = true}).lines)
      lines.push_back((line.stream == LogStream::Out ? "" : std::string(to_string(line.stream)) + " ") + line.text);
    return lines;
  }
  using Lines = std::vector<std::string>;

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "morning" / "r1" / "bank" / "1.log";
};

TEST_F(AttemptLogTest, IsALineForEachLineOfOutput) {
  AttemptLog log = open();
  log.output(LogStream::Out, "4096 rows\n", kNow);
  log.output(LogStream::Err, "warning: 2 rows\n\nwithout", kNow);
  log.note("ended by signal 9", kNow);
  log.close(kNow + std::chrono::seconds(61));
  EXPECT_EQ(read_file(file_),
            "2026-11-21T07:00:00.123456Z OUT 4096 rows\n"
            "2026-11-21T07:00:00.123456Z ERR warning: 2 rows\n"
            "2026-11-21T07:00:00.123456Z ERR \n"
            "2026-11-21T07:00:00.123456Z PLUMB ended by signal 9\n"
            "2026-11-21T07:01:01.123456Z ERR without\n");
}

TEST_F(AttemptLogTest, ALineMayComeInPieces) {
  EXPECT_EQ(lines_of({"one", " two\nth", "ree\r", "\nfour\r\n"}), (Lines{"one two", "three", "four"}));
}

TEST_F(AttemptLogTest, AProgressBarIsManyLines) {
  EXPECT_EQ(lines_of({"\r 10 %\r 20 %", "\r 100 %\ndone\n"}), (Lines{" 10 %", " 20 %", " 100 %", "done"}));
}

TEST_F(AttemptLogTest, IsTextWhateverTheProgramWrote) {
  EXPECT_EQ(lines_of({"\x1b[31mred\x1b[0m \x1b]0;title\a\x1b(Bplain\n",
                      "caf\xc3\xa9 \xff \x01|\x00"
                      "|\n"}),
            (Lines{"red plain", "café \uFFFD \uFFFD|"}));
  EXPECT_EQ(lines_of({std::string("a\0b\n", 4)}).back(), "a\uFFFDb");
}

TEST_F(AttemptLogTest, AnEndlessLineIsCut) {
  std::string line(100'000, 'x');
  Lines lines = lines_of({line.substr(0, 50'000), line.substr(50'000) + "\nnext\n"});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].substr(32'766), "xx … (67232 more bytes in this line)");
  EXPECT_EQ(lines[1], "next");
}

TEST_F(AttemptLogTest, SecretsAreMaskedAcrossReadsAndCuts) {
  EXPECT_EQ(lines_of({"key is hun", "ter2-hunter2\n"}, {"hunter2"}), (Lines{"key is ***-***"}));
  std::string before(32'766, 'x');
  EXPECT_EQ(lines_of({before + "hunter2\n"}, {"hunter2"}).back().substr(32'760),
            "xxxxxx** … (1 more bytes in this line)");
}

TEST_F(AttemptLogTest, ASecretOfManyLinesIsMaskedLineByLine) {
  EXPECT_EQ(lines_of({"-----BEGIN-----\nMIIEpAIBAAKCAQEA\n}\n"}, {"-----BEGIN-----\nMIIEpAIBAAKCAQEA\n}\n"}),
            (Lines{"***", "***", "}"}));
}

TEST_F(AttemptLogTest, WhatLooksLikeACredentialIsMasked) {
  EXPECT_EQ(lines_of({"GET https://me:pw1@host/?appid=4711\n", "see p%40ss\n"}, {"p@ss"}),
            (Lines{"GET https://***@host/?appid=***", "see ***"}));
}

TEST_F(AttemptLogTest, OfATooLargeOutputTheBeginAndTheEndAreKept) {
  AttemptLog log = open({"hunter2"}, 10'000);
  for (int i = 0; i < 50'000; ++i) log.output(LogStream::Out, "line " + std::to_string(i) + " hunter2\n", kNow);
  log.output(LogStream::Err, "the reason\n", kNow);
  log.close(kNow);
  Lines kept = lines();
  EXPECT_EQ(kept.front(), "line 0 ***");
  auto note = std::find_if(kept.begin(), kept.end(), [](const std::string& line) { return line.starts_with("PLUMB"); });
  EXPECT_EQ(*note, "PLUMB there is more output than 10000 bytes: from here on only its end will be kept");
  EXPECT_EQ(note[1], "PLUMB 849 kB of output are missing here");
  EXPECT_TRUE(note[2].starts_with("line ") && note[2].ends_with("***")) << note[2];
  EXPECT_EQ(kept[kept.size() - 2], "line 49999 ***");
  EXPECT_EQ(kept.back(), "ERR the reason");
  EXPECT_LT(log.size(), 10'000u + 4 * 65'536u);
  EXPECT_EQ(log.last_lines(2), (Lines{"line 49999 ***", "the reason"}));
}

TEST_F(AttemptLogTest, WhatIsLittleMoreThanTheLimitIsWhole) {
  AttemptLog log = open({}, 100);
  log.output(LogStream::Out, "one\ntwo\nthree\nfo", kNow);
  log.output(LogStream::Out, "ur\n", kNow);
  log.close(kNow);
  EXPECT_EQ(log.dropped_bytes(), 0u);
  EXPECT_EQ(lines(),
            (Lines{"one", "two", "three",
                   "PLUMB there is more output than 100 bytes: from here on only its end will be kept", "four"}));
}

TEST_F(AttemptLogTest, AFullDiskDropsLinesAndIsTold) {
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  auto old = ::signal(SIGXFSZ, SIG_IGN);
  AttemptLog log = open();
  rlimit tight{60, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  log.output(LogStream::Out, "one\ntwo\nthree\n", kNow);
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old);
  EXPECT_EQ(log.problem(), "File too large");
  EXPECT_GT(log.dropped_bytes(), 0u);
  log.output(LogStream::Out, "there is room again\n", kNow);
  log.close(kNow);
  EXPECT_EQ(lines().front(), "one");
  EXPECT_EQ(lines().back(), "there is room again");
}

TEST_F(AttemptLogTest, IsReadAfterACrash) {
  open().output(LogStream::Out, "one\ntwo\n", kNow);
  std::string text = read_file(file_);
  write_scratch_file(file_, text.substr(0, text.size() - 2));  // the last write was cut
  LogPage live = read_log(file_, 0);
  ASSERT_EQ(live.lines.size(), 1u);
  EXPECT_EQ(live.next_offset, live.lines[0].text.size() + 33);
  EXPECT_EQ(lines(), (Lines{"one", "tw"}));
  append_note(file_, "the process was lost", kNow);
  EXPECT_EQ(lines(), (Lines{"one", "tw", "PLUMB the process was lost"}));
}

TEST_F(AttemptLogTest, IsReadInPages) {
  AttemptLog log = open();
  for (int i = 0; i < 1000; ++i) log.output(LogStream::Out, std::to_string(i) + "\n", kNow);
  std::uint64_t offset = 0;
  int next = 0;
  do {
    LogPage page = read_log(file_, offset, {.bytes = 1000, .lines = 7});
    for (const LogLine& line : page.lines) EXPECT_EQ(line.text, std::to_string(next++));
    ASSERT_GT(page.next_offset, offset);
    offset = page.next_offset;
  } while (offset < log.size());
  EXPECT_EQ(next, 1000);
  // From the middle of a line: the next one.
  EXPECT_EQ(read_log(file_, 1).lines.front().text, "1");
  EXPECT_EQ(read_log(file_, 34).lines.front().text, "1");
  EXPECT_EQ(read_log(file_, 1u << 20).lines.size(), 0u);
}

TEST_F(AttemptLogTest, TheTailReadsNoMoreThanItNeeds) {
  EXPECT_EQ(read_log_tail(file_, 3).lines.size(), 0u);
  AttemptLog log = open();
  for (int i = 0; i < 5000; ++i) log.output(LogStream::Out, std::to_string(i) + "\n", kNow);
  for (std::size_t count : {1u, 3u, 2500u, 5000u, 9000u}) {
    LogPage page = read_log_tail(file_, count);
    ASSERT_EQ(page.lines.size(), std::min<std::size_t>(count, 5000)) << count;
    EXPECT_EQ(page.lines.back().text, "4999");
    EXPECT_TRUE(page.at_end());
  }
}

TEST_F(AttemptLogTest, ADamagedFileIsStillRead) {
  std::filesystem::create_directories(file_.parent_path());
  write_scratch_file(file_,
                     "\x01garbage\n2026-11-21T07:00:00.123456Z OUT fine\n2026-13-21T07:00:00.123456Z OUT no\n\n");
  EXPECT_EQ(lines(), (Lines{"PLUMB \uFFFDgarbage", "fine", "PLUMB 2026-13-21T07:00:00.123456Z OUT no", "PLUMB "}));
  write_scratch_file(file_, std::string(3u << 20, 'x'));
  EXPECT_EQ(lines().size(), 3u);
}

TEST_F(AttemptLogTest, AWatchWaitsForTheFileAndForItsGrowth) {
  LogWatch watch(file_);
  EXPECT_FALSE(watch.wait(0, milliseconds(10)));
  auto grown = std::async(std::launch::async, [&] { return watch.wait(0, std::chrono::seconds(20)); });
  AttemptLog log = open();
  log.output(LogStream::Out, "one\n", kNow);
  EXPECT_TRUE(grown.get());
  auto again =
      std::async(std::launch::async, [&, size = log.size()] { return watch.wait(size, std::chrono::seconds(20)); });
  log.output(LogStream::Out, "two\n", kNow);
  EXPECT_TRUE(again.get());
  std::stop_source stop;
  auto stopped =
      std::async(std::launch::async, [&] { return watch.wait(1u << 20, std::chrono::seconds(20), stop.get_token()); });
  stop.request_stop();
  EXPECT_FALSE(stopped.get());
}

}  // namespace
}  // namespace plumb::run
