// Where rows come from: what a connector implements.
//
// A connector is one file under connectors/, its test, its page under docs/connectors/ and one line in the list of
// connectors(). It names its resources, opens its service, and reads a resource into a Sink.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/http_client.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/zone.h"
#include "config/config.h"
#include "data/data.h"

namespace plumb::ingest {

enum class WriteMode {
  Append,   // rows are added
  Replace,  // the table holds just this load's rows; with Resource::scope, only the announced parts are replaced
  Merge,    // rows of equal key are replaced, others added
  Insert,   // rows whose key is there already are left alone (merge, insert-only)
};
std::string_view to_string(WriteMode mode);

// One stream of a source, with what the source knows to be right for it. A pipeline may say otherwise.
struct Resource {
  std::string name;
  WriteMode write = WriteMode::Append;
  std::vector<std::string> primary_key = {};
  // The columns whose values announce a part of a Replace (pending transactions: by account).
  std::vector<std::string> scope = {};
  // The column whose greatest value is the cursor; empty: the resource is read whole each time.
  std::string cursor = {};
  // The column of what has a cursor of its own (bookings: each account, so that a new one is read from its beginning);
  // empty: one cursor for all.
  std::string cursor_by = {};
  // True when the rows are whole documents as they came: id, city or the like, ingested_at, data.
  bool raw = false;
};

// What a person is asked for while a source signs in. A terminal, a page or a test answers.
struct Question {
  std::string connection;      // "bank"
  std::string text;            // "Enter the TAN for the challenge shown"
  std::string image_png = {};  // bytes of a picture to show or save; empty: none
  bool wants_answer = true;    // false: only tell (a push was sent; waiting for the app)
};
// The answer, or empty when the person declined. Never called when nobody can answer: then it is not set.
using Asker = std::function<std::optional<Secret>(const Question&)>;

// Holds on to a session in a process of its own until it is kept, so that it survives whoever got it.
class SessionGuard {
 public:
  virtual ~SessionGuard() = default;  // without hand_over() there was nothing to hold on to
  virtual void hand_over(const Secret& text) = 0;
};
// Started for a connection before its service is asked for a new session.
using GuardStarter = std::function<std::unique_ptr<SessionGuard>(const std::string& connection)>;

// The name under which the SessionStore remembers that a challenge was raised unasked, and not yet answered.
inline std::string challenge_mark(const std::string& connection) {
  return connection + ".challenge";
}

// What a source may use.
struct Services {
  Clock& clock;
  Zone zone;  // the project's
  Log log = {};
  std::stop_token stop = {};
  Asker ask = {};                            // empty: nobody is there
  config::SessionStore* sessions = nullptr;  // empty: sessions end with the process
  GuardStarter guard = {};  // empty: a kill between a service's answer and the store may cost a session
  RetryPolicy retry = {};   // patience with a service that does not answer
};

// Takes what a source reads.
class Sink {
 public:
  virtual ~Sink() = default;
  // Rows of the resource. Batches of one resource may differ in schema: a new column is added, a wider type widens.
  // Blocks while the destinations are behind; throws Error(Cancelled) on a stop.
  virtual void write(data::Batch batch) = 0;
  // Of a scoped Replace: this part is replaced by the rows that follow, also when there are none.
  virtual void replace_part(const std::vector<std::string>& scope_values) = 0;
  // Where the next load shall start, when the source knows better than the greatest value of the cursor's column.
  virtual void set_cursor(std::string cursor) = 0;
};

struct ReadRequest {
  Resource resource;                       // as the pipeline wants it
  std::optional<std::string> cursor = {};  // where the last load ended, less the lag; the least of all destinations
  std::map<std::string, std::string> part_cursors = {};  // the same for each value of `cursor_by`
  std::string load_id;
  Instant started_at;
};

class Source {
 public:
  virtual ~Source() = default;
  // Signs in, checks that the service is there. Called once, before anything is written anywhere.
  virtual void open() = 0;
  virtual void read(const ReadRequest& request, Sink& sink) = 0;
  // After the last resource: keeps the session, or ends it.
  virtual void close() {}
};

// A kind of source: what `type:` in plumb.yml names.
struct Connector {
  std::string type;                   // "comdirect"
  std::string summary;                // a line for `plumb connections` and the docs
  std::vector<std::string> settings;  // known keys of the connection, `type` aside
  std::vector<std::string> options;   // known keys of a pipeline's `source:`, `connection` aside
  std::vector<Resource> resources;    // all it has; the first ones read by default are those with `standard`
  std::vector<std::string> standard;  // names of the resources that a pipeline without `resources:` reads
  // `options` is the pipeline's `source:` map (a missing node for `plumb connections test`).
  std::function<std::unique_ptr<Source>(const config::Project&, const config::Connection&, const Node& options,
                                        Services)>
      make;
  // Signs a person in and keeps the session; empty: there is nothing to sign in to.
  std::function<void(const config::Project&, const config::Connection&, Services)> login = {};
  // Refreshes the kept session, so that it does not end; when that should be done again. Empty when there is none, or
  // the service takes it no longer: then it is kept no longer.
  std::function<std::optional<Instant>(const config::Project&, const config::Connection&, Services)> refresh = {};
};

// Those that are compiled in: comdirect, openweather. Databases and files are sources by their URI
// (connectors/files.h).
std::vector<Connector> connectors();
const Connector* find_connector(const std::vector<Connector>& all, std::string_view type);
// Throws Error(Config) where the type stands in plumb.yml, unless it is a connector's or a database's.
void expect_known_type(const config::Connection& connection, const std::vector<Connector>& all);

}  // namespace plumb::ingest
