#include "serve/alert_outbox.h"

#include <algorithm>

namespace plumb::serve {
namespace {

constexpr std::string_view kNote = "alerts";

Instant instant_of(const Node& node) {
  return Instant(Duration(node.as_int()));
}

std::int64_t micros(Instant instant) {
  return instant.time_since_epoch().count();
}

}  // namespace

AlertOutbox AlertOutbox::load(store::Reader& reader, std::size_t& lost) {
  AlertOutbox outbox;
  auto note = reader.find_note(kNote);
  if (!note || note->empty()) return outbox;
  Document document = parse_json(*note, "the note of alerts");
  Node root = document.root();
  if (!root.find("since").null()) outbox.since_ = instant_of(root.get("since"));
  Node keys = root.get("keys");
  for (std::size_t i = 0; i < keys.size(); ++i) outbox.keys_.push_back(keys.at(i).as_text());
  Node groups = root.get("groups");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Node node = groups.at(i);
    AlertGroup group{.alert = node.get("alert").as_text(), .due = instant_of(node.get("due")), .events = {}};
    Node events = node.get("events");
    for (std::size_t event = 0; event < events.size(); ++event) group.events.push_back(read_event(events.at(event)));
    outbox.groups_.push_back(std::move(group));
  }
  Node letters = root.get("letters");
  for (std::size_t i = 0; i < letters.size(); ++i) {
    Node node = letters.at(i);
    if (node.get("on_its_way").as_bool()) {
      ++lost;
      continue;
    }
    outbox.letters_.push_back({.alert = node.get("alert").as_text(),
                               .message = node.get("message").to_json(),
                               .written = instant_of(node.get("written")),
                               .next_try = instant_of(node.get("next_try")),
                               .tries = static_cast<int>(node.get("tries").as_int())});
  }
  return outbox;
}

void AlertOutbox::save(store::Store& store) const {
  store::Batch batch = store.begin();
  batch.set_note(kNote, to_json());
  batch.commit();
}

std::string AlertOutbox::to_json() const {
  JsonWriter json;
  json.begin_object();
  if (since_) json.field("since", micros(*since_));
  json.key("keys").begin_array();
  for (const std::string& key : keys_) json.text(key);
  json.end_array().key("groups").begin_array();
  for (const AlertGroup& group : groups_) {
    json.begin_object().field("alert", group.alert).field("due", micros(group.due)).key("events").begin_array();
    for (const AlertEvent& event : group.events) write_event(json, event);
    json.end_array().end_object();
  }
  json.end_array().key("letters").begin_array();
  for (const AlertLetter& letter : letters_) {
    json.begin_object().field("alert", letter.alert).field("written", micros(letter.written));
    json.field("next_try", micros(letter.next_try)).field("tries", letter.tries);
    json.field("on_its_way", letter.on_its_way).key("message").raw(letter.message).end_object();
  }
  return json.end_array().end_object().take();
}

bool AlertOutbox::see(const AlertEvent& event) {
  if (std::find(keys_.begin(), keys_.end(), event.key) != keys_.end()) return false;
  keys_.push_back(event.key);
  if (keys_.size() > kMostKeys) keys_.pop_front();
  return true;
}

void AlertOutbox::add(const std::string& alert, const AlertEvent& event, Instant due) {
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const auto& other) { return other.alert == alert; });
  if (group == groups_.end()) group = groups_.insert(group, {.alert = alert, .due = due, .events = {}});
  if (group->events.size() < kMostEvents) group->events.push_back(event);
}

bool AlertOutbox::close_groups(Instant now, const std::function<void(AlertEvent&)>& complete) {
  bool any = false;
  for (AlertGroup& group : groups_) {
    if (group.due > now) continue;
    any = true;
    for (AlertEvent& event : group.events) complete(event);
    letters_.push_back({.alert = group.alert,
                        .message = serve::to_json(compose_alert(group.events)),
                        .written = now,
                        .next_try = now});
    if (letters_.size() > kMostLetters) letters_.pop_front();
  }
  std::erase_if(groups_, [&](const AlertGroup& group) { return group.due <= now; });
  return any;
}

AlertLetter* AlertOutbox::find_due(Instant now) {
  for (AlertLetter& letter : letters_) {
    if (letter.next_try <= now) return &letter;
  }
  return nullptr;
}

void AlertOutbox::remove(const AlertLetter* letter) {
  std::erase_if(letters_, [&](const AlertLetter& other) { return &other == letter; });
}

std::optional<Instant> AlertOutbox::next() const {
  std::optional<Instant> next;
  auto sooner = [&](Instant instant) {
    if (!next || instant < *next) next = instant;
  };
  for (const AlertGroup& group : groups_) sooner(group.due);
  for (const AlertLetter& letter : letters_) sooner(letter.next_try);
  return next;
}

}  // namespace plumb::serve
