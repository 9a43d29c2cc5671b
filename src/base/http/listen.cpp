#include "base/http/listen.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/text.h"

namespace plumb {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Error listen_error(const tcp::endpoint& endpoint, const error_code& error) {
  std::string where = format("port {} on {}", endpoint.port(), endpoint.address().to_string());
  if (error == asio::error::address_in_use) {
    return Error(ErrorKind::Busy, format("{} is already in use", where),
                 {.hint = format("choose another port, or end the program that has it: ss -ltnp 'sport = :{}' names it",
                                 endpoint.port())});
  }
  if (error == asio::error::access_denied) {
    return Error(ErrorKind::Io, format("no right to open {}", where), {.hint = "ports below 1024 are the system's"});
  }
  return Error(ErrorKind::Io, format("can't open {}: {}", where, error.message()));
}

FileDescriptor make_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

tcp::endpoint find_endpoint(const std::string& address, std::uint16_t port) {
  error_code error;
  auto found = asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, error);
  if (error) {
    throw Error(ErrorKind::Config, format("'{}' is no IP address to listen on", printable(address)),
                {.hint = "127.0.0.1 is this machine only, 0.0.0.0 is everybody"});
  }
  return {found, port};
}

void listen_on(tcp::acceptor& acceptor, tcp::endpoint& endpoint) {
  error_code error;
  auto expect_success = [&] {
    if (error) throw listen_error(endpoint, error);
  };
  acceptor.open(endpoint.protocol(), error);
  expect_success();
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);  // a port that was open a moment ago is free
  expect_success();
  acceptor.bind(endpoint, error);
  expect_success();
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  expect_success();
  endpoint = acceptor.local_endpoint();
}

FileDescriptor listen_on_socket(const std::filesystem::path& path) {
  std::filesystem::path folder = path.parent_path().empty() ? "." : path.parent_path();
  FileDescriptor directory(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw file_error("can't open the folder of", path, errno);
  // The folder is named by its descriptor: an address holds 107 bytes.
  std::string short_path = format("/proc/self/fd/{}/{}", directory.get(), path.filename().string());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (short_path.size() >= sizeof address.sun_path) throw file_error("can't listen on", path, ENAMETOOLONG);
  std::memcpy(address.sun_path, short_path.data(), short_path.size());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);

  FileDescriptor probe = make_socket();
  if (::connect(probe.get(), generic, sizeof address) == 0 || errno == EAGAIN) {
    throw Error(ErrorKind::Busy, format("another server listens on {}", path.string()),
                {.hint = "a project folder has one server: end the other one first"});
  }
  if (errno == ECONNREFUSED) ::unlinkat(directory.get(), path.filename().c_str(), 0);
  FileDescriptor socket = make_socket();
  // Linux makes the file with the socket's own rights, so that there is no moment in which others may connect.
  bool fine = socket && ::fchmod(socket.get(), 0600) == 0 && ::bind(socket.get(), generic, sizeof address) == 0 &&
              ::listen(socket.get(), SOMAXCONN) == 0;
  if (!fine) throw file_error("can't listen on", path, errno);
  return socket;
}

}  // namespace plumb
