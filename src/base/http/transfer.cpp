#include "base/http/transfer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "base/file.h"
#include "base/format.h"
#include "base/http/form.h"
#include "base/http/receiver.h"

namespace plumb {
namespace {

// How long one wait for the network takes at most; a stop or a packet ends it sooner.
constexpr int kLongestPoll = 1000;

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || kMarks.find(c) != std::string_view::npos;
  });
}

class HeaderList {
 public:
  void add(const std::string& line) {
    curl_slist* longer = get_curl().slist_append(list_.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    (void)list_.release();  // the same list, or its new head
    list_.reset(longer);
  }
  curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, ListDeleter> list_;
};

HeaderList list_headers(const HttpRequest& request, bool has_body) {
  HeaderList list;
  // A header without a value is written "Name;"; "Name:" would take a header of curl's own away.
  for (const auto& [name, value] : request.headers) {
    list.add(value.empty() ? name + ";" : format("{}: {}", name, value));
  }
  // Not curl's guess at a content type, nor its wait of a second for "100 Continue" before a large body.
  if (has_body && !request.headers.find("Content-Type")) list.add("Content-Type:");
  if (!request.headers.find("Expect")) list.add("Expect:");
  return list;
}

// The file with the authorities: the caller's, or the environment's as the curl program reads it; empty for curl's own.
std::string authorities(const HttpClientOptions& options) {
  if (!options.ca_file.empty()) return options.ca_file;
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (auto file = find_environment(name); file && !file->empty()) return *file;
  }
  return {};
}

// The handle's options for one try. They point into that call, so they go with it; connections stay.
class Setup {
 public:
  explicit Setup(CURL* easy) : curl_(get_curl()), easy_(easy) {}
  ~Setup() { curl_.easy_reset(easy_); }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;

  // Failures are curl's lack of memory, or an option that an older curl does not know and can do without.
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_.easy_setopt(easy_, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  }

  void set_limits(const HttpClientOptions& options, std::chrono::milliseconds patience) {
    auto time = [](std::chrono::milliseconds limit) {  // 0 would mean none
      return static_cast<long>(std::clamp<std::int64_t>(limit.count(), 1, std::numeric_limits<int>::max()));
    };
    set(CURLOPT_CONNECTTIMEOUT_MS, time(std::min(options.connect_timeout, patience)));
    set(CURLOPT_TIMEOUT_MS, time(patience));
    // A library leaves the process's signals alone. (Broken pipes are curl's business: it writes with MSG_NOSIGNAL.)
    set(CURLOPT_NOSIGNAL, 1L);
    // A stop does not wait for a name server that doesn't answer.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
  }

  void set_protocol(const HttpClientOptions& options) {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_ACCEPT_ENCODING, "");  // whatever this curl can decode
    set(CURLOPT_USERAGENT, options.user_agent.c_str());
    if (!options.unix_socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, options.unix_socket.c_str());
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (std::string file = authorities(options); !file.empty()) set(CURLOPT_CAINFO, file.c_str());
  }

  void set_request(const HttpRequest& request, bool has_body) {
    set(CURLOPT_URL, request.url.c_str());
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (has_body) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.data());
    }
    if (request.method != "HEAD") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

 private:
  const Curl& curl_;
  CURL* easy_;
};

// The handle is a guest of the multi for one try.
class Stay {
 public:
  Stay(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) {
    CURLMcode code = get_curl().multi_add_handle(multi_, easy_);
    if (code != CURLM_OK) throw Error(ErrorKind::Internal, get_curl().multi_strerror(code));
  }
  ~Stay() { get_curl().multi_remove_handle(multi_, easy_); }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

 private:
  CURLM* multi_;
  CURL* easy_;
};

}  // namespace

bool is_repeatable(const HttpRequest& request) {
  if (request.repeatable) return *request.repeatable;
  constexpr std::array<std::string_view, 6> kSafe = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  return std::find(kSafe.begin(), kSafe.end(), request.method) != kSafe.end();
}

