#include "base/http_client.h"

#include <chrono>
#include <random>
#include <variant>

#include "base/format.h"
#include "base/http/failure.h"
#include "base/http/retry.h"
#include "base/http/transfer.h"

namespace plumb {
namespace {

using Outcome = std::variant<HttpResponse, HttpFailure>;

bool worth_another(const Outcome& outcome, const HttpRequest& request, const RetryPolicy& policy, int tries) {
  if (const auto* failure = std::get_if<HttpFailure>(&outcome)) {
    if (!failure->sent && tries >= policy.unreached_attempts) return false;
    return failure->error.retry_may_help() && (!failure->sent || is_repeatable(request));
  }
  return is_repeatable(request) && policy.retry_status && policy.retry_status(std::get<HttpResponse>(outcome).status);
}

std::string describe(const Outcome& outcome, const HttpRequest& request) {
  if (const auto* failure = std::get_if<HttpFailure>(&outcome)) return failure->error.message();
  return format("{} -> {}", name_of(request), std::get<HttpResponse>(outcome).status);
}

// The last failure, and how often it was tried.
Error final_error(const Error& error, int tries) {
  if (tries < 2) return error;
  return Error(error.kind(), format("{}; tried {} times", error.message(), tries),
               {.hint = error.hint(), .retry_may_help = error.retry_may_help(), .cause = error.cause()});
}

}  // namespace

struct HttpClient::State {
  HttpClientOptions options;
  Clock& clock;
  std::minstd_rand chance{std::random_device{}()};
  std::unique_ptr<Line> line = {};  // made by the first request, so that a client that is never used costs nothing

  Outcome attempt(const HttpRequest& request, Patience& patience, const std::stop_token& stop);
  HttpResponse send(const HttpRequest& request, const std::stop_token& stop);
};

Outcome HttpClient::State::attempt(const HttpRequest& request, Patience& patience, const std::stop_token& stop) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(patience.left());
  auto start = std::chrono::steady_clock::now();
  Outcome outcome = line->attempt(request, options, std::min(options.attempt_timeout, left), stop);
  auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
  patience.spend(took);
  if (options.log.listened() && std::holds_alternative<HttpResponse>(outcome)) {
    options.log.debug(format("{}, {} bytes, {}", describe(outcome, request),
                             std::get<HttpResponse>(outcome).body.size(), in_seconds(took)));
  }
  return outcome;
}

HttpResponse HttpClient::State::send(const HttpRequest& request, const std::stop_token& stop) {
  expect_sendable(request);
  if (!line) line = std::make_unique<Line>();
  Patience patience(options.retry, options.deadline, chance);
  while (true) {
    Outcome outcome = attempt(request, patience, stop);
    const int tries = patience.tries() + 1;
    auto* answer = std::get_if<HttpResponse>(&outcome);
    std::optional<Duration> wait;
    if (worth_another(outcome, request, options.retry, tries)) {
      wait = patience.find_wait(answer ? find_retry_after(answer->headers, clock.now()) : std::nullopt);
    }
    if (!wait && answer) return std::move(*answer);
    if (!wait) throw final_error(std::get<HttpFailure>(outcome).error, tries);
    if (options.log.listened()) {
      options.log.warn(format("{}; trying again in {}", describe(outcome, request), in_seconds(*wait)));
    }
    patience.spend(*wait);
    if (!clock.sleep_for(*wait, stop)) throw Error(ErrorKind::Cancelled, format("cancelled: {}", name_of(request)));
  }
}

HttpClient::HttpClient(HttpClientOptions options, Clock& clock)
    : state_(new State{.options = std::move(options), .clock = clock}) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

HttpResponse HttpClient::send(const HttpRequest& request, std::stop_token stop) {
  return state_->send(request, stop);
}

}  // namespace plumb
