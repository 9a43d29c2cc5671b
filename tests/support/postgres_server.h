// A Postgres server of one's own for tests: real, in a temporary folder, never as root, gone with the test program.
//
// initdb takes a second, so a program shares one server: PostgresServer::shared(). Each story takes a database of its
// own. Through the Unix socket everybody is trusted; over TCP (127.0.0.1) passwords are asked for by SCRAM.
//
//     auto& server = PostgresServer::shared();
//     config.host = server.host(); config.port = server.port(); config.user = server.user();
//     config.dbname = server.create_database();
//
// Tests that include this header run as one ctest test (cmake/rooms.cmake), when "Postgres" is part of their name.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/process.h"

namespace plumb::test_support {

class PostgresServer {
 public:
  // Makes a cluster and starts it. Throws Error.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // The one of this program, made on first use.
  static PostgresServer& shared();

  std::string host() const { return folder_.path().string(); }  // the socket's folder
  std::string port() const { return port_; }
  std::string user() const { return "admin"; }  // a superuser
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string log() const;

  // A new, empty database; its name.
  std::string create_database();
  // What psql prints for it, as the superuser: rows as "a|b".
  std::string psql(const std::string& dbname, const std::string& sql) const;

  void start();
  // At once, as a power cut would (SIGQUIT), or after ending all sessions with a word (SIGINT).
  void crash();
  void stop();
  // Replaces pg_hba.conf and has it read.
  void set_access(std::string_view pg_hba);

 private:
  Command as_owner(std::vector<std::string> arguments) const;
  std::string run(std::vector<std::string> arguments) const;
  void end(int signal);

  TemporaryFolder folder_;
  std::filesystem::path programs_;
  std::string port_;
  std::unique_ptr<ChildProcess> process_;
  int databases_ = 0;
};

}  // namespace plumb::test_support
