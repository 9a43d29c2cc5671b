#include "workflow/loop/plain_command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/file.h"
#include "base/process.h"

namespace plumb::workflow {
namespace {

class PlainCommand : public ::testing::Test {
 protected:
  // The words, with bars between; "bash" when it takes bash.
  std::string of(std::string_view command) {
    std::string text;
    for (const std::string& word : plain_words(command, folder_.path(), variables_))
      text += (text.empty() ? "" : "|") + word;
    return text.empty() ? "bash" : text;
  }
  void script(const std::string& name, const std::string& text) {
    write_file(folder_.path() / name, text);
    std::filesystem::permissions(folder_.path() / name, std::filesystem::perms::owner_all);
  }

  TemporaryFolder folder_;
  std::vector<std::pair<std::string, std::string>> variables_ = {{"PATH", "/usr/bin:/bin"}};
};

TEST_F(PlainCommand, AProgramAndItsWordsNeedNoShell) {
  EXPECT_EQ(of("true"), "true");
  EXPECT_EQ(of("  sort  -k2,2 a/b.csv\n"), "sort|-k2,2|a/b.csv");
  EXPECT_EQ(of("/bin/ls -l --time-style=+%s"), "/bin/ls|-l|--time-style=+%s");
  script("import.sh", "#!/bin/sh\n");
  EXPECT_EQ(of("./import.sh 2026-11-22"), "./import.sh|2026-11-22");
}

TEST_F(PlainCommand, WhatMeansSomethingToBashIsLeftToIt) {
  for (const char* command :
       {"", "echo done", "cd x", "A=b env", "true; false", "ls *", "ls ~", "ls $HOME", "ls 'a b'", "ls > out", "ls &",
        "ls # all", "ls {a,b}", "ls \\a", "ls\nls", "time ls", "! true", "[ -f x ]", "test -f x"}) {
    EXPECT_EQ(of(command), "bash") << command;
  }
}

TEST_F(PlainCommand, WhatBashWouldFindOtherwiseIsLeftToIt) {
  EXPECT_EQ(of("no-such-program"), "bash");
  EXPECT_EQ(of("./none.sh"), "bash");
  script("plain.sh", "echo a script of whatever shell starts it\n");
  EXPECT_EQ(of("./plain.sh"), "bash");
  variables_ = {{"PATH", "bin:/usr/bin"}};
  EXPECT_EQ(of("true"), "bash");
  variables_ = {{"PATH", "/usr/bin"}, {"BASH_FUNC_true%%", "() { false; }"}};
  EXPECT_EQ(of("true"), "bash");
  variables_ = {{"PATH", "/usr/bin"}, {"BASH_ENV", "/etc/setup"}};
  EXPECT_EQ(of("true"), "bash");
}

TEST_F(PlainCommand, TheWordsOfTheBashThatIsHereAreKnown) {
  std::string words = run_command({.arguments = {"bash", "-c", "compgen -b -k"}}).output;
  std::istringstream lines(words);
  for (std::string word; std::getline(lines, word);) {
    if (word == "true" || word == "false") continue;
    EXPECT_EQ(of(word), "bash") << word;
  }
}

}  // namespace
}  // namespace plumb::workflow
