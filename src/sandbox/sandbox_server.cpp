// The one Sandbox there is: a service behind a port, with clock, faults, log and control routes around it.
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "base/secret.h"
#include "sandbox/control.h"

namespace plumb::sandbox {
namespace {

constexpr std::size_t kMostCalls = 10'000;

class LocalSandbox : public Sandbox {
 public:
  LocalSandbox(std::unique_ptr<Service> service, ServingOptions options)
      : service_(std::move(service)),
        log_(options.log.module("sandbox")),
        clock_(options.now),
        switches_{options.name, options.seed, *service_, clock_, faults_, calls_},
        server_({.port = options.port, .gzip = options.gzip, .log = options.log.module("sandbox")},
                [this](const ServerRequest& request) { return handle(request); }) {}

  std::string url() const override { return server_.url(); }
  void set_clock(Instant now) override { clock_.set(now); }
  void advance_clock(Duration by) override { clock_.advance(by); }
  void stop() override { server_.stop(); }

  void add_fault(Fault fault) override {
    std::lock_guard lock(mutex_);
    faults_.add(std::move(fault));
  }

  void clear_faults() override {
    std::lock_guard lock(mutex_);
    faults_.clear();
  }

  std::vector<Call> calls() const override {
    std::lock_guard lock(mutex_);
    return {calls_.begin(), calls_.end()};
  }

  std::string command(const std::string& command) override {
    std::lock_guard lock(mutex_);
    ServerResponse response = control(command_request(command), switches_);
    if (response.status != 200) throw Error(ErrorKind::Usage, format("sandbox: {}", response.body));
    return response.body;
  }

 private:
  ServerResponse handle(const ServerRequest& request) {
    std::lock_guard lock(mutex_);
    if (is_control(request)) return control(request, switches_);
    Instant now = clock_.now();
    std::optional<Fault> fault = faults_.strike(request, *service_);
    ServerResponse response = fault ? play(*fault, *service_, request, now) : service_->answer(request, now);
    if (calls_.size() == kMostCalls) calls_.pop_front();
    calls_.push_back({now, request.method, redact(request.target), response.status});
    log_.debug(format("{} {} {}", request.method, calls_.back().target, response.status));
    return response;
  }

  mutable std::mutex mutex_;  // guards everything below but the clock, which has its own
  std::unique_ptr<Service> service_;
  Log log_;
  SandboxClock clock_;
  FaultBoard faults_;
  std::deque<Call> calls_;
  Switches switches_;
  HttpServer server_;  // last: it stops before what its handler uses goes
};

}  // namespace

bool Service::concerns(const Fault&, const ServerRequest&) const {
  return true;
}

std::optional<ServerResponse> Service::command(std::string_view, const ServerRequest&, Instant) {
  return std::nullopt;
}

void Service::describe(JsonWriter&, Instant) const {}

std::unique_ptr<Sandbox> serve(std::unique_ptr<Service> service, ServingOptions options) {
  return std::make_unique<LocalSandbox>(std::move(service), std::move(options));
}

ServerResponse json_answer(int status, std::string body, std::string content_type) {
  return {.status = status, .headers = {{"Content-Type", std::move(content_type)}}, .body = std::move(body)};
}

ServerResponse bad_command(std::string_view message) {
  return json_answer(400, format("{{\"error\":{}}}", json_quote(message)));
}

}  // namespace plumb::sandbox
