// What the user's files say: plumb.yml, .env, and the secrets behind connections.
//
// A Project is the folder with its plumb.yml, read once and never changed. Values in it are Jinja2 templates, in which
// env_var('NAME'), env_var('NAME', 'default') and var('x') stand ready; a variable is taken from the process's
// environment, else from the folder's .env. Unknown keys, unknown connections and missing variables are errors with
// their place and the nearest known name. Nothing here connects to anything.
//
//     Environment environment = Environment::of_process();
//     Project project = load_project(folder, environment);
//     const Connection& bank = project.get_connection("bank", place);
//     db::DatabaseConfig files = database_config(project.get_connection("files", place), "raw_bank");
//
// Values that the user wrote with a secret's name (password, token, api_key, client_secret, pin) are kept as Secret.
// Everything is a value and may be read from any thread. A SessionStore locks its file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/zone.h"
#include "db/db.h"

namespace plumb::config {

// Environment variables, with a .env file behind them.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}
  static Environment of_process();  // HOME is the account's where nobody set it, as under systemd and `env -i`

  // Variables of the file are taken where none of that name is set. Throws Error(Config) with the line of a bad one.
  // The format is that of python-dotenv: NAME=value, export, quotes, # comments.
  void read_dotenv(const std::filesystem::path& file);

  std::optional<std::string> find(const std::string& name) const;
  // All of them, secrets among them: what a child process is given.
  const std::map<std::string, std::string>& all() const { return variables_; }
  // Those whose names begin so, without that beginning.
  std::map<std::string, std::string> with_prefix(std::string_view prefix) const;

 private:
  std::map<std::string, std::string> variables_;
};

// Text of a YAML value, rendered as a Jinja2 template. It is text whatever stood there: {{ 1 + 1 }} gives "2".
class Values {
 public:
  Values(const Environment& environment, std::map<std::string, std::string> vars)
      : environment_(&environment), vars_(std::move(vars)) {}
  // Throws Error(Config) at `place` for a missing variable, an unknown name or a malformed expression.
  std::string render(std::string_view text, const Place& place) const;
  // The rendered text of a scalar node; the default when it is missing or null.
  std::string text(const Node& node, std::string_view fallback = {}) const;

 private:
  const Environment* environment_;
  std::map<std::string, std::string> vars_;
};

// One entry of `connections:`. What its settings mean is its type's business.
struct Connection {
  struct Setting {
    std::string value;
    Place place;
  };
  std::string name;
  std::string type;                         // "comdirect", "sqlite", "postgres", …
  Place place;                              // of its name in plumb.yml
  Place type_place;                         // of its type there
  std::map<std::string, Setting> settings;  // rendered; secrets among them, so never print it whole

  const Setting* find(std::string_view key) const;
  std::string text(std::string_view key, std::string_view fallback = {}) const;
  Secret secret(std::string_view key) const { return Secret(text(key)); }
  // Throws Error(Config) for the first setting that is not in `known`.
  void expect_settings(const std::vector<std::string>& known) const;
};

struct Project {
  std::filesystem::path folder;
  std::string name;
  Zone zone;  // UTC unless `timezone` says otherwise
  std::map<std::string, Connection> connections;
  std::map<std::string, std::string> vars;
  Environment environment;  // with .env read
  // plumb.yml itself: other rooms read their own sections of it (section("pools")).
  std::shared_ptr<const Document> document;

  // What stands under a key of plumb.yml; a missing node when nothing does, or when there was no file.
  Node section(std::string_view key) const { return document ? document->root().find(key) : Node(); }
  // What logs have to mask: the values of environment variables and of connections' settings that have a secret's name.
  // The longest first, each once; none shorter than four characters, which would mask half of all text.
  std::vector<Secret> secrets() const;
  Values values() const { return Values(environment, vars); }
  // Throws Error(Config) at `place` "unknown connection 'x'" with the nearest name.
  const Connection& get_connection(std::string_view name, const Place& place = {}) const;
};

// Reads `folder`/plumb.yml and .env. Throws Error(Config) when there is no plumb.yml, with the hint to run `plumb
// init`.
// `vars` go before the file's own.
Project load_project(const std::filesystem::path& folder, Environment environment,
                     std::map<std::string, std::string> vars = {});
// The folder itself or the nearest one above that holds a plumb.yml.
std::optional<std::filesystem::path> find_project_folder(const std::filesystem::path& start);

// sqlite, duckdb, postgres.
std::vector<std::string> database_types();
// True for connections of a database's type.
bool is_database(const Connection& connection);
// The database behind a connection. For a SQLite connection whose path is a folder, `dataset` names the file in it
// (data/raw_bank.db) and is required; relative paths are relative to the project's folder.
db::DatabaseConfig database_config(const Project& project, const Connection& connection, std::string_view dataset = {});

// A DuckDB in memory that sees a project's connections under their names: what `plumb query`, pages and the engine ask.
struct Workspace {
  std::shared_ptr<db::Database> database;
  std::unique_ptr<db::Connection> connection;
  std::vector<std::string> attached;  // the connections that were attached, in order
};
// Attaches those databases of the project that the statement mentions: `files.raw_bank.transactions` for a folder of
// SQLite files, `landing.raw.weather_observations` for Postgres, `lake.main.t` for DuckDB. Opening an extension takes
// 0.1 to 0.3 s, so nothing is attached that is not asked for.
Workspace open_workspace(const std::optional<Project>& project, std::string_view sql);

// Frees its lock when it goes.
struct SessionLock {
  virtual ~SessionLock() = default;
};

// Sessions of services (tokens), sealed in one 0600 file each under <project>/.plumb/sessions/, so that a sign-in
// outlives the process. The key comes from PLUMB_KEY, else from a 0600 file in the user's configuration folder
// (XDG_CONFIG_HOME/plumb/key, made on first use), never beside the data.
class SessionStore {
 public:
  SessionStore(std::filesystem::path folder, Environment environment);
  // The plain text that save() was given; empty when there is none. Throws Error(Auth) when the key does not open it.
  std::optional<Secret> find(const std::string& connection) const;
  void save(const std::string& connection, const Secret& text);
  void remove(const std::string& connection);
  // Held while a session is used and refreshed, so that two processes do not refresh the same token (a flock on the
  // session's file). Waits up to `patience`, then throws Error(Busy).
  std::unique_ptr<SessionLock> lock(const std::string& connection, std::chrono::milliseconds patience) const;

 private:
  Secret key() const;
  std::filesystem::path folder_;
  Environment environment_;
};

}  // namespace plumb::config
