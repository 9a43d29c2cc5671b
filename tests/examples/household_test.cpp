// examples/household over three days of growing tables. Whoever builds it on which day, plumb or dbt, and on the same
// folder and file, ends with the same rows.
#include "cli/program.h"

namespace plumb::story {
namespace {

// DBT names the program, else PATH has it, or nobody.
std::optional<std::string> find_dbt() {
  if (auto named = find_environment("DBT")) return named;
  auto found = run_command({.arguments = {"sh", "-c", "command -v dbt"}});
  if (!found.ok() || found.output.empty()) return std::nullopt;
  return found.output.substr(0, found.output.find('\n'));
}

class GrowingHousehold : public Household {
 public:
  GrowingHousehold() {
    const auto example =
        std::filesystem::path(find_environment("PLUMB_SOURCE_DIR").value_or(".")) / "examples/household";
    // In place of the small project that `plumb init` makes.
    for (const char* name : {"models", "seeds", "snapshots", "macros", "tests"}) {
      std::filesystem::remove_all(folder() / name);
    }
    using Options = std::filesystem::copy_options;
    std::filesystem::copy(example, folder(), Options::recursive | Options::overwrite_existing);
  }

  // A day's data, and what `program` makes of it.
  void live(int day, const std::string& program) {
    const std::string now = "2026-11-2" + std::to_string(day) + "T18:00:00Z";
    variables["PLUMB_NOW"] = now;
    bank->set_clock(*find_instant(now));
    weather->set_clock(*find_instant(now));
    auto loaded = plumb({"load"});
    ASSERT_EQ(loaded.exit_code, 0) << loaded.errors;
    // The bank thinks again about somebody's credit.
    EXPECT_EQ(
        stock_sqlite(folder() / "data/raw_bank.db", "update accounts set credit_limit = " + std::to_string(day * 1000) +
                                                        " where account_id = (select min(account_id) from accounts)"),
        "");
    auto built = run(program, {"build"});
    ASSERT_EQ(built.exit_code, 0) << built.output << built.errors;
    EXPECT_NE(built.output.find("ERROR=0 SKIP=0"), std::string::npos) << built.output;
    auto fresh = run(program, {"source", "freshness"});
    EXPECT_NE(fresh.output.find("freshness of weather.weather_observations"), std::string::npos) << fresh.output;
    EXPECT_NE(read("target/sources.json").find("\"max_loaded_at\": \"2026-11-2" + std::to_string(day) + "T18:00:"),
              std::string::npos)
        << read("target/sources.json");
  }

  // Every table, without the moments of the builds.
  std::string rows() const {
    std::string all;
    for (const char* sql : {"select * from weather_by_day order by all", "select * from wealth_by_day order by all",
                            "select * from spending_by_month order by all",
                            "select account_id, credit_limit, dbt_valid_to is null as now, dbt_valid_from < "
                            "coalesce(dbt_valid_to, 'infinity') as in_order from accounts_history order by all"}) {
      auto result = plumb({"query", "--format", "csv", sql});
      EXPECT_EQ(result.exit_code, 0) << result.errors;
      all += result.output + "\n";
    }
    return all;
  }

 private:
  CommandResult run(const std::string& program, const Words& words) const {
    auto made = command(words);
    if (program != "plumb") made.arguments.front() = program;
    made.environment->emplace_back("DBT_SEND_ANONYMOUS_USAGE_STATS", "false");
    return run_command(made);
  }
};

std::string three_days(const std::vector<std::string>& programs) {
  GrowingHousehold home;
  for (std::size_t day = 0; day < programs.size(); ++day) home.live(static_cast<int>(day), programs[day]);
  return home.rows();
}

TEST(HouseholdExample, GrowsForThreeDaysAndDbtMayTakeItsTurnOnAnyOfThem) {
  const std::string rows = three_days({"plumb", "plumb", "plumb"});
  // Three days of weather in each city; an account with three credit limits, of which the last holds.
  for (const char* row : {"\"Berlin,DE\",2026-11-20,", "\"Berlin,DE\",2026-11-22,", ",0.0,false,true",
                          ",1000.0,false,true", ",2000.0,true,true"}) {
    EXPECT_NE(rows.find(row), std::string::npos) << rows;
  }
  auto dbt = find_dbt();
  if (!dbt) GTEST_SKIP() << "there is no dbt here";
  EXPECT_EQ(three_days({*dbt, "plumb", *dbt}), rows);
  EXPECT_EQ(three_days({"plumb", *dbt, "plumb"}), rows);
}

}  // namespace
}  // namespace plumb::story
