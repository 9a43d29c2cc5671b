#include "base/http_server.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>
#include <type_traits>

#include "base/error.h"
#include "base/format.h"
#include "base/http/answer.h"
#include "base/http/listen.h"
#include "base/http/server_state.h"
#include "base/secret.h"
#include "base/text.h"

namespace plumb {
namespace {

using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using std::chrono::milliseconds;

// What sessions at work get when the server stops; with the rest it stays below a second.
constexpr milliseconds kLastCall{700};
// When the process has no descriptor for another connection.
constexpr milliseconds kAcceptPause{100};
// Connections above the limit that are told so; any more are closed at once.
constexpr std::size_t kMostRefusals = 64;

}  // namespace

HttpServer::State::State(HttpServerOptions given, Handler handles)
    : options(std::move(given)), handler(std::move(handles)), workers(options.threads) {}

void HttpServer::State::open() {
  endpoint = find_endpoint(options.address, options.port);
  FileDescriptor local;
  if (!options.socket.empty()) local = listen_on_socket(options.socket);
  listen_on(acceptor, endpoint);
  if (local) {
    local_acceptor.assign(Local(), ::dup(local.get()));
    accept(local_acceptor);
  }
  accept(acceptor);
  thread = std::thread([this] { io.run(); });
}

template <class Acceptor>
void HttpServer::State::accept(Acceptor& from) {
  using Socket = typename Acceptor::protocol_type::socket;
  from.async_accept([this, &from](const error_code& error, Socket socket) {
    if (stopping) return;
    if (!error) {
      error_code ignored;
      std::string peer;
      if constexpr (std::is_same_v<Socket, tcp::socket>) {
        socket.set_option(tcp::no_delay(true), ignored);
        peer = socket.remote_endpoint(ignored).address().to_string();
      }
      welcome(AnySocket(std::move(socket)), std::move(peer));
      return accept(from);
    }
    options.log.warn(format("can't take a connection: {}", error.message()));
    timer.expires_after(kAcceptPause);
    timer.async_wait([this, &from](const error_code& cancelled) {
      if (!cancelled && !stopping) accept(from);
    });
  });
}

void HttpServer::State::welcome(AnySocket socket, std::string peer) {
  auto limit = static_cast<std::size_t>(std::max(options.most_connections, 1));
  if (sessions.size() >= limit + kMostRefusals) return;
  auto session = std::make_shared<Session>(*this, std::move(socket), std::move(peer));
  bool full = sessions.size() >= limit;
  sessions.insert(session.get());
  if (!full) return session->read();
  ServerResponse busy = plain_answer(503, "too many connections\n");
  busy.headers.add("Retry-After", "1");
  session->refuse(std::move(busy));
}

void HttpServer::State::leave(Session* session) {
  sessions.erase(session);
  if (stopping && sessions.empty()) timer.cancel();
}

void HttpServer::State::begin_stop() {
  stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  if (local_acceptor.is_open()) {
    local_acceptor.close(ignored);
    std::error_code gone;
    std::filesystem::remove(options.socket, gone);
  }
  timer.cancel();
  auto each = [this](void (Session::*act)()) {
    std::vector<Session*> all(sessions.begin(), sessions.end());
    for (Session* session : all) (session->*act)();
  };
  each(&Session::hurry);
  if (sessions.empty()) return;
  timer.expires_after(kLastCall);
  timer.async_wait([each](const error_code& cancelled) {
    if (!cancelled) each(&Session::close);
  });
}

void HttpServer::State::stop() {
  std::call_once(stopped, [this] {
    if (!thread.joinable()) return;
    std::promise<void> begun;
    asio::post(io, [&] {
      begin_stop();
      begun.set_value();
    });
    begun.get_future().wait();  // from here on no session goes to the workers
    workers.join();
    work.reset();
    thread.join();
  });
}

ServerResponse HttpServer::State::answer(const ServerRequest& request) const {
  ServerResponse response;
  std::string name = options.log.listened() ? request.method + " " + printable(redact(request.target)) : "";
  try {
    response = handler(request);
    expect_sendable(response);
    if (options.gzip) compress(response, request);
  } catch (const Error& error) {
    options.log.error(format("{}: {}", name, error.render()));
    response = plain_answer(500, "internal error\n");
  } catch (const std::exception& error) {
    options.log.error(format("{}: {}", name, redact(error.what())));
    response = plain_answer(500, "internal error\n");
  }
  if (options.log.listened()) options.log.debug(format("{}: {}", name, response.status));
  return response;
}

HttpServer::HttpServer(HttpServerOptions options, Handler handler)
    : state_(std::make_unique<State>(std::move(options), std::move(handler))) {
  state_->open();
}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const {
  return state_->endpoint.port();
}

std::string HttpServer::url() const {
  auto address = state_->endpoint.address();
  std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return format("http://{}:{}", host, port());
}

void HttpServer::stop() {
  state_->stop();
}

}  // namespace plumb
