// The comdirect client against the sandbox: sign-in, session, reading, and what goes wrong.

#include <gtest/gtest.h>

#include <set>

#include "base/testing.h"
#include "ingest/ingest.h"
#include "sandbox/sandbox.h"

namespace plumb::ingest::comdirect {
namespace {

using sandbox::FaultKind;
using sandbox::TanKind;

const Instant kMorning = *find_instant("2026-11-22T18:00:00Z");

class Bank : public testing::Test {
 protected:
  void open(sandbox::ComdirectOptions options = {}) {
    options.now = kMorning;
    options.push_delay = options.push_delay.count() < 0 ? options.push_delay : std::chrono::milliseconds(0);
    sandbox_ = sandbox::start_comdirect(options);
  }
  Config config() const {
    auto nothing = [](const std::string&) { return std::optional<std::string>(); };
    return config_from({{"client_id", "sandbox-client"},
                        {"client_secret", "sandbox-secret"},
                        {"username", "12345678"},
                        {"password", password_},
                        {"base_url", sandbox_->url()}},
                       nothing);
  }
  Client client() {
    ClientOptions options{.clock = clock_};
    options.log = Log([this](const LogRecord& record) { log_ += std::string(record.message) + "\n"; });
    options.push_patience = std::chrono::seconds(5);
    options.on_session = [this](const Session& session) { sessions_.push_back(session.to_json()); };
    return Client(config(), options);
  }
  // Types this, and remembers what was asked.
  Asker types(std::string answer) {
    return [this, answer](const Question& question) -> std::optional<Secret> {
      questions_.push_back(question);
      if (answer.empty() || !question.wants_answer) return std::nullopt;
      return Secret(answer);
    };
  }
  int calls(std::string_view part) const {
    int count = 0;
    for (const auto& call : sandbox_->calls()) count += call.target.find(part) != std::string::npos ? 1 : 0;
    return count;
  }

  TestClock clock_{kMorning};
  std::string password_ = "123456";
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::vector<Question> questions_;
  std::vector<std::string> sessions_;
  std::string log_;
};

TEST_F(Bank, APushIsToldAndAwaited) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  ASSERT_EQ(questions_.size(), 1u);
  EXPECT_FALSE(questions_[0].wants_answer);
  EXPECT_GE(bank.account_balances().size(), 3u);
}

TEST_F(Bank, APhotoTanShowsItsPicture) {
  open({.preferred = TanKind::Photo});
  auto bank = client();
  bank.authenticate(types("123456"));
  ASSERT_EQ(questions_.size(), 1u);
  EXPECT_EQ(questions_[0].image_png.substr(1, 3), "PNG");
  EXPECT_FALSE(bank.account_balances().empty());
}

TEST_F(Bank, AMobileTanNamesThePhone) {
  open({.preferred = TanKind::Mobile});
  auto bank = client();
  bank.authenticate(types("123456"));
  EXPECT_NE(questions_[0].text.find("+49"), std::string::npos) << questions_[0].text;
}

TEST_F(Bank, AWrongTanIsSentOnceAndNoSecondChallengeIsRaised) {
  open({.preferred = TanKind::Photo});
  auto bank = client();
  expect_error(ErrorKind::Approval, "refused the TAN", [&] { bank.authenticate(types("000000")); });
  EXPECT_EQ(calls("/validate"), 1);
}

TEST_F(Bank, WithoutAPersonOnlyAPushIsRaised) {
  open({.preferred = TanKind::Photo});
  auto bank = client();
  bank.authenticate({});
  EXPECT_FALSE(bank.account_balances().empty());

  open({.preferred = TanKind::Photo, .kinds = {TanKind::Photo}});
  auto other = client();
  EXPECT_THROW(other.authenticate({}), Error);
}

TEST_F(Bank, APushThatNobodyApprovesEndsWithAHint) {
  open({.push_delay = std::chrono::milliseconds(-1)});
  auto bank = client();
  expect_error(ErrorKind::Approval, "nobody approved", [&] { bank.authenticate(types("")); });
  EXPECT_EQ(calls("/validate"), 1);
}

TEST_F(Bank, WrongCredentialsAreToldWithoutTryingAgain) {
  open();
  password_ = "999999";
  auto bank = client();
  expect_error(ErrorKind::Auth, "refused the sign-in", [&] { bank.authenticate(types("")); });
  EXPECT_EQ(calls("/oauth/token"), 1);
}

TEST_F(Bank, MissingSettingsAreAllNamedAndNothingIsSent) {
  auto none = [](const std::string&) { return std::optional<std::string>(); };
  EXPECT_EQ(error_of([&] {
              config_from({{"username", "1"}}, none);
            }),
            "comdirect needs client_id (COMDIRECT_CLIENT_ID), client_secret (COMDIRECT_CLIENT_SECRET), password "
            "(COMDIRECT_PASSWORD)\nhint: give them as arguments or in the environment; nothing has been sent");
}

TEST_F(Bank, ASessionGoesOnInAnotherProcess) {
  open();
  auto first = client();
  first.authenticate(types(""));
  auto second = client();
  ASSERT_TRUE(second.resume(Session::from_json(sessions_.back())));
  EXPECT_FALSE(second.account_balances().empty());
  EXPECT_EQ(calls("/validate"), 1);
}

TEST_F(Bank, AnEndedAccessTokenIsRefreshedAndKeptBeforeItIsUsed) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  sandbox_->advance_clock(std::chrono::minutes(11));
  clock_.advance(std::chrono::minutes(11));
  EXPECT_FALSE(bank.account_balances().empty());
  EXPECT_EQ(sessions_.size(), 2u);
}

