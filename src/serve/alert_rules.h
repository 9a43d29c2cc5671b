// What plumb.yml says under `alerts`: who is told what, and how he is reached.
//
//     alerts:
//       team:
//         webhook: "{{ env_var('SLACK_WEBHOOK') }}"
//         on: [failure, deadline]
//         workflows: [bank, "weather*"]
//       anna:
//         email: {to: anna@example.org, from: plumb@example.org, smtp: "smtp://mail.example.org:587", user: plumb,
//                 password: "{{ env_var('SMTP_PASSWORD') }}"}
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_client.h"
#include "base/mail.h"
#include "config/config.h"

namespace plumb::serve {

enum class AlertKind { Failure, Success, Retry, Deadline, Approval };
std::string_view to_string(AlertKind kind);
std::optional<AlertKind> find_alert_kind(std::string_view text);

// When: all that a server needs to know.
struct AlertRule {
  std::string name;
  std::vector<AlertKind> on = {AlertKind::Failure, AlertKind::Deadline, AlertKind::Approval};
  std::vector<std::string> workflows = {};  // names in which * stands for anything; none: all
  bool wants(AlertKind kind, std::string_view workflow) const;
};

// The body that the other side understands.
enum class WebhookStyle {
  Json,     // title, text, content and events: for programs
  Slack,    // {"text": …}; Mattermost, Rocket.Chat and Google Chat read it, too
  Discord,  // {"content": …}
  Ntfy,     // plain text, the title in a header
};

struct Webhook {
  std::string url;
  HttpHeaders headers;
  WebhookStyle style = WebhookStyle::Json;
};

struct Letterbox {
  MailServer server;
  std::string from;
  std::vector<std::string> to;
};

// How: with secrets, so only for whoever sends.
struct AlertChannel {
  std::optional<Webhook> webhook;
  std::optional<Letterbox> email;
};

// Throw Error(Config) with the place.
std::vector<AlertRule> read_alert_rules(const config::Project& project);
AlertChannel get_alert_channel(const config::Project& project, std::string_view name);

}  // namespace plumb::serve
