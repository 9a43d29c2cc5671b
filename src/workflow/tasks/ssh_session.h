// Below ssh_task.cpp: a connection to another machine whose host key was checked, as somebody who may be there.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "workflow/tasks/libssh.h"

namespace plumb::workflow {

struct SshSettings {
  std::string host;  // or a name of ~/.ssh/config
  std::string port = {};
  std::string user = {};
  Secret password = {};
  std::string key_file = {};
  Secret passphrase = {};
  bool agent = true;
  std::string known_hosts = {};  // empty: the user's and the system's
  std::string fingerprint = {};  // "SHA256:…", in place of known_hosts
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds keepalive{30'000};
};

// What came of a remote command.
struct SshEnd {
  int exit_code = -1;  // -1: it was ended by a signal
};

class SshSession {
 public:
  // Connects. Throws Error(Network), Error(Auth) for a host key that is not the known one or when we are not let in.
  SshSession(const SshSettings& settings, std::shared_ptr<const LibSsh> library);
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  // "SHA256:…" of the host's key.
  std::string fingerprint() const;

  using Output = std::function<void(std::string_view bytes)>;
  // Runs a command, `input` being the begin of its standard input, which stays open. A stop closes it, and then the
  // command has `grace` to end. Throws Error(Network) when the connection breaks, Error(Cancelled) after a stop.
  SshEnd run(const std::string& command, std::string_view input, const Output& output, const Output& errors,
             const std::stop_token& stop, std::chrono::milliseconds grace);

 private:
  void set(ssh_options_e option, const void* value, std::string_view name);
  void connect();
  void keep_alive() const;
  void check_host() const;
  void sign_in();
  bool try_key_file(int& answer);
  std::string words() const;  // the library's own

  SshSettings settings_;
  std::shared_ptr<const LibSsh> library_;
  ssh_session session_;
};

}  // namespace plumb::workflow
