// Letters by SMTP, through libcurl.
//
//     send_mail({.server = "smtp://mail.example:587", .user = "plumb", .password = secret},
//               {.from = "plumb@example.org", .to = {"anna@example.org"}, .subject = "…", .text = "…"});
//
// The way there is TLS: smtps:// begins with it (port 465), smtp:// asks the server for it (STARTTLS) and sends nothing
// to one that has none. Only a server on this machine may do without (TlsUse::WhereOffered), as the local mail program
// of a server does. Certificates are checked as the HTTP client does it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace plumb {

enum class TlsUse { Required, WhereOffered };

struct MailServer {
  std::string server;  // smtps://host[:port] or smtp://host[:port]
  std::string user = {};
  Secret password = {};
  TlsUse tls = TlsUse::Required;
  std::string ca_file = {};  // empty: as HttpClientOptions::ca_file
  std::chrono::milliseconds timeout{30'000};
};

struct Mail {
  std::string from;  // "plumb@example.org" or "Plumb <plumb@example.org>"
  std::vector<std::string> to;
  std::string subject;
  std::string text;
};

// The letter as it travels: headers that no text can break out of, and the text as UTF-8 in base64. `id` is the part of
// its Message-ID before the @. Throws Error(Config) for what is no address.
std::string compose_mail(const Mail& mail, Instant date, std::string_view id);

// Throws Error(Network) for a server that is not there, Error(Auth) for one that refuses the password, Error(Service)
// for one that refuses the letter; retry_may_help() where it may.
void send_mail(const MailServer& server, const Mail& mail, Instant date);

}  // namespace plumb
