#include "support/postgres_server.h"

#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/error.h"
#include "base/format.h"

namespace plumb::test_support {
namespace {

namespace fs = std::filesystem;

// Debian keeps them out of PATH; the newest version there is.
fs::path find_programs() {
  fs::path best;
  int newest = 0;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
    int number = std::atoi(version.path().filename().c_str());
    if (number > newest && fs::exists(version.path() / "bin" / "initdb")) {
      newest = number;
      best = version.path() / "bin";
    }
  }
  if (best.empty())
    throw Error(ErrorKind::NotFound, "there is no Postgres here", {.hint = "apt-get install postgresql"});
  return best;
}

std::string free_port() {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw Error(ErrorKind::Network, "no port is free");
  }
  return std::to_string(ntohs(address.sin_port));
}

// Postgres refuses to run as root; then it runs as the user that Debian's package made, or as nobody.
const passwd* find_owner() {
  if (geteuid() != 0) return nullptr;
  const passwd* owner = getpwnam("postgres");
  return owner != nullptr ? owner : getpwnam("nobody");
}

constexpr std::string_view kAccess =
    "local all all trust\n"
    "host all all 127.0.0.1/32 scram-sha-256\n";

constexpr std::string_view kSettings =
    "fsync = off\n"
    "full_page_writes = off\n"
    "shared_buffers = 16MB\n"
    "max_connections = 30\n"
    "autovacuum = off\n"
    "logging_collector = off\n"
    "password_encryption = 'scram-sha-256'\n";

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : programs_(find_programs()), port_(free_port()) {
  fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec |
                                      fs::perms::group_write | fs::perms::others_write | fs::perms::others_read);
  run({(programs_ / "initdb").string(), "--pgdata=" + (folder_.path() / "data").string(), "--username=" + user(),
       "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"});
  auto settings = folder_.path() / "data" / "postgresql.conf";
  std::string text =
      read_file(settings) + std::string(kSettings) +
      format("port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n", port_, host());
  // In place: the file keeps its owner.
  std::FILE* file = std::fopen(settings.c_str(), "w");
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  set_access(kAccess);
  start();
}

PostgresServer::~PostgresServer() {
  end(SIGQUIT);
}

Command PostgresServer::as_owner(std::vector<std::string> arguments) const {
  // Whatever happens to us, what we started ends with us.
  std::vector<std::string> words = {"setpriv", "--pdeathsig=QUIT"};
  if (const passwd* owner = find_owner()) {
    words.insert(words.end(),
                 {format("--reuid={}", owner->pw_uid), format("--regid={}", owner->pw_gid), "--clear-groups"});
  }
  words.insert(words.end(), arguments.begin(), arguments.end());
  return {.arguments = std::move(words), .folder = folder_.path()};
}

std::string PostgresServer::run(std::vector<std::string> arguments) const {
  auto result = run_command(as_owner(std::move(arguments)));
  if (!result.ok()) throw Error(ErrorKind::Io, "a program of Postgres failed: " + result.output + result.errors);
  return result.output;
}

std::string PostgresServer::log() const {
  return find_file(folder_.path() / "log").value_or("");
}

void PostgresServer::start() {
  auto command = as_owner({(programs_ / "postgres").string(), "-D", (folder_.path() / "data").string()});
  process_ = std::make_unique<ChildProcess>(command, folder_.path() / "log");
  while (log().find("ready to accept connections") == std::string::npos) {
    if (!process_->running()) throw Error(ErrorKind::Io, "Postgres does not start", {.cause = log()});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void PostgresServer::end(int signal) {
  if (!process_) return;
  process_->send_signal(signal);
  process_->wait();
  process_.reset();
}

void PostgresServer::crash() {
  end(SIGQUIT);
}
void PostgresServer::stop() {
  end(SIGINT);
}

void PostgresServer::set_access(std::string_view pg_hba) {
  auto path = folder_.path() / "data" / "pg_hba.conf";
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fwrite(pg_hba.data(), 1, pg_hba.size(), file);
  std::fclose(file);
  if (process_) psql("postgres", "SELECT pg_reload_conf()");
}

std::string PostgresServer::psql(const std::string& dbname, const std::string& sql) const {
  auto result =
      run_command({.arguments = {(programs_ / "psql").string(), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                                 host(), "-p", port_, "-U", user(), "-d", dbname, "-f", "-"},
                   .input = sql});
  if (!result.ok()) throw Error(ErrorKind::Database, "psql failed: " + result.output + result.errors);
  return result.output;
}

std::string PostgresServer::create_database() {
  std::string name = format("story_{}", ++databases_);
  psql("postgres", format("CREATE DATABASE {}", name));
  return name;
}

}  // namespace plumb::test_support
