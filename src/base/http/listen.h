// Where a server listens. (Private to base.)
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/file.h"

namespace plumb {

// Throws Error(Config) for what is no IP address; "localhost" is one.
boost::asio::ip::tcp::endpoint find_endpoint(const std::string& address, std::uint16_t port);
// Throws Error(Busy) when the port is taken. Port 0 becomes a free one.
void listen_on(boost::asio::ip::tcp::acceptor& acceptor, boost::asio::ip::tcp::endpoint& endpoint);

// A listening socket in the file system, for this user only. One that nobody listens on any more is replaced, a living
// one is Error(Busy). The path may be longer than a socket's address.
FileDescriptor listen_on_socket(const std::filesystem::path& path);

}  // namespace plumb
