// What an alert says: one message for all that happened within a short time.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "serve/alert_rules.h"

namespace plumb::serve {

// A failing attempt with the end of its log.
struct AlertAttempt {
  std::string task;
  int map_index = -1;
  int try_number = 0;
  std::string message;
  std::vector<std::string> log;  // its last lines, masked
};

struct AlertEvent {
  std::string key;  // of no other event: "run 7 failed at …"
  AlertKind kind = AlertKind::Failure;
  std::string workflow, run_id, task;
  std::string text;  // what is late, what is waited for
  Instant at;
  std::vector<AlertAttempt> attempts = {};
};

struct AlertMessage {
  std::string title, text;
  std::string events_json = "[]";
};

AlertMessage compose_alert(const std::vector<AlertEvent>& events);

void write_event(JsonWriter& json, const AlertEvent& event);
AlertEvent read_event(const Node& node);
// {"title": …, "text": …, "events": […]}: what `plumb alert send` reads.
std::string to_json(const AlertMessage& message);
AlertMessage parse_message(std::string json);

// The request that brings the message to a webhook.
HttpRequest webhook_request(const Webhook& webhook, const AlertMessage& message);
// Sends it. Throws Error; retry_may_help() where it may.
void send_alert(const AlertChannel& channel, const AlertMessage& message, Clock& clock);

}  // namespace plumb::serve
