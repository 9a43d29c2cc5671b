// Against a real sshd on loopback.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/process.h"
#include "base/testing.h"
#include "workflow/tasks/testing.h"

namespace plumb::workflow {
namespace {

using namespace std::chrono_literals;

int free_port() {
  int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(socket);
  return ntohs(address.sin_port);
}

bool alive(int pid) {
  return ::kill(pid, 0) == 0;
}

class SshTask : public ::testing::Test, protected TaskTest {
 protected:
  void SetUp() override {
    if (::access("/usr/sbin/sshd", X_OK) != 0) GTEST_SKIP() << "there is no sshd here";
    if (::getuid() == 0) std::filesystem::create_directories("/run/sshd");
    for (const char* key : {"host", "other", "client"}) make_key(key, "");
    make_key("sealed", "opensesame");
    write_file(file("authorized"), read_file(file("client.pub")) + read_file(file("sealed.pub")));
    write_file(file("config"), format("Port {}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\n"
                                      "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\n",
                                      port_, file("host"), file("authorized")));
    server_.emplace(Command{.arguments = {"/usr/sbin/sshd", "-D", "-f", file("config")}}, file("log"));
    write_file(file("known"), format("[127.0.0.1]:{} {}", port_, read_file(file("host.pub"))));
    variables["HOME"] = folder.path().string();
    for (int i = 0; i < 500 && !answers(); ++i) std::this_thread::sleep_for(10ms);
  }
  std::string file(const std::string& name) { return (folder.path() / name).string(); }
  void make_key(const std::string& name, const std::string& passphrase) {
    run_command({.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", file(name)}});
  }
  bool answers() {
    int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool there = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return there;
  }
  // Settings for this command, with more of them over the usual.
  std::string settings(const std::string& command, const std::string& more = "") {
    std::string known = more.find("known_hosts") == std::string::npos && more.find("fingerprint") == std::string::npos
                            ? format(R"(, "known_hosts": "{}")", file("known"))
                            : "";
    std::string key = more.find("key_file") == std::string::npos ? format(R"(, "key_file": "{}")", file("client")) : "";
    return format(R"({{"host": "127.0.0.1", "port": {}, "user": "{}", "command": {}{}{}{}}})", port_,
                  ::getpwuid(::getuid())->pw_name, json_quote(command), known, key, more.empty() ? "" : ", " + more);
  }
  // The number that a remote command wrote into the file "pid".
  int remote_pid() {
    for (int i = 0; i < 1000; ++i) {
      auto text = find_file(file("pid"));
      if (text && text->ends_with("\n")) return std::stoi(*text);
      std::this_thread::sleep_for(5ms);
    }
    ADD_FAILURE() << "the remote command did not begin";
    return 0;
  }
  void expect_gone(int pid) {
    for (int i = 0; i < 600 && alive(pid); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_FALSE(alive(pid));
  }

  int port_ = free_port();
  std::optional<ChildProcess> server_;
};

TEST_F(SshTask, RunsACommandThere) {
  variables["PLUMB_RUN_ID"] = "manual__1";
  EXPECT_EQ(end_of("ssh", settings("echo \"it's $DAY of $PLUMB_RUN_ID\"; echo no >&2; read x || echo end",
                                   R"("env": {"DAY": "a day"})")),
            R"(0 answer="end" exit_code=0)");
  EXPECT_EQ(output, "it's a day of manual__1\nend\n");
  EXPECT_EQ(errors, "no\n");
}

TEST_F(SshTask, ItsExitCodeIsTheRemoteOne) {
  EXPECT_EQ(end_of("ssh", settings("exit 3")), R"(1 answer="" exit_code=3)");
  EXPECT_EQ(errors, "the remote command ended with exit code 3\n");
  EXPECT_EQ(end_of("ssh", settings("exit 99")).substr(0, 2), "99");
  EXPECT_EQ(end_of("ssh", settings("kill -9 $$")).front(), '1');
}

TEST_F(SshTask, LargeOutputArrivesWhole) {
  carry_out("ssh", settings("head -c 3000000 /dev/zero | tr '\\0' x; head -c 200000 /dev/zero | tr '\\0' y >&2"));
  EXPECT_EQ(output, std::string(3'000'000, 'x'));
  EXPECT_EQ(errors, std::string(200'000, 'y'));
}

TEST_F(SshTask, AStrangeHostKeyIsRefused) {
  write_file(file("empty"), "");
  expect_error(ErrorKind::Auth, "is not known: it is SHA256:", [&] {
    carry_out("ssh", settings("true", format(R"("known_hosts": "{}")", file("empty"))));
  });
  write_file(file("changed"), format("[127.0.0.1]:{} {}", port_, read_file(file("other.pub"))));
  expect_error(ErrorKind::Auth, "is not the known one: it is SHA256:", [&] {
    carry_out("ssh", settings("true", format(R"("known_hosts": "{}")", file("changed"))));
  });
  expect_error(ErrorKind::Auth, "not SHA256:nonsense",
               [&] { carry_out("ssh", settings("true", R"("fingerprint": "SHA256:nonsense")")); });
  std::string shown = run_command({.arguments = {"ssh-keygen", "-lf", file("host.pub")}}).output;
  std::string fingerprint = shown.substr(shown.find("SHA256:"), 50);
  EXPECT_EQ(end_of("ssh", settings("true", format(R"("fingerprint": "{}")", fingerprint))).front(), '0');
}

TEST_F(SshTask, OnlyTheRightKeyIsLetIn) {
  auto with_key = [&](const std::string& name, const std::string& more = "") {
    return settings("true", format(R"("key_file": "{}"{})", file(name), more));
  };
  expect_error(ErrorKind::Auth, "does not let us in", [&] { carry_out("ssh", with_key("other")); });
  expect_error(ErrorKind::Auth, "can't read the key", [&] { carry_out("ssh", with_key("none")); });
  expect_error(ErrorKind::Auth, "can't read the key",
               [&] { carry_out("ssh", with_key("sealed", R"(, "passphrase": "wrong")")); });
  EXPECT_EQ(end_of("ssh", with_key("sealed", R"(, "passphrase": "opensesame")")).front(), '0');
}

TEST_F(SshTask, SettingsComeFromAConnection) {
  write_scratch_file(folder.path() / "plumb.yml",
                     format("name: t\nconnections:\n  box: {{type: ssh, host: 127.0.0.1, port: {}, user: {}, "
                            "key_file: ~/client, known_hosts: ~/known}}\n",
                            port_, ::getpwuid(::getuid())->pw_name));
  EXPECT_EQ(end_of("ssh", R"({"connection": "box", "command": "echo hello"})"), R"(0 answer="hello" exit_code=0)");
}

TEST_F(SshTask, NobodyThereIsSaid) {
  server_->stop();
  expect_error(ErrorKind::Network, "can't reach 127.0.0.1 by ssh",
               [&] { carry_out("ssh", settings("true", R"("connect_timeout": "2s")")); });
}

TEST_F(SshTask, AStopEndsTheRemoteCommand) {
  std::stop_source stop;
  int pid = 0;
  std::jthread stopper([&] {
    pid = remote_pid();
    stop.request_stop();
  });
  std::string command = format("sleep 100 & echo $! > {}; trap 'echo bye; exit' TERM; wait", file("pid"));
  expect_error(ErrorKind::Cancelled, "was ended", [&] { carry_out("ssh", settings(command), stop.get_token()); });
  stopper.join();
  EXPECT_EQ(output, "bye\n");
  expect_gone(pid);
}

TEST_F(SshTask, WhenWeAreKilledTheRemoteCommandEndsToo) {
  int us = ::fork();
  if (us == 0) {
    // It does not even listen.
    carry_out("ssh", settings(format("trap '' TERM; echo $$ > {}; while true; do sleep 1; done", file("pid"))));
    ::_exit(0);
  }
  int pid = remote_pid();
  EXPECT_TRUE(alive(pid));
  ::kill(us, SIGKILL);
  ::waitpid(us, nullptr, 0);
  expect_gone(pid);
}

TEST_F(SshTask, ABrokenConnectionIsSaid) {
  std::jthread breaker([&] {
    remote_pid();
    // The processes of this connection, not the listener.
    run_command({.arguments = {"pkill", "-KILL", "-P", std::to_string(server_->pid())}});
  });
  expect_error(ErrorKind::Network, "broke",
               [&] { carry_out("ssh", settings(format("echo $$ > {}; sleep 100", file("pid")))); });
  breaker.join();
  expect_gone(remote_pid());
}

}  // namespace
}  // namespace plumb::workflow
