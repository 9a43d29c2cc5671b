#include "base/mail.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "base/http/curl.h"
#include "base/text.h"

namespace plumb {
namespace {

constexpr std::size_t kLineOfBase64 = 76;

// The part of an address that the server is told. No blanks and no control characters, so that it stays one word.
std::string bare_address(const std::string& address) {
  std::string bare = address;
  if (auto open = address.find('<'); open != std::string::npos && address.ends_with('>')) {
    bare = address.substr(open + 1, address.size() - open - 2);
  }
  bool fits =
      bare.find('@') != std::string::npos && bare.size() < 255 &&
      std::all_of(bare.begin(), bare.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '<' && c != '>'; });
  if (!fits) throw Error(ErrorKind::Config, format("'{}' is no e-mail address", printable(address)));
  return bare;
}

// RFC 2047: words that are more than ASCII, in pieces that fit a line; a line break is a blank.
std::string header_text(std::string_view text) {
  std::string clean;
  for (char c : text) clean += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
  clean = clean_utf8(clean);
  bool ascii = std::all_of(clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii && clean.size() < 900) return clean;
  std::string encoded;
  std::string piece;
  auto end_piece = [&] {
    if (piece.empty()) return;
    encoded += format("{}=?utf-8?B?{}?=", encoded.empty() ? "" : "\r\n ", base64_encode(piece));
    piece.clear();
  };
  for (std::string_view rest = clean; !rest.empty();) {
    auto bytes = step_utf8(rest).bytes;
    if (piece.size() + bytes > 42) end_piece();
    piece += rest.substr(0, bytes);
    rest.remove_prefix(bytes);
  }
  end_piece();
  return encoded;
}

// "Plumb <plumb@example.org>" with its name as a header has it.
std::string header_address(const std::string& address) {
  std::string bare = bare_address(address);
  auto open = address.find('<');
  if (open == std::string::npos) return bare;
  std::string name = address.substr(0, open);
  while (!name.empty() && (name.back() == ' ' || name.back() == '"')) name.pop_back();
  name.erase(0, name.find_first_not_of(" \""));
  std::erase_if(name, [](char c) { return c == '"' || c == '\\'; });
  std::string shown = header_text(name);
  return format("{} <{}>", shown.starts_with("=?") ? shown : "\"" + shown + "\"", bare);
}

// "Sat, 21 Nov 2026 07:00:00 +0000", in no language but the standard's.
std::string mail_date(Instant date) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto day = std::chrono::floor<std::chrono::days>(date);
  std::chrono::year_month_day ymd(day);
  std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(date - day));
  return format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays.at(std::chrono::weekday(day).c_encoding()),
                static_cast<unsigned>(ymd.day()), kMonths.at(static_cast<unsigned>(ymd.month()) - 1),
                static_cast<int>(ymd.year()), time.hours().count(), time.minutes().count(), time.seconds().count());
}

struct Upload {
  std::string_view rest;
};

std::size_t read_upload(char* buffer, std::size_t size, std::size_t count, void* self) {
  auto& rest = static_cast<Upload*>(self)->rest;
  std::size_t bytes = std::min(size * count, rest.size());
  std::memcpy(buffer, rest.data(), bytes);
  rest.remove_prefix(bytes);
  return bytes;
}

// What curl says, told by what a person has to do about it.
Error mail_error(CURLcode code, const std::string& server, std::string words, long answer) {
  std::string name = redact(server);
  bool later = answer >= 400 && answer < 500;  // "try again later", in SMTP
  switch (code) {
    case CURLE_LOGIN_DENIED:
      return Error(ErrorKind::Auth, format("{} refuses the user or the password", name), {.cause = words});
    case CURLE_USE_SSL_FAILED:
      return Error(ErrorKind::Service, format("{} offers no TLS, so nothing was sent", name),
                   {.hint = "use smtps://, or a server that knows STARTTLS", .cause = words});
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Error(ErrorKind::Network, format("the certificate of {} can't be trusted", name),
                   {.hint = "`ca_file` names the file of an authority of your own", .cause = words});
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
      if (answer >= 400) break;
      [[fallthrough]];
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SSL_CONNECT_ERROR:
      return Error(ErrorKind::Network, format("{} can't be reached", name), {.retry_may_help = true, .cause = words});
    default:
      break;
  }
  return Error(ErrorKind::Service,
               format("{} refuses the letter{}", name, answer >= 400 ? format(" ({})", answer) : ""),
               {.retry_may_help = later, .cause = words});
}

}  // namespace

std::string compose_mail(const Mail& mail, Instant date, std::string_view id) {
  std::string to;
  for (const std::string& address : mail.to) to += (to.empty() ? "" : ",\r\n ") + header_address(address);
  std::string from = bare_address(mail.from);
  std::string text = format(
      "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}@{}>\r\nAuto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      mail_date(date), header_address(mail.from), to, header_text(mail.subject), id, from.substr(from.find('@') + 1));
  std::string body = base64_encode(clean_utf8(mail.text));
  for (std::size_t at = 0; at < body.size(); at += kLineOfBase64) text += body.substr(at, kLineOfBase64) + "\r\n";
  return text;
}

void send_mail(const MailServer& server, const Mail& mail, Instant date) {
  if (!server.server.starts_with("smtp://") && !server.server.starts_with("smtps://")) {
    throw Error(ErrorKind::Config, format("'{}' is no mail server", redact(server.server)),
                {.hint = "write smtps://host or smtp://host:587"});
  }
  std::string letter = compose_mail(mail, date, random_hex(16));
  Upload upload{letter};
  const Curl& curl = get_curl();
  std::unique_ptr<CURL, EasyDeleter> easy(curl.easy_init());
  if (!easy) throw std::bad_alloc();
  std::unique_ptr<curl_slist, ListDeleter> recipients;
  for (const std::string& address : mail.to) {
    curl_slist* longer = curl.slist_append(recipients.get(), bare_address(address).c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)recipients.release();
    recipients.reset(longer);
  }
  std::array<char, CURL_ERROR_SIZE> words{};
  auto set = [&](CURLoption option, auto value) { curl.easy_setopt(easy.get(), option, value); };
  std::string from = bare_address(mail.from);
  set(CURLOPT_URL, server.server.c_str());
  set(CURLOPT_USE_SSL, static_cast<long>(server.tls == TlsUse::Required ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  if (!server.user.empty()) {
    set(CURLOPT_USERNAME, server.user.c_str());
    set(CURLOPT_PASSWORD, server.password.reveal().c_str());
  }
  std::string authorities = server.ca_file;
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (authorities.empty()) authorities = find_environment(name).value_or("");
  }
  if (!authorities.empty()) set(CURLOPT_CAINFO, authorities.c_str());
  set(CURLOPT_MAIL_FROM, from.c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &read_upload);
  set(CURLOPT_READDATA, &upload);
  set(CURLOPT_ERRORBUFFER, words.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min<std::int64_t>(10'000, server.timeout.count())));
  CURLcode code = curl.easy_perform(easy.get());
  if (code == CURLE_OK) return;
  long answer = 0;
  curl.easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer);
  throw mail_error(code, server.server, words[0] != '\0' ? words.data() : curl.easy_strerror(code), answer);
}

}  // namespace plumb
