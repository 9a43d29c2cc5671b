#include "ingest/connectors/comdirect_keeping.h"

#include "base/format.h"

namespace plumb::ingest::comdirect {

namespace {

constexpr std::chrono::seconds kPatience{60};
// So long a guard may need to store what its killed process was told.
constexpr std::chrono::milliseconds kGuardTime{1000};

}  // namespace

KeptSession::KeptSession(std::string connection, const Services& services)
    : connection_(std::move(connection)), services_(services) {}

void KeptSession::connect(ClientOptions& options) {
  if (!kept()) return;
  options.before_refresh = [this] {
    if (services_.guard) guard_ = services_.guard(connection_);
  };
  options.on_session = [this](const Session& session) { keep(session); };
  options.before_challenge = [this] {
    JsonWriter json;
    json.begin_object().field("raised_at", format_instant(services_.clock.now())).end_object();
    services_.sessions->save(challenge_mark(connection_), Secret(json.take()));
  };
}

void KeptSession::keep(const Session& session) {
  const Secret text(session.to_json());
  if (guard_) guard_->hand_over(text);
  services_.sessions->save(connection_, text);
  guard_.reset();
}

bool KeptSession::resume(Client& client, const std::function<bool()>& works) {
  if (!kept()) return false;
  lock_ = services_.sessions->lock(connection_, kPatience);
  return try_kept(client, works);
}

bool KeptSession::try_kept(Client& client, const std::function<bool()>& works) {
  auto& sessions = *services_.sessions;
  auto found = sessions.find(connection_);
  while (found) {
    if (client.resume(Session::from_json(found->reveal())) && works()) return true;
    guard_.reset();
    // Perhaps somebody was killed while he refreshed, and his guard is about to store what came of it.
    services_.clock.sleep_for(kGuardTime, services_.stop);
    auto again = sessions.find(connection_);
    if (!again || again->reveal() == found->reveal()) break;
    found = std::move(again);
  }
  if (found) sessions.remove(connection_);
  return false;
}

void KeptSession::sign_in(Client& client, bool wanted) {
  if (kept() && !wanted && !services_.ask) {
    if (auto mark = services_.sessions->find(challenge_mark(connection_))) {
      const Document document = parse_json(mark->reveal(), "the challenge's mark");
      throw Error(ErrorKind::Approval,
                  format("connection '{}' waits for a person: the bank asked for an approval at {}, and nobody gave it",
                         connection_, document.root().get("raised_at").as_text()),
                  {.hint = format("sign in when the phone is at hand: `plumb connections login {}`", connection_)});
    }
  }
  client.authenticate(services_.ask);
  if (kept()) services_.sessions->remove(challenge_mark(connection_));
}

std::optional<Instant> KeptSession::refresh(Client& client) {
  if (!kept()) return std::nullopt;
  lock_ = services_.sessions->lock(connection_, kPatience);
  auto refreshed = [&client] {
    try {
      client.refresh();
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Auth) throw;  // a network fault says nothing about the session
      return false;
    }
  };
  if (!try_kept(client, refreshed)) return std::nullopt;
  // A third of the token's life is left for a bank that does not answer at once.
  const Instant now = services_.clock.now();
  return now + (client.find_session()->access_expires_at - now) * 2 / 3;
}

}  // namespace plumb::ingest::comdirect
