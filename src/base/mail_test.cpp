#include "base/mail.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "base/testing.h"

namespace plumb {
namespace {

using namespace std::chrono_literals;

const Instant kSaturday = *find_instant("2026-11-21T07:00:00Z");

// A real mail server with a certificate of its own, or none where it can't be had.
class MailStory : public testing::Test {
 protected:
  void serve(const std::string& mode) {
    std::string source = find_environment("PLUMB_SOURCE_DIR").value_or(".");
    auto python = run_command({.arguments = {source + "/tests/support/python_env.sh", "aiosmtpd==1.4.6"}});
    if (python.exit_code == 77) GTEST_SKIP() << python.errors;
    ASSERT_TRUE(python.ok()) << python.errors;
    python.output.pop_back();
    auto certificate = run_command(
        {.arguments = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                       "-keyout", file("key"), "-out", file("pem"), "-days", "2", "-subj", "/CN=mail", "-addext",
                       "subjectAltName=IP:127.0.0.1"}});
    ASSERT_TRUE(certificate.ok()) << certificate.errors;
    server_ =
        std::make_unique<ChildProcess>(Command{.arguments = {python.output, source + "/tests/support/smtp_server.py",
                                                             folder_.path().string(), mode, file("pem"), file("key")}},
                                       file("output"));
    for (int i = 0; i < 2000 && !find_file(file("port")); ++i) std::this_thread::sleep_for(10ms);
    ASSERT_TRUE(find_file(file("port"))) << find_file(file("output")).value_or("");
    options_ = {.server = format("{}://127.0.0.1:{}", mode == "smtps" ? "smtps" : "smtp", read_file(file("port"))),
                .user = "plumb",
                .password = Secret("letmein"),
                .ca_file = file("pem"),
                .timeout = 10s};
  }

  std::string file(const std::string& name) const { return folder_.path() / name; }
  void send() { send_mail(options_, letter_, kSaturday); }

  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> server_;
  MailServer options_;
  Mail letter_{.from = "Plumb <plumb@example.org>",
               .to = {"anna@example.org", "bert@example.org"},
               .subject = "bank failed: Überweisung",
               .text = "Zeile eins ä\n.\nZeile drei\n"};
};

TEST_F(MailStory, ALetterArrivesThroughStartTls) {
  ASSERT_NO_FATAL_FAILURE(serve("starttls"));
  if (IsSkipped()) return;
  send();
  std::string letter = read_file(file("1.eml"));
  EXPECT_TRUE(letter.starts_with("TLS: True\nFROM: plumb@example.org\nTO: anna@example.org,bert@example.org\n"))
      << letter;
  EXPECT_NE(letter.find("From: \"Plumb\" <plumb@example.org>\r\n"), std::string::npos) << letter;
  EXPECT_NE(letter.find(base64_encode(letter_.text)), std::string::npos) << letter;
}

TEST_F(MailStory, ALetterArrivesThroughTlsFromTheStart) {
  ASSERT_NO_FATAL_FAILURE(serve("smtps"));
  if (IsSkipped()) return;
  send();
  EXPECT_TRUE(read_file(file("1.eml")).starts_with("TLS: True\n"));
}

TEST_F(MailStory, WhatGoesWrongIsToldByItsKind) {
  ASSERT_NO_FATAL_FAILURE(serve("starttls"));
  if (IsSkipped()) return;
  options_.password = Secret("guessed-wrong");
  expect_error(ErrorKind::Auth, "refuses the user or the password", [&] { send(); });
  EXPECT_EQ(error_of([&] { send(); }).find("guessed-wrong"), std::string::npos);
  options_.password = Secret("letmein");
  options_.ca_file = "";
  expect_error(ErrorKind::Network, "can't be trusted", [&] { send(); });
  options_.ca_file = file("pem");
  letter_.to = {"nobody@example.org"};
  expect_error(ErrorKind::Service, "refuses the letter (550)", [&] { send(); });
  letter_.to = {"later@example.org"};
  try {
    send();
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(error.retry_may_help()) << error.render();
  }
  server_->stop();
  expect_error(ErrorKind::Network, "can't be reached", [&] { send(); });
}

TEST_F(MailStory, WithoutTlsNothingIsSentUnlessThatIsAllowed) {
  ASSERT_NO_FATAL_FAILURE(serve("plain"));
  if (IsSkipped()) return;
  options_.user = "";
  expect_error(ErrorKind::Service, "offers no TLS, so nothing was sent", [&] { send(); });
  options_.tls = TlsUse::WhereOffered;
  send();
  EXPECT_TRUE(read_file(file("1.eml")).starts_with("TLS: False\n"));
}

TEST(Mail, HeadersCannotBeBrokenOutOf) {
  std::string letter = compose_mail({.from = "plumb@example.org",
                                     .to = {"Anna \"A\" Ä <anna@example.org>"},
                                     .subject = "failed\r\nBcc: everybody@example.org",
                                     .text = ""},
                                    kSaturday, "1");
  EXPECT_TRUE(letter.starts_with(
      "Date: Sat, 21 Nov 2026 07:00:00 +0000\r\nFrom: plumb@example.org\r\nTo: =?utf-8?B?QW5uYSBBIMOE?= "
      "<anna@example.org>\r\nSubject: failed  Bcc: everybody@example.org\r\nMessage-ID: <1@example.org>\r\n"))
      << letter;
  expect_error(ErrorKind::Config, "is no e-mail address", [] {
    compose_mail({.from = "plumb@example.org", .to = {"anna@example.org>\r\nRCPT TO:<x@y"}}, kSaturday, "1");
  });
}

}  // namespace
}  // namespace plumb
