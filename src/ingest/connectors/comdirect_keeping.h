// A session that outlives processes: it is used and refreshed by one at a time, and won anew at most once unasked.
//
//   bank.session             the tokens, sealed (config::SessionStore)
//   bank.challenge.session   there while a challenge that nobody had asked for is unanswered: the next one is a
//                            person's to ask for, as five of them lock the access
//
// The bank kills the old pair of tokens with its answer to a refresh. Whoever is killed between that answer and the
// store would lose the session: so a guard is started before the question, which stores the answer in its stead.
// Private to the connector.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ingest/connectors/comdirect.h"

namespace plumb::ingest::comdirect {

class KeptSession {
 public:
  // `services` must outlive it. Without a store in them nothing is kept.
  KeptSession(std::string connection, const Services& services);

  // What a client has to call: for ClientOptions.
  void connect(ClientOptions& options);

  // Waits for others who use the session, then goes on with it. False when there is none that the bank takes: `works`
  // asks it.
  bool resume(Client& client, const std::function<bool()>& works);
  // Signs in. Unless a person wants it or is there to answer, throws Error(Approval) where that would raise a second
  // challenge.
  void sign_in(Client& client, bool wanted);
  // New tokens at once; when that should be done the next time. Empty when there is no session (any more).
  std::optional<Instant> refresh(Client& client);
  // Lets others have it.
  void release() { lock_.reset(); }
  bool kept() const { return services_.sessions != nullptr; }

 private:
  void keep(const Session& session);
  bool try_kept(Client& client, const std::function<bool()>& works);

  const std::string connection_;
  const Services& services_;
  std::unique_ptr<config::SessionLock> lock_;
  std::unique_ptr<SessionGuard> guard_;
};

}  // namespace plumb::ingest::comdirect