void expect_sendable(const HttpRequest& request) {
  if (!is_token(request.method)) throw Error(ErrorKind::Data, "the method of a request is one word");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) throw Error(ErrorKind::Data, "the name of a header is one word");
    if (value.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos) continue;
    throw Error(ErrorKind::Data, format("the value of header '{}' has a line break in it", name),
                {.hint = "a credential from a file may end in one; remove it"});
  }
}

Line::Line() : multi_(get_curl().multi_init()), easy_(get_curl().easy_init()) {
  if (!multi_ || !easy_) throw std::bad_alloc();
}

std::variant<HttpResponse, HttpFailure> Line::attempt(const HttpRequest& request, const HttpClientOptions& options,
                                                      std::chrono::milliseconds patience, const std::stop_token& stop) {
  bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  HeaderList headers = list_headers(request, has_body && request.method != "HEAD");
  Receiver receiver(options.largest_body, is_repeatable(request));
  std::array<char, CURL_ERROR_SIZE> words{};

  Setup setup(easy_.get());
  setup.set_limits(options, patience);
  setup.set_protocol(options);
  setup.set_request(request, has_body);
  setup.set(CURLOPT_HTTPHEADER, headers.get());
  setup.set(CURLOPT_ERRORBUFFER, words.data());
  setup.set(CURLOPT_HEADERFUNCTION, &Receiver::on_header);
  setup.set(CURLOPT_HEADERDATA, &receiver);
  setup.set(CURLOPT_WRITEFUNCTION, &Receiver::on_body);
  setup.set(CURLOPT_WRITEDATA, &receiver);
  setup.set(CURLOPT_PREREQFUNCTION, &Receiver::on_sending);
  setup.set(CURLOPT_PREREQDATA, &receiver);

  CURLcode code = run(stop);
  if (stop.stop_requested()) throw Error(ErrorKind::Cancelled, format("cancelled: {}", name_of(request)));
  // (For headers over its own limits curl says that it has no memory.)
  if (receiver.out_of_memory() || (code == CURLE_OUT_OF_MEMORY && !receiver.sent())) throw std::bad_alloc();
  // curl takes an answer that ends within its headers for a complete one.
  if (code == CURLE_OK && !receiver.complete()) code = CURLE_GOT_NOTHING;
  if (code == CURLE_OK) return receiver.take();

  FailedTry failed = describe(code);
  failed.words = words.data();
  failed.sent = receiver.sent();
  failed.connected |= receiver.sent();  // a kept connection was not made now
  failed.too_large = receiver.too_large();
  failed.patience = failed.connected ? patience : std::min(options.connect_timeout, patience);
  return explain(failed, request, options);
}

CURLcode Line::run(const std::stop_token& stop) {
  const Curl& curl = get_curl();
  std::stop_callback wake(stop, [this, &curl] { curl.multi_wakeup(multi_.get()); });
  Stay stay(multi_.get(), easy_.get());
  while (!stop.stop_requested()) {
    int running = 0;
    CURLMcode code = curl.multi_perform(multi_.get(), &running);
    if (code == CURLM_OUT_OF_MEMORY) return CURLE_OUT_OF_MEMORY;
    int messages = 0;
    while (CURLMsg* message = curl.multi_info_read(multi_.get(), &messages)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    if (code == CURLM_OK) code = curl.multi_poll(multi_.get(), nullptr, 0, kLongestPoll, nullptr);
    if (code != CURLM_OK) throw Error(ErrorKind::Internal, curl.multi_strerror(code));
  }
  return CURLE_ABORTED_BY_CALLBACK;
}

FailedTry Line::describe(CURLcode code) const {
  const Curl& curl = get_curl();
  long system_error = 0;
  curl_off_t connect_time = 0;
  curl.easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &system_error);
  curl.easy_getinfo(easy_.get(), CURLINFO_CONNECT_TIME_T, &connect_time);
  return {.code = code, .system_error = static_cast<int>(system_error), .connected = connect_time > 0};
}

}  // namespace plumb
