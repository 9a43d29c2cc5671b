#include "serve/alert_message.h"

#include <map>

#include "base/crypto.h"
#include "base/format.h"
#include "base/secret.h"
#include "base/text.h"

namespace plumb::serve {
namespace {

constexpr std::size_t kDetailed = 10;         // events that are told with their logs
constexpr std::size_t kDiscordLength = 2000;  // characters of a message there

std::string what_happened(const AlertEvent& event) {
  switch (event.kind) {
    case AlertKind::Failure:
      return event.workflow + " failed";
    case AlertKind::Success:
      return event.workflow + " succeeded";
    case AlertKind::Retry:
      return event.workflow + " tries again";
    case AlertKind::Deadline:
      return event.workflow + " is late";
    case AlertKind::Approval:
      return event.workflow + " waits for a person";
  }
  return event.workflow;
}

std::string title_of(const std::vector<AlertEvent>& events) {
  if (events.size() == 1) return what_happened(events.front());
  std::map<AlertKind, int> counts;
  for (const AlertEvent& event : events) ++counts[event.kind];
  std::string title;
  for (const auto& [kind, count] : counts) {
    std::string_view words = kind == AlertKind::Failure    ? "failed"
                             : kind == AlertKind::Success  ? "succeeded"
                             : kind == AlertKind::Retry    ? "tried again"
                             : kind == AlertKind::Deadline ? "late"
                                                           : "waiting for a person";
    title += format("{}{} {}", title.empty() ? "" : ", ", count, words);
  }
  return title;
}

std::string name_of(const AlertAttempt& attempt) {
  std::string name = attempt.task;
  if (attempt.map_index >= 0) name += format("[{}]", attempt.map_index);
  return attempt.try_number > 1 ? format("{} (attempt {})", name, attempt.try_number) : name;
}

std::string text_of(const AlertEvent& event) {
  std::string text = format("{}: {}\n", what_happened(event), event.run_id);
  if (!event.text.empty()) text += "  " + event.text + "\n";
  for (const AlertAttempt& attempt : event.attempts) {
    text += format("  {}{}{}\n", name_of(attempt), attempt.message.empty() ? "" : ": ", attempt.message);
    for (const std::string& line : attempt.log) text += "    " + line + "\n";
  }
  return text;
}

std::string host_of(std::string_view url) {
  auto start = url.find("://");
  if (start == std::string_view::npos) return "its address";
  url.remove_prefix(start + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  return std::string(url);
}

std::string cut(std::string_view text, std::size_t characters) {
  if (count_characters(text) <= characters) return std::string(text);
  std::string kept;
  for (std::size_t n = 0; n + 2 < characters; ++n) {
    auto bytes = step_utf8(text).bytes;
    kept += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return kept + "…";
}

}  // namespace

AlertMessage compose_alert(const std::vector<AlertEvent>& events) {
  AlertMessage message{.title = title_of(events)};
  JsonWriter json;
  json.begin_array();
  for (std::size_t i = 0; i < events.size() && i < kDetailed; ++i) {
    message.text += text_of(events[i]);
    write_event(json, events[i]);
  }
  for (std::size_t i = kDetailed; i < events.size(); ++i) {
    message.text += format("{}: {}\n", what_happened(events[i]), events[i].run_id);
  }
  json.end_array();
  message.text = redact(message.text);
  message.events_json = json.take();
  return message;
}

void write_event(JsonWriter& json, const AlertEvent& event) {
  json.begin_object();
  json.field("key", event.key).field("kind", to_string(event.kind)).field("workflow", event.workflow);
  json.field("run_id", event.run_id).field("task", event.task).field("text", redact(event.text));
  json.field("at", format_instant(event.at)).key("attempts").begin_array();
  for (const AlertAttempt& attempt : event.attempts) {
    json.begin_object().field("task", attempt.task).field("map_index", attempt.map_index);
    json.field("try_number", attempt.try_number).field("message", redact(attempt.message)).key("log").begin_array();
    for (const std::string& line : attempt.log) json.text(redact(line));
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

AlertEvent read_event(const Node& node) {
  AlertEvent event{.key = node.get("key").as_text(),
                   .kind = find_alert_kind(node.get("kind").as_text()).value_or(AlertKind::Failure),
                   .workflow = node.get("workflow").as_text(),
                   .run_id = node.get("run_id").as_text(),
                   .task = node.get("task").as_text(),
                   .text = node.get("text").as_text(),
                   .at = find_instant(node.get("at").as_text()).value_or(Instant())};
  Node attempts = node.get("attempts");
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    Node from = attempts.at(i);
    AlertAttempt attempt{.task = from.get("task").as_text(),
                         .map_index = static_cast<int>(from.get("map_index").as_int()),
                         .try_number = static_cast<int>(from.get("try_number").as_int()),
                         .message = from.get("message").as_text()};
    Node log = from.get("log");
    for (std::size_t line = 0; line < log.size(); ++line) attempt.log.push_back(log.at(line).as_text());
    event.attempts.push_back(std::move(attempt));
  }
  return event;
}

std::string to_json(const AlertMessage& message) {
  JsonWriter json;
  json.begin_object().field("title", message.title).field("text", message.text);
  json.key("events").raw(message.events_json).end_object();
  return json.take();
}

AlertMessage parse_message(std::string text) {
  Document document = parse_json(std::move(text), "the message");
  Node root = document.root();
  return {.title = root.get("title").as_text(),
          .text = root.get("text").as_text(),
          .events_json = root.find("events").null() ? "[]" : root.find("events").to_json()};
}

HttpRequest webhook_request(const Webhook& webhook, const AlertMessage& message) {
  HttpRequest request{.method = "POST", .url = webhook.url, .headers = webhook.headers, .repeatable = false};
  if (webhook.style == WebhookStyle::Ntfy) {
    request.headers.add("Title", format("=?UTF-8?B?{}?=", base64_encode(message.title)));
    request.headers.add("Content-Type", "text/plain; charset=utf-8");
    request.body = message.text;
    return request;
  }
  request.headers.add("Content-Type", "application/json");
  JsonWriter json;
  json.begin_object();
  std::string both = message.title + "\n" + message.text;
  switch (webhook.style) {
    case WebhookStyle::Slack:
      json.field("text", both);
      break;
    case WebhookStyle::Discord:
      json.field("content", cut(both, kDiscordLength));
      break;
    default:
      json.field("title", message.title).field("text", message.text).field("content", cut(both, kDiscordLength));
      json.key("events").raw(message.events_json);
  }
  request.body = json.end_object().take();
  return request;
}

void send_alert(const AlertChannel& channel, const AlertMessage& message, Clock& clock) {
  if (channel.email) {
    const Letterbox& box = *channel.email;
    send_mail(box.server, {.from = box.from, .to = box.to, .subject = "Plumb: " + message.title, .text = message.text},
              clock.now());
    return;
  }
  HttpClient http({.attempt_timeout = std::chrono::seconds(20),
                   .deadline = std::chrono::seconds(25),
                   .retry = {.attempts = 1, .unreached_attempts = 1}},
                  clock);
  std::string host = host_of(channel.webhook->url);
  HttpResponse answer;
  try {
    answer = http.send(webhook_request(*channel.webhook, message));
  } catch (const Error& error) {
    // The path of a webhook is its password: the client's own words, with the whole address, are not for a log.
    throw Error(error.kind(), format("the webhook at {} can't be reached", host),
                {.retry_may_help = error.retry_may_help(), .cause = error.cause()});
  }
  if (answer.ok()) return;
  throw Error(ErrorKind::Service, format("the webhook at {} answered {}", host, answer.status),
              {.retry_may_help = answer.status == 429 || answer.status >= 500, .cause = cut(answer.body, 500)});
}

}  // namespace plumb::serve
