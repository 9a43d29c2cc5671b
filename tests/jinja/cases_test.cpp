// Every case of cases/*.txt: what Jinja2 3.1.6 made of it (make_fixtures.py asked), our engine must too.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/format.h"
#include "jinja/case.h"

namespace plumb::jinja_story {
namespace {

std::vector<std::filesystem::path> subjects() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PLUMB_JINJA_CASES)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string story_name(const testing::TestParamInfo<std::filesystem::path>& info) {
  auto name = info.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

class JinjaCases : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(JinjaCases, ComeOutAsFromJinja2) {
  for (const auto& subject : read_cases(GetParam())) {
    auto answer = render(subject);
    // Line 0: the real one does not know it either.
    if (subject.expected.where == "main:0") answer.where = subject.expected.where;
    EXPECT_TRUE(answer == subject.expected)
        << format("=== {}\n{}\n--- expected\n{}\n--- got\n{}\n", subject.name, subject.templates.at("main"),
                  describe(subject.expected), describe(answer));
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, JinjaCases, testing::ValuesIn(subjects()), story_name);

}  // namespace
}  // namespace plumb::jinja_story