TEST_F(Bank, ATokenThatTheBankDropsEarlyIsRefreshedOnce) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  sandbox_->add_fault({.kind = FaultKind::ExpiredToken, .path = "/api/banking", .times = 1});
  EXPECT_FALSE(bank.account_balances().empty());
  EXPECT_EQ(sessions_.size(), 2u);
}

TEST_F(Bank, ALostSessionIsToldAndNotReplacedByItself) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  sandbox_->advance_clock(std::chrono::hours(1));
  clock_.advance(std::chrono::hours(1));
  expect_error(ErrorKind::Auth, "has ended", [&] { bank.account_balances(); });
  EXPECT_EQ(calls("/validate"), 1);
  auto next = client();
  EXPECT_FALSE(next.resume(Session::from_json(sessions_.back())));
}

TEST_F(Bank, AllBookedTransactionsComePageByPage) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  std::size_t most = 0;
  for (const auto& balance : bank.account_balances()) {
    std::set<std::string> references;
    std::size_t count = 0;
    bank.booked_transactions(balance.account.account_id, {}, [&](std::span<const Transaction> page) {
      for (const auto& transaction : page) {
        ++count;
        EXPECT_TRUE(transaction.booked);
        references.insert(transaction.reference.value_or(""));
      }
    });
    EXPECT_EQ(references.size(), count);
    most = std::max(most, count);
  }
  EXPECT_GT(most, 500u);  // more than a page
}

TEST_F(Bank, PendingTransactionsHaveNoBookingDate) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  std::size_t pending = 0;
  for (const auto& balance : bank.account_balances()) {
    for (const auto& transaction : bank.pending_transactions(balance.account.account_id)) {
      EXPECT_FALSE(transaction.booked);
      EXPECT_FALSE(transaction.booking_date);
      ++pending;
    }
  }
  EXPECT_GT(pending, 0u);
}

TEST_F(Bank, PassingFaultsAreWaitedOut) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  sandbox_->add_fault({.kind = FaultKind::TooManyRequests, .path = "/api/banking", .times = 2, .retry_after = 3});
  EXPECT_FALSE(bank.account_balances().empty());
  EXPECT_GE(clock_.slept(), std::chrono::seconds(6));
  sandbox_->add_fault({.kind = FaultKind::ResetMidBody, .path = "/api/banking", .times = 1});
  EXPECT_FALSE(bank.account_balances().empty());
  sandbox_->add_fault({.kind = FaultKind::ServerError, .status = 503, .path = "/api/banking", .times = -1});
  expect_error(ErrorKind::Service, "comdirect refused to answer", [&] { bank.account_balances(); });
}

TEST_F(Bank, BrokenJsonIsToldWithItsPlaceInTheAnswer) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  sandbox_->add_fault({.kind = FaultKind::MalformedJson, .path = "/api/banking", .times = 1});
  expect_error(ErrorKind::Data,
               "comdirect /banking/clients/user/v2/accounts/balances:", [&] { bank.account_balances(); });
}

TEST_F(Bank, NoSecretReachesTheLog) {
  open({.preferred = TanKind::Photo});
  auto bank = client();
  bank.authenticate(types("123456"));
  bank.account_balances();
  auto session = bank.find_session();
  for (const std::string& secret : {std::string("sandbox-secret"), std::string("123456"), std::string("12345678"),
                                    session->access_token.reveal(), session->refresh_token.reveal()}) {
    EXPECT_EQ(log_.find(secret), std::string::npos) << "the log holds " << secret << "\n" << log_;
  }
  EXPECT_FALSE(log_.empty());
}

TEST_F(Bank, RevokingEndsTheSession) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  auto kept = Session::from_json(sessions_.back());
  bank.revoke();
  auto other = client();
  other.resume(kept);
  EXPECT_THROW(other.account_balances(), Error);
}

TEST_F(Bank, DocumentsAreDownloaded) {
  open();
  auto bank = client();
  bank.authenticate(types(""));
  std::string id;
  bank.get_list("/messages/clients/user/v2/documents", [&](const Node& document) {
    if (document.find("mimeType").text_or("") == "application/pdf") id = document.get("documentId").as_text();
  });
  ASSERT_FALSE(id.empty());
  EXPECT_EQ(bank.download(id, "application/pdf").substr(0, 5), "%PDF-");
}

}  // namespace
}  // namespace plumb::ingest::comdirect
