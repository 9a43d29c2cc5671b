// libssh as a table of functions, opened when the first ssh task begins: nothing else needs it.
// `ssh.connect_(…)` is ssh_connect(…).
#pragma once

#include <libssh/libssh.h>

#include <memory>

namespace plumb::workflow {

// clang-format off
#define PLUMB_LIBSSH_FUNCTIONS(X) \
  X(init) X(new) X(free) X(connect) X(disconnect) X(options_set) X(options_parse_config) X(get_error) X(get_fd) \
  X(get_server_publickey) X(get_publickey_hash) X(get_fingerprint_hash) X(key_free) X(clean_pubkey_hash) \
  X(string_free_char) X(session_is_known_server) X(set_blocking) \
  X(userauth_none) X(userauth_list) X(userauth_agent) X(userauth_publickey) X(userauth_publickey_auto) \
  X(userauth_password) X(pki_import_privkey_file) \
  X(channel_new) X(channel_free) X(channel_open_session) X(channel_request_exec) X(channel_request_env) \
  X(channel_send_eof) X(channel_close) X(channel_read_nonblocking) \
  X(channel_is_eof) X(channel_is_closed) X(channel_get_exit_status) X(channel_write) \
  X(is_connected)
// clang-format on

struct LibSsh {
// The name is a member that is declared, not a value.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define PLUMB_LIBSSH_MEMBER(name) decltype(&::ssh_##name) name##_ = nullptr;
  PLUMB_LIBSSH_FUNCTIONS(PLUMB_LIBSSH_MEMBER)
#undef PLUMB_LIBSSH_MEMBER
};

// Opens it. Throws Error(NotFound) when there is none.
std::shared_ptr<const LibSsh> open_libssh();

}  // namespace plumb::workflow
