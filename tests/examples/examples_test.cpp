// The library's first minute: the examples, built and run as a reader of the README would.

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/process.h"
#include "sandbox/sandbox.h"

namespace plumb {
namespace {

class Examples : public testing::Test {
 protected:
  CommandResult run(const std::string& name, std::vector<std::string> arguments,
                    std::vector<std::pair<std::string, std::string>> environment) {
    auto build = std::filesystem::path(find_environment("PLUMB_PROGRAM").value_or("")).parent_path();
    arguments.insert(arguments.begin(), (build / "examples" / name).string());
    return run_command(
        {.arguments = std::move(arguments), .environment = std::move(environment), .folder = folder_.path()});
  }
  std::vector<std::pair<std::string, std::string>> credentials() const {
    return {{"COMDIRECT_CLIENT_ID", "sandbox-client"},
            {"COMDIRECT_CLIENT_SECRET", "sandbox-secret"},
            {"COMDIRECT_USERNAME", "12345678"},
            {"COMDIRECT_PASSWORD", "123456"},
            {"COMDIRECT_BASE_URL", bank_->url()}};
  }
  TemporaryFolder folder_;
  std::unique_ptr<sandbox::Sandbox> bank_ = sandbox::start_comdirect({.push_delay = std::chrono::milliseconds(0)});
};

TEST_F(Examples, AuthSignsIn) {
  auto result = run("comdirect_auth", {}, credentials());
  EXPECT_TRUE(result.ok()) << result.errors;
  EXPECT_EQ(result.output.substr(0, 9), "signed in");
}

TEST_F(Examples, BalancesAreKeptOnceADayAndReadBack) {
  for (int times = 0; times < 2; ++times) {
    auto result = run("comdirect_account_balances", {"--sqlite-db-path=balances.db"}, credentials());
    ASSERT_TRUE(result.ok()) << result.errors;
    EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 4) << result.output;
  }
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "balances.db"));
}

TEST_F(Examples, AWorkflowRunsInAProgramOfOnesOwn) {
  std::filesystem::create_directory(folder_.path() / "workflows");
  write_file(folder_.path() / "plumb.yml", "name: mine\n");
  write_file(folder_.path() / "workflows/w.yml",
             "workflow: w\ntasks:\n  - {id: a, shell: \"echo rows=3 >> $PLUMB_VALUES\"}\n"
             "  - {id: b, shell: \"exit {{ values.a.rows }}\", after: a}\n");
  auto result = run("run_workflow", {".", "w"}, {});
  EXPECT_EQ(result.output, "a: success\nb: failed\nfailed\n") << result.errors;
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(Examples, TemplatesMeetAProgramsOwnThings) {
  auto invoice = run("jinja_render", {}, {});
  EXPECT_TRUE(invoice.ok()) << invoice.errors;
  EXPECT_EQ(invoice.output,
            "Invoice for Ada Lovelace\n\n 2 x tea          7.00 EUR\n 6 x cups         53.94 EUR\n"
            "Total 60.94 EUR, due in 14 days\n");
  auto wrong = run("jinja_render", {"{{ order.lines[0].price - 1 }}"}, {});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_NE(wrong.errors.find("unsupported operand type(s) for -: 'Money' and 'int'"), std::string::npos)
      << wrong.errors;
}

TEST_F(Examples, ArgumentsWinOverTheEnvironment) {
  auto wrong = run("comdirect_auth", {"--password=999999"}, credentials());
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_NE(wrong.errors.find("refused the sign-in"), std::string::npos) << wrong.errors;
}

TEST_F(Examples, WhatIsMissingIsNamedAndNothingIsSent) {
  auto environment = credentials();
  environment.erase(environment.begin() + 1);
  auto result = run("comdirect_auth", {}, environment);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.errors.find("client_secret (COMDIRECT_CLIENT_SECRET)"), std::string::npos) << result.errors;
  auto path = run("comdirect_account_balances", {}, credentials());
  EXPECT_NE(path.errors.find("SQLITE_DB_PATH"), std::string::npos) << path.errors;
  EXPECT_TRUE(bank_->calls().empty());
}

}  // namespace
}  // namespace plumb
