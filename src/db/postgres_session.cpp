#include "db/postgres_session.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/file.h"
#include "base/format.h"
#include "db/drivers.h"
#include "db/postgres_error.h"

namespace plumb::db {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// How long a server may take to answer a cancellation before we leave it to itself.
constexpr auto kPatienceAfterCancel = 5s;

std::int64_t now_in_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}

// libpq's keywords: ours first, then the user's, which win.
std::map<std::string, std::string> parameters_of(const DatabaseConfig& config) {
  std::map<std::string, std::string> parameters = {
      {"application_name", "plumb"},
      {"client_encoding", "UTF8"},
      // A host that vanished without a word is noticed after a minute or two, not after hours.
      {"keepalives_idle", "60"},
      {"keepalives_interval", "10"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "60000"},
  };
  for (const auto& [key, value] : config.settings) parameters[key] = value;
  auto set = [&](const char* key, const std::string& value) {
    if (!value.empty()) parameters[key] = value;
  };
  set("host", config.host);
  set("port", config.port);
  set("dbname", config.dbname);
  set("user", config.user);
  set("password", config.password.reveal());
  return parameters;
}

std::chrono::seconds connect_timeout(const DatabaseConfig& config) {
  auto setting = config.settings.find("connect_timeout");
  std::string text =
      setting != config.settings.end() ? setting->second : find_environment("PGCONNECT_TIMEOUT").value_or("");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(seconds > 0 ? seconds : 10);
}

bool wait_for_socket(int socket, short events, std::chrono::milliseconds patience) {
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

PostgresSession::PostgresSession(const DatabaseConfig& config) : config_(config), pq_(open_libpq()) {
  connect();
  cancel_handle_ = {pq_->getCancel(get()), CancelHandle{pq_.get()}};
  // Whoever waits for a lock is told so, as with the other databases; dates are read by their order in ISO 8601.
  std::string settings = format("SET lock_timeout = {}", config_.busy_timeout.count());
  const char* style = pq_->parameterStatus(get(), "DateStyle");
  if (style == nullptr || !std::string_view(style).starts_with("ISO")) settings += "; SET DateStyle = 'ISO'";
  if (config_.read_only) settings += "; SET default_transaction_read_only = on";
  run(settings);
}

PostgresSession::~PostgresSession() = default;

void PostgresSession::connect() {
  auto parameters = parameters_of(config_);
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [key, value] : parameters) {
    keywords.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = {pq_->connectStartParams(keywords.data(), values.data(), 0), Finish{pq_.get()}};
  for (auto& [key, value] : parameters) {
    if (key == "password") std::fill(value.begin(), value.end(), '\0');
  }
  if (!connection_) throw std::bad_alloc();
  // Receives the SQLSTATE with the words of a refusal, which may be in any language.
  pq_->setErrorVerbosity(get(), PQERRORS_VERBOSE);
  pq_->setNoticeReceiver(get(), &PostgresSession::receive_notice, this);
  wait_until_connected();
  pq_->setErrorVerbosity(get(), PQERRORS_DEFAULT);
}

void PostgresSession::wait_until_connected() {
  auto deadline = Clock::now() + connect_timeout(config_);
  if (pq_->status(get()) == CONNECTION_BAD) {
    throw translate_connection_trouble(pq_->errorMessage(get()), config_);
  }
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK; state = pq_->connectPoll(get())) {
    if (state == PGRES_POLLING_FAILED) throw translate_connection_trouble(pq_->errorMessage(get()), config_);
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (left.count() <= 0 || !wait_for_socket(pq_->socket(get()), events, left)) {
      throw translate_connection_trouble(format("no answer within {} s", connect_timeout(config_).count()), config_);
    }
  }
}

void PostgresSession::prepare_to_send(NumberedSql statement, std::string_view user_sql) {
  throw_if_cancelled();
  if (streaming_) end_stream();
  ++stream_;
  in_transaction_when_sent_ = in_transaction();
  statement_ = std::move(statement);
  user_sql_ = user_sql;
}

void PostgresSession::check_sent(int sent) {
  if (sent == 0) throw_broken();
}

void PostgresSession::wait_for_input() {
  while (pq_->isBusy(get()) != 0) {
    bool unsent = pq_->flush(get()) == 1;
    wait_for_socket(pq_->socket(get()), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 500ms);
    if (pq_->consumeInput(get()) == 0) throw_broken();
    auto cancelled_at = cancelled_at_.load();
    if (cancelled_ && now_in_milliseconds() - cancelled_at > std::chrono::milliseconds(kPatienceAfterCancel).count()) {
      throw Error(ErrorKind::Cancelled, "the statement was cancelled; the server did not answer");
    }
  }
}

