#include "workflow/tasks/ssh_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"

namespace plumb::workflow {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string_view without_padding(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return text;
}

// One remote command.
class Channel {
 public:
  Channel(const LibSsh& library, ssh_session session) : library_(library), channel_(library.channel_new_(session)) {}
  ~Channel() {
    if (channel_ != nullptr) library_.channel_free_(channel_);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ssh_channel get() const { return channel_; }

  bool start(const std::string& command) const {
    return channel_ != nullptr && library_.channel_open_session_(channel_) == SSH_OK &&
           library_.channel_request_exec_(channel_, command.c_str()) == SSH_OK;
  }
  bool write(std::string_view text) const {
    return text.empty() || library_.channel_write_(channel_, text.data(), static_cast<std::uint32_t>(text.size())) ==
                               static_cast<int>(text.size());
  }
  // Whether anything came.
  bool read(bool errors, const SshSession::Output& output) const {
    std::array<char, 32768> buffer;
    bool some = false;
    for (;;) {
      int got = library_.channel_read_nonblocking_(channel_, buffer.data(), buffer.size(), errors ? 1 : 0);
      if (got <= 0) return some;
      output({buffer.data(), static_cast<std::size_t>(got)});
      some = true;
    }
  }
  // After the end of output libssh reads the rest (how it ended, and that the channel is closed) only when it is asked
  // for the exit code; a command that was ended by a signal has none.
  bool ended() const {
    return (library_.channel_is_eof_(channel_) != 0 && exit_code() >= 0) || library_.channel_is_closed_(channel_) != 0;
  }
  int exit_code() const { return library_.channel_get_exit_status_(channel_); }
  void close_input() const { library_.channel_send_eof_(channel_); }

 private:
  const LibSsh& library_;
  ssh_channel channel_;
};

}  // namespace

SshSession::SshSession(const SshSettings& settings, std::shared_ptr<const LibSsh> library)
    : settings_(settings), library_(std::move(library)), session_(library_->new_()) {
  if (session_ == nullptr) throw Error(ErrorKind::Internal, "can't make an SSH session");
  try {
    connect();
    keep_alive();
    check_host();
    sign_in();
  } catch (...) {
    library_->disconnect_(session_);
    library_->free_(session_);
    throw;
  }
}

SshSession::~SshSession() {
  library_->disconnect_(session_);
  library_->free_(session_);
}

std::string SshSession::words() const {
  return library_->get_error_(session_);
}

void SshSession::set(ssh_options_e option, const void* value, std::string_view name) {
  if (library_->options_set_(session_, option, value) != SSH_OK)
    throw Error(ErrorKind::Config, format("ssh: the {} can't be used", name), {.cause = words()});
}

void SshSession::connect() {
  set(SSH_OPTIONS_HOST, settings_.host.c_str(), "host");
  // First what ~/.ssh/config says of that name, then what the task says.
  library_->options_parse_config_(session_, nullptr);
  if (!settings_.port.empty()) set(SSH_OPTIONS_PORT_STR, settings_.port.c_str(), "port");
  if (!settings_.user.empty()) set(SSH_OPTIONS_USER, settings_.user.c_str(), "user");
  if (!settings_.known_hosts.empty()) {
    set(SSH_OPTIONS_KNOWNHOSTS, settings_.known_hosts.c_str(), "known_hosts");
    set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null", "known_hosts");
  }
  auto microseconds = static_cast<long>(std::chrono::microseconds(settings_.connect_timeout).count());
  set(SSH_OPTIONS_TIMEOUT_USEC, &microseconds, "connect_timeout");
  if (library_->connect_(session_) != SSH_OK)
    throw Error(ErrorKind::Network, format("can't reach {} by ssh", settings_.host),
                {.retry_may_help = true, .cause = words()});
}

// By TCP itself: it costs no packets of the protocol, and finds a machine that is gone after three tries.
void SshSession::keep_alive() const {
  int socket = library_->get_fd_(session_);
  int on = 1, tries = 3;
  int seconds = static_cast<int>(std::max<std::int64_t>(1, settings_.keepalive.count() / 1000));
  auto patience = static_cast<unsigned>(seconds) * 3000u;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
}

std::string SshSession::fingerprint() const {
  ssh_key key = nullptr;
  unsigned char* hash = nullptr;
  std::size_t length = 0;
  std::string text;
  if (library_->get_server_publickey_(session_, &key) == SSH_OK &&
      library_->get_publickey_hash_(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == 0) {
    char* shown = library_->get_fingerprint_hash_(SSH_PUBLICKEY_HASH_SHA256, hash, length);
    if (shown != nullptr) text = shown;
    library_->string_free_char_(shown);
    library_->clean_pubkey_hash_(&hash);
  }
  if (key != nullptr) library_->key_free_(key);
  return text;
}

void SshSession::check_host() const {
  std::string shown = fingerprint();
  if (!settings_.fingerprint.empty()) {
    if (!shown.empty() && without_padding(shown) == without_padding(settings_.fingerprint)) return;
    throw Error(ErrorKind::Auth,
                format("the host key of {} is {}, not {}", settings_.host, shown, settings_.fingerprint),
                {.hint = "somebody may be in between; if the machine has a new key, change `fingerprint`"});
  }
  switch (library_->session_is_known_server_(session_)) {
    case SSH_KNOWN_HOSTS_OK:
      return;
    case SSH_KNOWN_HOSTS_CHANGED:
    case SSH_KNOWN_HOSTS_OTHER:
      throw Error(ErrorKind::Auth, format("the host key of {} is not the known one: it is {}", settings_.host, shown),
                  {.hint = "somebody may be in between; if the machine has a new key, change known_hosts"});
    case SSH_KNOWN_HOSTS_UNKNOWN:
    case SSH_KNOWN_HOSTS_NOT_FOUND:
      throw Error(ErrorKind::Auth, format("the host key of {} is not known: it is {}", settings_.host, shown),
                  {.hint = "check it, then add it to known_hosts (ssh-keyscan), or give it as `fingerprint`"});
    default:
      throw Error(ErrorKind::Auth, format("can't check the host key of {}", settings_.host), {.cause = words()});
  }
}

// Whether there is a key file; `answer` is the server's.
bool SshSession::try_key_file(int& answer) {
  if (settings_.key_file.empty()) return false;
  ssh_key key = nullptr;
  const char* passphrase = settings_.passphrase.empty() ? nullptr : settings_.passphrase.reveal().c_str();
  int read = library_->pki_import_privkey_file_(settings_.key_file.c_str(), passphrase, nullptr, nullptr, &key);
  if (read != SSH_OK)
    throw Error(ErrorKind::Auth, format("can't read the key '{}'", settings_.key_file),
                {.hint = read == SSH_EOF ? "there is no such file, or it can't be read"
                                         : "it is no private key, or its passphrase is another"});
  answer = library_->userauth_publickey_(session_, nullptr, key);
  library_->key_free_(key);
  return true;
}

void SshSession::sign_in() {
  int answer = library_->userauth_none_(session_, nullptr);
  if (answer == SSH_AUTH_SUCCESS) return;
  bool key_file = try_key_file(answer);
  if (answer != SSH_AUTH_SUCCESS && !key_file && settings_.password.empty()) {
    if (settings_.agent && find_environment("SSH_AUTH_SOCK")) answer = library_->userauth_agent_(session_, nullptr);
    const char* passphrase = settings_.passphrase.empty() ? "" : settings_.passphrase.reveal().c_str();
    if (answer != SSH_AUTH_SUCCESS) answer = library_->userauth_publickey_auto_(session_, nullptr, passphrase);
  }
  if (answer != SSH_AUTH_SUCCESS && !settings_.password.empty())
    answer = library_->userauth_password_(session_, nullptr, settings_.password.reveal().c_str());
  if (answer == SSH_AUTH_SUCCESS) return;
  if (library_->is_connected_(session_) == 0)
    throw Error(ErrorKind::Network, format("{} broke off the connection", settings_.host),
                {.retry_may_help = true, .cause = words()});
  throw Error(ErrorKind::Auth, format("{} does not let us in", settings_.host),
              {.hint = "is the key or the password the right one, for this user?", .cause = words()});
}

SshEnd SshSession::run(const std::string& command, std::string_view input, const Output& output, const Output& errors,
                       const std::stop_token& stop, milliseconds grace) {
  Channel channel(*library_, session_);
  if (!channel.start(command) || !channel.write(input))
    throw Error(ErrorKind::Service, format("{} does not run the command", settings_.host), {.cause = words()});
  library_->set_blocking_(session_, 0);
  FileDescriptor stopped(::eventfd(0, EFD_CLOEXEC));
  std::stop_callback on_stop(stop, [&] { ::eventfd_write(stopped.get(), 1); });
  std::optional<steady_clock::time_point> until;
  for (;;) {
    bool some = channel.read(false, output);
    some = channel.read(true, errors) || some;
    if (some) continue;
    if (channel.ended() || library_->is_connected_(session_) == 0) break;
    if (stop.stop_requested() && !until) {
      until = steady_clock::now() + grace;
      channel.close_input();
    }
    int limit = -1;
    if (until) {
      auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now()).count();
      if (left <= 0) break;
      limit = static_cast<int>(left);
    }
    std::array<pollfd, 2> waited{pollfd{library_->get_fd_(session_), POLLIN, 0},
                                 pollfd{until ? -1 : stopped.get(), POLLIN, 0}};
    ::poll(waited.data(), waited.size(), limit);
  }
  if (until) throw Error(ErrorKind::Cancelled, "the remote command was ended");
  int exit_code = channel.exit_code();
  if (exit_code < 0 && library_->is_connected_(session_) == 0)
    throw Error(ErrorKind::Network, format("the connection to {} broke", settings_.host),
                {.retry_may_help = true, .cause = words()});
  return {exit_code};
}

}  // namespace plumb::workflow
