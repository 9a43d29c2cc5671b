// What is to be told, as it is kept in the store: one note, small whatever happens.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "serve/alert_message.h"
#include "store/store.h"

namespace plumb::serve {

// What has happened and waits for more of it.
struct AlertGroup {
  std::string alert;
  Instant due;
  std::vector<AlertEvent> events;
};

// A message that is to be sent, or is on its way.
struct AlertLetter {
  std::string alert;
  std::string message;  // JSON
  Instant written, next_try;
  int tries = 0;
  bool on_its_way = false;
};

class AlertOutbox {
 public:
  static constexpr std::size_t kMostLetters = 100, kMostEvents = 200, kMostKeys = 500;

  // As the store has it. Letters that were on their way when the server went are gone: `lost` of them.
  static AlertOutbox load(store::Reader& reader, std::size_t& lost);
  void save(store::Store& store) const;

  // True for an event that was not seen before; it is remembered.
  bool see(const AlertEvent& event);
  void add(const std::string& alert, const AlertEvent& event, Instant due);
  // Groups whose time has come become letters; `complete` adds to each event what the store knows by then.
  bool close_groups(Instant now, const std::function<void(AlertEvent&)>& complete);
  // The letter that may be sent now; null when there is none.
  AlertLetter* find_due(Instant now);
  void remove(const AlertLetter* letter);
  // When something is to be done next, if ever.
  std::optional<Instant> next() const;
  // Nothing that happened before is unknown.
  std::optional<Instant> since() const { return since_; }
  void set_since(Instant since) { since_ = since; }

 private:
  std::string to_json() const;

  std::optional<Instant> since_;
  std::deque<std::string> keys_;
  std::vector<AlertGroup> groups_;
  std::deque<AlertLetter> letters_;
};

}  // namespace plumb::serve
