#include "base/log.h"

#include <gtest/gtest.h>

#include <regex>
#include <thread>
#include <vector>

namespace plumb {
namespace {

std::string said(LogLevel least, const std::function<void(const Log&)>& work) {
  testing::internal::CaptureStderr();
  work(Log(stderr_sink(least)));
  return testing::internal::GetCapturedStderr();
}

TEST(Log, is_silent_unless_somebody_listens) {
  Log log;
  EXPECT_FALSE(log.listened());
  testing::internal::CaptureStderr();
  log.module("http").error("nobody hears this");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Log, carries_the_modules_name_and_no_secret) {
  std::vector<std::string> heard;
  Log log([&](const LogRecord& record) {
    heard.push_back(std::string(to_string(record.level)) + " " + std::string(record.module) + ": " +
                    std::string(record.message));
  });
  EXPECT_TRUE(log.listened());
  log.info("hello");
  log.module("comdirect").warn("answer {\"access_token\":\"6f0d\"}");
  EXPECT_EQ(heard,
            (std::vector<std::string>{"INFO plumb: hello", "WARN comdirect: answer {\"access_token\":\"***\"}"}));
}

TEST(Log, prints_a_stamped_line_from_a_level_on) {
  std::string text = said(LogLevel::Info, [](const Log& log) {
    log.debug("hidden");
    log.module("db").info("opened");
  });
  EXPECT_TRUE(
      std::regex_match(text, std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO db: opened\n")))
      << text;
}

TEST(Log, can_not_be_forged_by_a_message) {
  std::string text = said(LogLevel::Info, [](const Log& log) { log.info("a\nINFO db: forged\x1b[2J"); });
  EXPECT_NE(text.find("INFO plumb: a\n  INFO db: forged\uFFFD[2J\n"), std::string::npos) << text;
}

TEST(Log, keeps_lines_whole_when_many_threads_write) {
  std::string text = said(LogLevel::Info, [](const Log& log) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int j = 0; j < 50; ++j) log.info("0123456789");
      });
    }
  });
  std::size_t whole = 0;
  for (std::size_t at = text.find("0123456789\n"); at != std::string::npos; at = text.find("0123456789\n", at + 1))
    ++whole;
  EXPECT_EQ(whole, 200u);
}

}  // namespace
}  // namespace plumb
