#include "base/http/failure.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/format.h"
#include "base/secret.h"
#include "base/text.h"

namespace plumb {
namespace {

constexpr std::size_t kLongestName = 300;

// "api.example.com:8443" of "https://user:password@api.example.com:8443/x".
std::string_view host_of(std::string_view url) {
  std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, std::min(url.find_first_of("/?#"), url.size()));
  std::size_t user = url.rfind('@');
  return user == std::string_view::npos ? url : url.substr(user + 1);
}

// "::1" of "[::1]:8443": the part by which curl's words name a host.
std::string_view name_only(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, std::min(host.find(':'), host.size()));
}

// Builds the errors of one failed try; each member is one thing that can go wrong.
class Explanation {
 public:
  Explanation(const FailedTry& failed, const HttpRequest& request, const HttpClientOptions& options)
      : failed_(failed), request_(request), options_(options), host_(printable(host_of(request.url))) {}

  Error error() const {
    if (failed_.too_large) return too_large();
    switch (failed_.code) {
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
        return failed_.sent ? not_http() : bad_url();
      case CURLE_WEIRD_SERVER_REPLY:
        return not_http();
      case CURLE_COULDNT_RESOLVE_HOST:
        return passing(format("could not resolve host '{}'", host_),
                       "check the spelling of the host name, and that this machine has a network and a name server");
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_PROXY:
        return passing("could not reach the proxy", "check the environment: http_proxy, https_proxy, no_proxy");
      case CURLE_COULDNT_CONNECT:
        return not_connected();
      case CURLE_OPERATION_TIMEDOUT:
        return timed_out();
      case CURLE_PEER_FAILED_VERIFICATION:
        return lasting(format("the certificate of {} is not trusted", host_),
                       "if the service is your own, name the authority that signed its certificate (ca_file, or "
                       "SSL_CERT_FILE in the environment); else don't send it anything");
      case CURLE_SSL_CACERT_BADFILE:
        return no_authorities();
      case CURLE_SSL_CONNECT_ERROR:
        return no_tls();
      case CURLE_OUT_OF_MEMORY:
      case CURLE_FILESIZE_EXCEEDED:
        return Error(ErrorKind::Service, message(format("the headers of the answer of {} are too large", host_)));
      case CURLE_BAD_CONTENT_ENCODING:
        return Error(ErrorKind::Service, message(format("the answer of {} can't be decompressed", host_)),
                     {.cause = failed_.words});
      default:
        return broken_off();
    }
  }

 private:
  std::string message(std::string_view what) const { return format("{} ({})", what, name_of(request_)); }
  Error passing(std::string_view what, std::string hint) const {
    return Error(ErrorKind::Network, message(what),
                 {.hint = std::move(hint), .retry_may_help = true, .cause = failed_.words});
  }
  Error lasting(std::string_view what, std::string hint) const {
    return Error(ErrorKind::Network, message(what), {.hint = std::move(hint), .cause = failed_.words});
  }

  Error bad_url() const {
    return Error(ErrorKind::Config, format("this is no http or https URL: '{}'", printable(redact(request_.url))),
                 {.cause = failed_.words});
  }

  Error not_http() const {
    return Error(ErrorKind::Service, message(format("{} answers, but not in HTTP", host_)),
                 {.hint = "check the port, and whether the URL begins with http or https", .cause = failed_.words});
  }

  Error not_connected() const {
    if (failed_.words.find(name_only(host_)) == std::string::npos) {
      return passing("could not connect to the proxy", "check the environment: http_proxy, https_proxy, no_proxy");
    }
    if (failed_.system_error == ECONNREFUSED) {
      return passing(format("connection refused by {}", host_), "is the service running, and is the port right?");
    }
    if (failed_.system_error == 0) return passing(format("could not connect to {}", host_), "");
    return passing(format("could not connect to {}: {}", host_, std::generic_category().message(failed_.system_error)),
                   "");
  }

  Error timed_out() const {
    std::string after = in_seconds(failed_.patience);
    if (failed_.sent) {
      return passing(format("timed out: no complete answer from {} within {}", host_, after), "");
    }
    if (failed_.connected) {
      return passing(format("timed out: {} took the connection, but was not ready within {}", host_, after),
                     "does this port speak https?");
    }
    return passing(format("timed out: could not connect to {} within {}", host_, after),
                   "is the address right, and does a firewall let us through?");
  }

  Error no_authorities() const {
    if (options_.ca_file.empty()) {
      return Error(ErrorKind::NotFound, message("the certificates of the system's authorities can't be read"),
                   {.hint = "install them: apt-get install ca-certificates", .cause = failed_.words});
    }
    return Error(ErrorKind::Config, format("ca_file '{}' can't be read as certificates", printable(options_.ca_file)),
                 {.hint = "it has to be a readable file in PEM form", .cause = failed_.words});
  }

  // A handshake fails for good where the two don't speak alike, and in passing where the line broke.
  Error no_tls() const {
    bool line_broke = failed_.words.find("error:") == std::string::npos;  // so OpenSSL's own reasons begin
    return Error(ErrorKind::Network, message(format("no secure connection to {} could be made", host_)),
                 {.hint = "does this port speak https?", .retry_may_help = line_broke, .cause = failed_.words});
  }

  Error too_large() const {
    return Error(ErrorKind::Service,
                 message(format("the answer of {} is larger than the limit of {} bytes", host_, options_.largest_body)),
                 {.hint = "ask for less at a time, or raise largest_body"});
  }

  Error broken_off() const {
    if (!failed_.connected) return passing(format("could not connect to {}", host_), "");
    return passing(format("the connection to {} broke off before the answer was complete", host_), "");
  }

  const FailedTry& failed_;
  const HttpRequest& request_;
  const HttpClientOptions& options_;
  std::string host_;
};

}  // namespace

std::string name_of(const HttpRequest& request) {
  std::string name = printable(request.method) + " " + printable(redact(request.url));
  if (name.size() <= kLongestName) return name;
  std::size_t end = kLongestName;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // not within a character
  return name.substr(0, end) + "…";
}

std::string in_seconds(std::chrono::microseconds time) {
  return format("{:.3g} s", std::chrono::duration<double>(time).count());
}

HttpFailure explain(const FailedTry& failed, const HttpRequest& request, const HttpClientOptions& options) {
  return {.error = Explanation(failed, request, options).error(), .sent = failed.sent};
}

}  // namespace plumb
