#include "cli/crontab_import.h"

#include <gtest/gtest.h>

namespace plumb::cli {
namespace {

CrontabImport import_text(std::string_view text, CrontabKind kind = CrontabKind::User) {
  return import_crontab(read_crontab(text, kind), "");
}

// The notes and faults of one line.
std::string told(std::string_view text, CrontabKind kind = CrontabKind::User) {
  const CrontabImport import = import_text(text, kind);
  std::string all;
  for (const std::string& note : import.notes) all += note + "\n";
  for (const std::string& fault : import.faults) all += "not taken: " + fault + "\n";
  return all;
}

TEST(CrontabImport, a_job_becomes_a_workflow_of_one_task) {
  const CrontabImport import = import_text(
      "# m h  dom mon dow   command\n"
      "MAILTO=me@example.org\n"
      "PATH = \"/usr/local/bin:/usr/bin\"\n"
      "\n"
      "# Nightly backup\n"
      "30 2 * * mon-fri  /opt/backup.sh --all > /dev/null 2>&1\n");
  ASSERT_EQ(import.workflows.size(), 1u);
  EXPECT_EQ(import.workflows[0].name, "backup");
  EXPECT_EQ(import.workflows[0].text,
            "# From line 6 of a crontab.\n"
            "workflow: backup\n"
            "description: \"Nightly backup\"\n"
            "schedule: \"30 2 * * mon-fri\"\n"
            "env:\n"
            "  PATH: \"/usr/local/bin:/usr/bin\"\n"
            "tasks:\n"
            "  - id: backup\n"
            "    shell:\n"
            "      folder: \"{{ env_var('HOME') }}\"\n"
            "      command: |\n"
            "        /opt/backup.sh --all > /dev/null 2>&1\n");
  EXPECT_TRUE(import.notes.empty() && import.faults.empty());
}

TEST(CrontabImport, percent_signs_are_input_and_templates_stay_what_they_are) {
  const CrontabImport import = import_text(
      "0 8 * * * mail -s \"up\\%date\" me%Hello%there\n"
      "0 9 * * * docker ps --format '{{.Names}}'\n");
  EXPECT_NE(import.workflows[0].text.find(
                "        { mail -s \"up%date\" me\n        } <<'INPUT'\n        Hello\n        there\n        INPUT\n"),
            std::string::npos)
      << import.workflows[0].text;
  EXPECT_NE(import.workflows[1].text.find("{% raw %}docker ps --format '{{.Names}}'{% endraw %}"), std::string::npos);
}

TEST(CrontabImport, what_cron_knows_besides) {
  const CrontabImport import = import_text(
      "CRON_TZ=Asia/Tokyo\nRANDOM_DELAY=10\nHOME=/srv\n@daily ./a\n"
      "~ 1~5 * * * ./a\n");
  EXPECT_NE(import.workflows[0].text.find(
                "schedule: {cron: \"@daily\", jitter: 10m}\ntimezone: Asia/Tokyo\nenv:\n  HOME: \"/srv\"\n"),
            std::string::npos)
      << import.workflows[0].text;
  EXPECT_NE(import.workflows[0].text.find("folder: \"/srv\""), std::string::npos);
  EXPECT_EQ(import.workflows[1].name, "a-2");
  EXPECT_NE(import.workflows[1].text.find("\"H H(1-5) * * *\""), std::string::npos);
}

TEST(CrontabImport, a_systems_crontab_has_users) {
  const std::string text = "17 * * * * root cd / && run-parts --report /etc/cron.hourly\n";
  EXPECT_EQ(guess_crontab_kind(text, [](const std::string& name) { return name == "root"; }), CrontabKind::System);
  EXPECT_EQ(guess_crontab_kind("1 2 * * * ls /\n", [](const std::string& name) { return name == "root"; }),
            CrontabKind::User);
  const CrontabImport import = import_text(text, CrontabKind::System);
  EXPECT_NE(import.workflows[0].text.find("        cd / && run-parts --report /etc/cron.hourly\n"), std::string::npos);
  EXPECT_EQ(told(text, CrontabKind::System), "line 1: ran as root; a task runs as the user of `plumb serve`\n");
}

TEST(CrontabImport, says_what_it_can_not_keep) {
  EXPECT_EQ(told("@reboot ./listen\n"),
            "line 1: @reboot has no like here: the workflow runs by hand, or from a systemd unit of yours\n");
  EXPECT_EQ(told("SHELL=/usr/bin/fish\n@daily ./a\n"), "line 2: ran in fish; a task runs in bash\n");
  EXPECT_EQ(told("0 0 */2 * 1 ./a\n").substr(0, 46), "line 1: cron wants both day and weekday to fit");
  EXPECT_NE(told("@daily curl -H 'Authorization: Bearer abcdefghijklmnop1234' x\n").find("seems to hold a credential"),
            std::string::npos);
  EXPECT_EQ(told("0 25 * * * ./a\n"), "not taken: line 1: hour of a cron expression: 25 is not between 0 and 23\n");
  EXPECT_EQ(told("0 5 * *\n"), "not taken: line 1: the job has no command\n");
  EXPECT_EQ(told("hello world\n"), "not taken: line 1: 'hello world' is neither a job nor a variable\n");
}

TEST(CrontabImport, names_a_job_after_its_program) {
  EXPECT_EQ(workflow_name("/usr/local/bin/backup.sh --all"), "backup");
  EXPECT_EQ(workflow_name("cd /srv && TZ=UTC nice -n 10 /usr/bin/python3 -u sync_mail.py"), "sync_mail");
  EXPECT_EQ(workflow_name("test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )"), "cron-daily");
  EXPECT_EQ(workflow_name("flock -n /var/lock/x.lock rsync -a a b"), "rsync");
  EXPECT_EQ(workflow_name("bash -c 'certbot renew'"), "certbot");
  EXPECT_EQ(workflow_name("$HOME/x"), "job");
  EXPECT_EQ(workflow_name("[ -d /a ] && find /a -delete"), "find");
}

}  // namespace
}  // namespace plumb::cli
