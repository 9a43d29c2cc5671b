// Whom the client trusts, shown with certificates made for the occasion and servers that are not ours: openssl's, and
// nghttp2's, which speaks nothing but HTTP/2.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>

#include "base/error.h"
#include "base/http/testing.h"
#include "base/http_client.h"
#include "base/http_server.h"
#include "base/testing.h"

namespace plumb {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// A program with its output in a file; ended with the object.
class Program {
 public:
  Program(std::vector<std::string> words, const fs::path& output) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    started_ = posix_spawnp(&pid_, words[0].c_str(), &files, nullptr, arguments.data(), environ) == 0;
    posix_spawn_file_actions_destroy(&files);
  }
  ~Program() {
    if (!started_) return;
    kill(pid_, SIGKILL);
    wait();
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bool started() const { return started_; }
  int wait() {
    int status = -1;
    if (started_) waitpid(pid_, &status, 0);
    started_ = false;
    return status;
  }

 private:
  pid_t pid_ = 0;
  bool started_ = false;
};

// Tries until it is so, for ten seconds at most.
bool eventually(const std::function<bool()>& so) {
  for (int i = 0; i < 1000; ++i) {
    if (so()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

bool has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

class HttpTls : public testing::Test {
 protected:
  HttpTls() {
    for (const char* name :
         {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
      unsetenv(name);
    }
  }
  ~HttpTls() override { unsetenv("SSL_CERT_FILE"); }

  std::string file(const std::string& name) { return folder_.path() / name; }

  void openssl(std::vector<std::string> words) {
    words.insert(words.begin(), "openssl");
    ASSERT_EQ(Program(words, file("openssl.txt")).wait(), 0) << find_file(file("openssl.txt")).value_or("no output");
  }

  // A certificate that signs itself, with its key: NAME.pem and NAME.key.
  void make_certificate(const std::string& name, const std::string& hosts) {
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
             file(name + ".key"), "-out", file(name + ".pem"), "-days", "2", "-subj", "/CN=" + name, "-addext",
             "subjectAltName=" + hosts});
  }

  // Starts openssl's server with that certificate; gives its URL.
  std::string serve(const std::string& name) {
    std::string output = file("server.txt");
    server_ =
        std::make_unique<Program>(std::vector<std::string>{"openssl", "s_server", "-accept", "127.0.0.1:0", "-www",
                                                           "-cert", file(name + ".pem"), "-key", file(name + ".key")},
                                  output);
    std::string port;
    EXPECT_TRUE(eventually([&] {
      std::string text = find_file(output).value_or("");
      std::size_t found = text.find("ACCEPT 127.0.0.1:");
      std::size_t end = text.find('\n', found);
      if (found == std::string::npos || end == std::string::npos) return false;
      port = text.substr(found + 17, end - found - 17);
      return true;
    })) << find_file(output).value_or("no output");
    return "https://127.0.0.1:" + port;
  }

  std::string failure(const std::string& url, const std::string& ca_file = "") {
    return error_of([&] { HttpClient({.ca_file = ca_file}, clock_).send({.url = url}); });
  }

  TemporaryFolder folder_;
  TestClock clock_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)};
  std::unique_ptr<Program> server_;
};

TEST_F(HttpTls, RefusesACertificateThatNobodyVouchesFor) {
  make_certificate("own", "IP:127.0.0.1");
  std::string url = serve("own");
  EXPECT_EQ(failure(url), "the certificate of " + url.substr(8) + " is not trusted (GET " + url +
                              ")\n"
                              "cause: SSL certificate problem: self-signed certificate\n"
                              "hint: if the service is your own, name the authority that signed its certificate "
                              "(ca_file, or SSL_CERT_FILE in the environment); else don't send it anything");
  EXPECT_EQ(clock_.slept(), Duration(0));  // it would not be trusted later either
}

TEST_F(HttpTls, TakesACertificateThatTheUserVouchesFor) {
  make_certificate("own", "IP:127.0.0.1");
  std::string url = serve("own");
  HttpClient http({.ca_file = file("own.pem")}, clock_);
  EXPECT_EQ(http.send({.url = url}).status, 200);
  EXPECT_TRUE(has(http.send({.url = url}).body, "TLSv1.3"));
}

TEST_F(HttpTls, TheEnvironmentMayVouchToo) {
  make_certificate("own", "IP:127.0.0.1");
  std::string url = serve("own");
  setenv("SSL_CERT_FILE", file("own.pem").c_str(), 1);
  EXPECT_EQ(HttpClient({}, clock_).send({.url = url}).status, 200);
}

TEST_F(HttpTls, RefusesATrustedCertificateOfSomebodyElse) {
  make_certificate("other", "DNS:other.example,IP:127.0.0.2");
  std::string text = failure(serve("other"), file("other.pem"));
  EXPECT_TRUE(has(text, "is not trusted")) << text;
  EXPECT_TRUE(has(text, "no alternative certificate subject name matches target host name '127.0.0.1'")) << text;
}

TEST_F(HttpTls, RefusesATrustedCertificateThatHasExpired) {
  make_certificate("old", "IP:127.0.0.1");
  openssl({"x509", "-in", file("old.pem"), "-signkey", file("old.key"), "-days", "-1", "-out", file("old.pem")});
  std::string text = failure(serve("old"), file("old.pem"));
  EXPECT_TRUE(has(text, "is not trusted")) << text;
  EXPECT_TRUE(has(text, "certificate has expired")) << text;
}

TEST_F(HttpTls, NamesACaFileThatCanNotBeRead) {
  EXPECT_TRUE(failure("https://127.0.0.1:1", file("none.pem")).starts_with("connection refused"));
  make_certificate("own", "IP:127.0.0.1");
  std::string text = failure(serve("own"), file("none.pem"));
  EXPECT_TRUE(text.starts_with("ca_file '" + file("none.pem") + "' can't be read as certificates")) << text;
}

TEST_F(HttpTls, NamesAPortThatDoesNotSpeakTls) {
  HttpServer plain({}, [](const ServerRequest&) { return ServerResponse{}; });
  std::string host = "127.0.0.1:" + std::to_string(plain.port());
  std::string text = failure("https://" + host);
  EXPECT_TRUE(text.starts_with("no secure connection to " + host + " could be made (GET https://" + host + ")"))
      << text;
  EXPECT_TRUE(text.ends_with("hint: does this port speak https?")) << text;
  EXPECT_EQ(clock_.slept(), Duration(0));
}

TEST_F(HttpTls, TriesAgainWhenTheLineBreaksInTheHandshake) {
  RawPeer peer({[](Wire& wire) { wire.read(1), wire.reset(); }});
  std::string text = failure("https://127.0.0.1:" + std::to_string(peer.port()));
  EXPECT_TRUE(has(text, "tried 3 times")) << text;
}

TEST_F(HttpTls, SpeaksHttp2WhereItIsOffered) {
  make_certificate("own", "IP:127.0.0.1");
  write_file(file("hello.txt"), "hello by HTTP/2");
  std::string port = std::to_string(Listener().port());
  server_ = std::make_unique<Program>(std::vector<std::string>{"nghttpd", "-a", "127.0.0.1", "-d", folder_.path(), port,
                                                               file("own.key"), file("own.pem")},
                                      file("server.txt"));
  if (!server_->started()) GTEST_SKIP() << "nghttpd is not installed (nghttp2-server)";
  std::string url = "https://127.0.0.1:" + port + "/hello.txt";
  SystemClock clock;
  HttpClient http({.retry = {.attempts = 100, .first_delay = milliseconds(10), .longest_delay = milliseconds(50)},
                   .ca_file = file("own.pem")},
                  clock);
  for (int i = 0; i < 3; ++i) {
    HttpResponse answer = http.send({.url = url});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello by HTTP/2");
    EXPECT_TRUE(has(*answer.headers.find("server"), "nghttpd"));
  }
}

}  // namespace
}  // namespace plumb
