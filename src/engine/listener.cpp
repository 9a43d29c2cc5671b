// Where guests find an engine: a socket in the project's .plumb.
//
// A Unix socket's address holds 107 bytes, and a project's path may be longer: so the folder is opened, and the socket
// is named through /proc/self/fd.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/format.h"
#include "engine/wire.h"

namespace plumb::engine {

namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "engine.sock";

FileDescriptor open_folder(const fs::path& project_folder) {
  return FileDescriptor(::open((project_folder / ".plumb").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

FileDescriptor make_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

sockaddr_un address_in(const FileDescriptor& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = format("/proc/self/fd/{}/{}", folder.get(), kName);
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

// Only the user himself, and root, may hand over work.
bool same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace

fs::path socket_path(const fs::path& project_folder) {
  return project_folder / ".plumb" / kName;
}

std::optional<FileDescriptor> find_engine(const fs::path& project_folder) {
  auto folder = open_folder(project_folder);
  if (!folder) return std::nullopt;
  auto socket = make_socket();
  const sockaddr_un address = address_in(folder);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return std::nullopt;
  if (!same_user(socket.get())) return std::nullopt;
  return socket;
}

Listener::Listener(FileDescriptor lock, FileDescriptor socket, fs::path path)
    : lock_(std::move(lock)), socket_(std::move(socket)), path_(std::move(path)) {}

std::optional<Listener> Listener::open(const fs::path& project_folder) {
  std::error_code ignored;
  fs::create_directories(project_folder / ".plumb", ignored);
  const auto folder = open_folder(project_folder);
  if (!folder) return std::nullopt;
  // The lock, not the socket, says whether somebody is there: a socket stays behind when its owner is killed.
  FileDescriptor lock(::open((project_folder / ".plumb" / "engine.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  auto path = socket_path(fs::absolute(project_folder));
  fs::remove(path, ignored);
  auto socket = make_socket();
  const sockaddr_un address = address_in(folder);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return std::nullopt;
  ::fchmodat(folder.get(), kName, 0600, 0);
  if (::listen(socket.get(), 16) != 0) return std::nullopt;
  return Listener(std::move(lock), std::move(socket), std::move(path));
}

Listener::~Listener() {
  close();
}

std::optional<FileDescriptor> Listener::accept() const {
  FileDescriptor guest(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!guest || !same_user(guest.get())) return std::nullopt;
  return guest;
}

void Listener::close() {
  if (!socket_) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
  socket_.close();
  lock_.close();
}

}  // namespace plumb::engine
