#include "serve/alert_rules.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace plumb::serve {
namespace {

constexpr std::array<std::pair<AlertKind, std::string_view>, 5> kKinds = {{{AlertKind::Failure, "failure"},
                                                                           {AlertKind::Success, "success"},
                                                                           {AlertKind::Retry, "retry"},
                                                                           {AlertKind::Deadline, "deadline"},
                                                                           {AlertKind::Approval, "approval"}}};
constexpr std::array<std::pair<WebhookStyle, std::string_view>, 4> kStyles = {{{WebhookStyle::Json, "json"},
                                                                               {WebhookStyle::Slack, "slack"},
                                                                               {WebhookStyle::Discord, "discord"},
                                                                               {WebhookStyle::Ntfy, "ntfy"}}};

template <class Words>
Error unknown_word(const Node& node, std::string_view what, const std::string& word, const Words& words) {
  std::string known;
  for (const auto& [value, text] : words) known += (known.empty() ? "" : ", ") + std::string(text);
  return Error(ErrorKind::Config, format("'{}' is no {}", word, what),
               {.place = node.place(), .hint = "one of " + known});
}

// * stands for any characters.
bool matches(std::string_view pattern, std::string_view name) {
  auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  pattern.remove_prefix(star + 1);
  for (std::size_t at = star; at <= name.size(); ++at) {
    if (matches(pattern, name.substr(at))) return true;
  }
  return false;
}

// A list, or the one thing that stands there in its place.
std::vector<Node> items(const Node& node) {
  std::vector<Node> result;
  if (node.null()) return result;
  if (node.kind() != NodeKind::List) return {node};
  for (std::size_t i = 0; i < node.size(); ++i) result.push_back(node.at(i));
  return result;
}

AlertRule read_rule(const Node& alerts, std::size_t index) {
  Node node = alerts.at(index);
  AlertRule rule{.name = std::string(alerts.key_at(index))};
  node.expect_keys({"webhook", "email", "headers", "style", "on", "workflows"});
  if (node.find("webhook").null() == node.find("email").null()) {
    throw Error(ErrorKind::Config, format("alert '{}' needs either `webhook` or `email`", rule.name),
                {.place = alerts.key_place_at(index)});
  }
  if (!node.find("on").null()) rule.on.clear();
  for (const Node& item : items(node.find("on"))) {
    std::string word = item.as_text();
    auto kind = find_alert_kind(word);
    if (!kind) throw unknown_word(item, "reason for an alert", word, kKinds);
    rule.on.push_back(*kind);
  }
  for (const Node& item : items(node.find("workflows"))) rule.workflows.push_back(item.as_text());
  return rule;
}

WebhookStyle style_of(const Node& node, const std::string& url) {
  if (Node style = node.find("style"); !style.null()) {
    for (const auto& [value, text] : kStyles) {
      if (text == style.as_text()) return value;
    }
    throw unknown_word(style, "style of a webhook", style.as_text(), kStyles);
  }
  if (url.starts_with("https://hooks.slack.com/")) return WebhookStyle::Slack;
  if (url.starts_with("https://discord.com/") || url.starts_with("https://discordapp.com/")) {
    return WebhookStyle::Discord;
  }
  return url.starts_with("https://ntfy.sh/") ? WebhookStyle::Ntfy : WebhookStyle::Json;
}

Letterbox read_letterbox(const config::Project& project, const Node& node) {
  auto values = project.values();
  node.expect_keys({"to", "from", "smtp", "user", "password", "ca_file", "tls"});
  Letterbox box{.server = {.server = values.text(node.get("smtp")),
                           .user = values.text(node.find("user")),
                           .password = Secret(values.text(node.find("password"))),
                           .ca_file = values.text(node.find("ca_file"))},
                .from = values.text(node.get("from"))};
  for (const Node& item : items(node.get("to"))) box.to.push_back(values.text(item));
  std::string tls = values.text(node.find("tls"), "required");
  if (tls != "required" && tls != "optional") {
    throw Error(ErrorKind::Config, format("'{}' says nothing about TLS", tls),
                {.place = node.find("tls").place(), .hint = "required, or optional for a server on this machine"});
  }
  if (tls == "optional") box.server.tls = TlsUse::WhereOffered;
  return box;
}

}  // namespace

std::string_view to_string(AlertKind kind) {
  for (const auto& [known, text] : kKinds) {
    if (known == kind) return text;
  }
  return {};
}

std::optional<AlertKind> find_alert_kind(std::string_view text) {
  for (const auto& [kind, known] : kKinds) {
    if (known == text) return kind;
  }
  return std::nullopt;
}

bool AlertRule::wants(AlertKind kind, std::string_view workflow) const {
  if (std::find(on.begin(), on.end(), kind) == on.end()) return false;
  return workflows.empty() || std::any_of(workflows.begin(), workflows.end(),
                                          [&](const std::string& pattern) { return matches(pattern, workflow); });
}

std::vector<AlertRule> read_alert_rules(const config::Project& project) {
  std::vector<AlertRule> rules;
  Node alerts = project.section("alerts");
  for (std::size_t i = 0; i < alerts.size(); ++i) rules.push_back(read_rule(alerts, i));
  return rules;
}

AlertChannel get_alert_channel(const config::Project& project, std::string_view name) {
  Node alerts = project.section("alerts");
  Node node = alerts.find(name);
  if (node.missing()) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < alerts.size(); ++i) names.emplace_back(alerts.key_at(i));
    auto nearest = find_nearest(name, names);
    throw Error(ErrorKind::NotFound, format("there is no alert '{}' in plumb.yml", name),
                {.hint = nearest.empty() ? "`alerts:` lists them" : format("did you mean '{}'?", nearest)});
  }
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    if (alerts.key_at(i) == name) read_rule(alerts, i);
  }
  AlertChannel channel;
  if (Node email = node.find("email"); !email.null()) {
    channel.email = read_letterbox(project, email);
    return channel;
  }
  auto values = project.values();
  Webhook webhook{.url = values.text(node.get("webhook"))};
  webhook.style = style_of(node, webhook.url);
  Node headers = node.find("headers");
  for (std::size_t i = 0; i < headers.size(); ++i) {
    webhook.headers.add(std::string(headers.key_at(i)), values.text(headers.at(i)));
  }
  channel.webhook = std::move(webhook);
  return channel;
}

}  // namespace plumb::serve
