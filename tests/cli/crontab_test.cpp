// An existing crontab, taken over: plumb init --from-crontab, and a run of what came of it.
#include "cli/program.h"

namespace plumb::story {
namespace {

TEST(CliCrontab, AJobRunsAsItDidUnderCron) {
  Home home;
  home.variables["HOME"] = home.folder().string();
  home.variables["TZ"] = "Europe/Berlin";
  write_file(home / "crontab",
             "GREETING=hello\n"
             "# Says so each morning\n"
             "0 7 * * mon-fri  tr a-z A-Z > said.txt%$GREETING%{{ it }} is 100\\%\n"
             "61 * * * * never\n");
  auto made = home.plumb({"init", "platform", "--from-crontab", "crontab"});
  EXPECT_EQ(made.exit_code, 1) << "one line could not be taken";
  EXPECT_EQ(made.output, "made   plumb.yml\nmade   workflows/tr.yml\n");
  EXPECT_NE(made.errors.find("not taken: line 4: minute of a cron expression: 61 is not between 0 and 59\n"),
            std::string::npos);
  EXPECT_EQ(read_file(home / "platform/plumb.yml"), "name: \"platform\"\ntimezone: Europe/Berlin\n");

  auto check = home.plumb({"--project-dir", "platform", "workflows", "check"});
  EXPECT_EQ(check.exit_code, 0) << check.output << check.errors;
  auto run = home.plumb({"--project-dir", "platform", "start", "tr"});
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  EXPECT_EQ(read_file(home / "said.txt"), "$GREETING\n{{ IT }} IS 100%\n");
}

TEST(CliCrontab, ComesFromAPipeAndKeepsWhatIsThere) {
  Home home;
  EXPECT_EQ(home.plumb({"init", "--from-crontab", "-"}, "@daily ./backup.sh\n").exit_code, 0);
  write_file(home / "workflows/backup.yml", "mine");
  const auto again = home.plumb({"init", "--from-crontab", "-"}, "@daily ./backup.sh\n@hourly ./sync.sh\n");
  EXPECT_EQ(again.output, "kept   plumb.yml\nkept   workflows/backup.yml\nmade   workflows/sync.yml\n");
  EXPECT_EQ(read_file(home / "workflows/backup.yml"), "mine");
}

}  // namespace
}  // namespace plumb::story
