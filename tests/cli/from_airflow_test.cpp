// The files of docs/from-airflow.md, as they stand there.
#include "cli/program.h"

namespace plumb::story {
namespace {

TEST(CliFromAirflow, TheWorkflowOfTheGuideIsAWorkflow) {
  Home home;
  const std::string guide = read_file(*find_environment("PLUMB_SOURCE_DIR") + "/docs/from-airflow.md");
  const std::string mark = "```yaml\n# ";
  int files = 0;
  for (auto at = guide.find(mark); at != std::string::npos; at = guide.find(mark, at + 1), ++files) {
    const auto name_at = at + mark.size(), text_at = guide.find('\n', name_at) + 1;
    const auto file = home / guide.substr(name_at, text_at - 1 - name_at);
    std::filesystem::create_directories(file.parent_path());
    write_file(file, guide.substr(text_at, guide.find("```", text_at) - text_at));
  }
  EXPECT_EQ(files, 2);
  const auto check = home.plumb({"workflows", "check"});
  EXPECT_EQ(check.exit_code, 0) << check.output << check.errors;
  EXPECT_NE(check.output.find("shop_export"), std::string::npos) << check.output;
  EXPECT_NE(home.plumb({"workflows"}).output.find("shop_export  Every hour"), std::string::npos);
}

}  // namespace
}  // namespace plumb::story
