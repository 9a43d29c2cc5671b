// What a server shows: the api, sign-in, metrics, live logs.
//
// A Server joins an HTTP server with the store (questions) and the Operations (what people do); it knows neither how a
// run is carried out nor which files a store is made of. Requests are answered by a few threads that come and go; live
// logs and changes are streams that hold none (see base/http_server.h). Nothing is kept in memory but sessions' rate
// limits, counters, and what streams have not sent yet.
//
//     serve::Server server({.port = 8080, .socket = folder / ".plumb/serve.sock"},
//                          {.project = project, .store = store, .operations = scheduler, .clock = clock, …});
//     scheduler.listen(server.listener());
//
// Routes (docs/api.md): /api/v2 in the shapes of Airflow's public API, so that its clients read it; /api/plumb/v1 for
// what Airflow has no notion of; /auth/token, /health, /metrics, /openapi.json. The table of all of them is made of the
// lists in api/*.cpp, and the OpenAPI document is made of that table.
//
// Who may do what: see sign_in.h and docs/serve.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_server.h"
#include "base/log.h"
#include "config/config.h"
#include "serve/accounts.h"        // IWYU pragma: export
#include "serve/alert_message.h"   // IWYU pragma: export
#include "serve/alerts.h"          // IWYU pragma: export
#include "serve/session_keeper.h"  // IWYU pragma: export
#include "serve/statsd.h"          // IWYU pragma: export
#include "store/store.h"
#include "workflow/workflow.h"

namespace plumb::serve {

struct ServeOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  std::filesystem::path socket = {};
  std::string base_path = {};  // "/plumb" behind a proxy that passes the path on as it came; with or without it works
  // Peers whose X-Forwarded-For and X-Forwarded-Proto are believed; the Unix socket's are.
  std::vector<std::string> trusted_proxies = {};
  // Names under which a server without users may be asked for, beside localhost and addresses of loopback: a page of
  // the web could otherwise rename itself to this machine and read along.
  std::vector<std::string> hosts = {};
  int threads = 4;
  int most_connections = 1024;
  std::chrono::hours session_life{12};
  std::string version = "0.1.0";
};

// What the server serves. All of it outlives the server, and may be called from any thread.
struct Parts {
  const config::Project& project;
  store::Store& store;
  workflow::Operations& operations;
  Clock& clock;
  std::function<workflow::SchedulerHealth()> health = {};
  std::function<std::filesystem::path(const store::AttemptRow&)> log_file = {};
  Log log = {};
};

class Server {
 public:
  // Throws Error(Config) with a hint when it would listen beyond this machine and there is no user, Error(Busy) when
  // the port or the socket is taken.
  Server(ServeOptions options, const Parts& parts);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::string url() const;
  // For Scheduler::listen(). Quick, and safe after the server is gone.
  workflow::Listener listener();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The OpenAPI 3.1 document of all routes, as JSON.
std::string openapi_document(const std::string& version, const std::string& base_path = {});

}  // namespace plumb::serve