PgResult PostgresSession::next_result() {
  wait_for_input();
  PgResult result(pq_->getResult(get()), PgClear{pq_.get()});
  if (!result) {
    if (pq_->status(get()) == CONNECTION_BAD) throw_broken();
    return result;
  }
  auto status = pq_->resultStatus(result.get());
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
    drain();
    throw_trouble(result.get());
  }
  // What was only prepared has no name yet.
  const char* answer = pq_->cmdStatus(result.get());
  if (answer != nullptr && *answer != '\0') last_answer_ = answer;
  return result;
}

PgResult PostgresSession::finish() {
  PgResult last(nullptr, PgClear{pq_.get()});
  while (auto result = next_result()) last = std::move(result);
  streaming_ = false;
  return last;
}

void PostgresSession::run(std::string_view sql) {
  prepare_to_send(sql);
  check_sent(pq_->sendQuery(get(), statement_.sql.c_str()));
  finish();
}

void PostgresSession::end_stream() noexcept {
  streaming_ = false;
  // In a transaction a cancelled query would take the transaction with it, so its rows are read and dropped.
  if (!in_transaction() && cancel_handle_) {
    std::array<char, 256> trouble{};
    pq_->cancel(cancel_handle_.get(), trouble.data(), trouble.size());
  }
  drain();
}

// Reads what is left, COPY included, until the connection is idle.
void PostgresSession::drain() noexcept {
  streaming_ = false;
  while (true) {
    PgResult result(pq_->getResult(get()), PgClear{pq_.get()});
    if (!result || pq_->status(get()) == CONNECTION_BAD) return;
    auto status = pq_->resultStatus(result.get());
    if (status == PGRES_COPY_IN) pq_->putCopyEnd(get(), "given up");
    if (status == PGRES_COPY_OUT) {
      char* row = nullptr;
      while (pq_->getCopyData(get(), &row, 0) > 0) pq_->freemem(row);
    }
  }
}

bool PostgresSession::in_transaction() const {
  auto status = pq_->transactionStatus(get());
  // While a statement is under way libpq does not tell.
  if (status == PQTRANS_ACTIVE) return in_transaction_when_sent_;
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

void PostgresSession::cancel() {
  cancelled_at_ = now_in_milliseconds();
  cancelled_ = true;
  std::array<char, 256> trouble{};
  if (cancel_handle_) pq_->cancel(cancel_handle_.get(), trouble.data(), trouble.size());
}

void PostgresSession::throw_if_cancelled() {
  if (cancelled_.exchange(false)) throw Error(ErrorKind::Cancelled, "the statement was cancelled");
}

void PostgresSession::throw_broken() {
  streaming_ = false;
  // A server that is stopped says so before it goes: the words are libpq's last ones.
  throw broken_connection(pq_->errorMessage(get()), config_);
}

void PostgresSession::throw_trouble(const PGresult* result) {
  auto trouble = read_trouble(*pq_, result);
  if (trouble.state == "57014") {
    if (cancelled_.exchange(false)) throw Error(ErrorKind::Cancelled, "the statement was cancelled");
    throw Error(ErrorKind::Cancelled, trouble.message);
  }
  if (trouble.state.empty()) throw broken_connection(trouble.message, config_);
  throw translate_trouble(trouble, config_, statement_, user_sql_);
}

void PostgresSession::roll_back() noexcept {
  if (streaming_) drain();
  // A late answer to an earlier cancel() may hit this statement; once.
  for (int attempt = 0; attempt < 2 && in_transaction(); ++attempt) pq_->clear(pq_->exec(get(), "ROLLBACK"));
}

// Notices go to the log: warnings as such, the rest for the curious.
void PostgresSession::receive_notice(void* self, const PGresult* result) {
  auto* session = static_cast<PostgresSession*>(self);
  if (!session->config_.log.listened()) return;
  const char* severity = session->pq_->resultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char* message = session->pq_->resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message == nullptr) return;
  Log log = session->config_.log.module("db");
  if (severity != nullptr && std::string_view(severity) == "WARNING") {
    log.warn(message);
  } else {
    log.debug(message);
  }
}

}  // namespace plumb::db
