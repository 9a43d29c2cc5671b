// Databases written as URIs.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/crypto.h"
#include "base/format.h"
#include "db/db.h"

namespace plumb::db {
namespace {

struct Scheme {
  std::string_view name;
  Kind kind;
};
constexpr std::array kSchemes = {Scheme{"sqlite", Kind::Sqlite}, Scheme{"duckdb", Kind::DuckDb},
                                 Scheme{"postgresql", Kind::Postgres}, Scheme{"postgres", Kind::Postgres}};

// "postgresql+psycopg2" names the same database: what follows the plus is a Python driver.
const Scheme* find_scheme(std::string_view uri) {
  std::string_view name = uri.substr(0, uri.find("://"));
  if (name.size() == uri.size()) return nullptr;
  name = name.substr(0, name.find('+'));
  auto found =
      std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& scheme) { return scheme.name == name; });
  return found == kSchemes.end() ? nullptr : &*found;
}

// Takes a URI apart. Every part is a view into `uri_`, so that an error knows its place.
class UriParser {
 public:
  explicit UriParser(std::string_view uri) : uri_(uri) {}

  DatabaseUri parse() {
    const Scheme* scheme = find_scheme(uri_);
    if (scheme == nullptr) {
      fail(uri_, "this is no database's URI",
           "write sqlite:///file.db, duckdb:///file.duckdb or postgresql://user@host/db");
    }
    result_.config.kind = scheme->kind;
    std::string_view rest = uri_.substr(uri_.find("://") + 3);
    rest = rest.substr(0, rest.find('#'));
    std::size_t question = rest.find('?');
    std::string_view query = question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
    rest = rest.substr(0, question);
    std::size_t slash = rest.find('/');
    std::string_view authority = rest.substr(0, slash);
    std::string_view path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (scheme->kind == Kind::Postgres) {
      read_authority(authority);
      result_.config.dbname = percent_decode(path);
    } else {
      if (!authority.empty()) {
        fail(authority, "a file's URI has no host",
             format("three slashes for a relative path, four for an absolute "
                    "one: {}:///data/file.db",
                    to_string(scheme->kind)));
      }
      if (path != ":memory:") result_.config.path = percent_decode(path);
    }
    read_query(query);
    return std::move(result_);
  }

 private:
  // user:password@host:port, with [::1] for IPv6 and commas between several hosts, as libpq has them.
  void read_authority(std::string_view authority) {
    std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
      std::string_view user = authority.substr(0, at);
      std::size_t colon = user.find(':');
      if (colon != std::string_view::npos) {
        result_.config.password = Secret(percent_decode(user.substr(colon + 1)));
      }
      result_.config.user = percent_decode(user.substr(0, colon));
      authority.remove_prefix(at + 1);
    }
    bool first = true;
    bool ports = false;
    while (first || !authority.empty()) {
      std::size_t comma = std::min(authority.find(','), authority.size());
      auto [host, port] = split_port(authority.substr(0, comma));
      ports = ports || !port.empty();
      result_.config.host += (first ? "" : ",") + host;
      result_.config.port += (first ? "" : ",") + port;
      first = false;
      authority.remove_prefix(std::min(comma + 1, authority.size()));
    }
    if (!ports) result_.config.port.clear();
  }

  std::pair<std::string, std::string> split_port(std::string_view host) {
    std::size_t search = 0;
    if (host.starts_with('[')) {
      search = host.find(']');
      if (search == std::string_view::npos) fail(host, "the address has no closing ]", "");
    }
    std::size_t colon = host.find(':', search);
    if (colon == std::string_view::npos) return {decode_host(host), ""};
    std::string_view port = host.substr(colon + 1);
    int number = 0;
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (!port.empty() && (error != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535)) {
      // What looks like a port may be half a password.
      if (uri_.rfind('@') != std::string_view::npos && uri_.rfind('@') + uri_.data() > port.data()) {
        fail(port, "user and password can't be told from the host",
             "in a URI the signs / ? # @ : of a password are written %2F %3F %23 %40 %3A");
      }
      fail(port, format("'{}' is no port", port), "a port is a number from 1 to 65535");
    }
    return {decode_host(host.substr(0, colon)), std::string(port)};
  }

  static std::string decode_host(std::string_view host) {
    if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
    return percent_decode(host);
  }

  void read_query(std::string_view query) {
    while (!query.empty()) {
      std::string_view pair = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(pair.size() + 1, query.size()));
      if (pair.empty()) continue;
      std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos) fail(pair, format("'{}' has no value", pair), "");
      read_setting(pair.substr(0, equals), pair.substr(equals + 1));
    }
  }

  void read_setting(std::string_view encoded_key, std::string_view encoded_value) {
    std::string key = percent_decode(encoded_key);
    std::string value = percent_decode(encoded_value);
    DatabaseConfig& config = result_.config;
    if (key == "table") {
      result_.table = parse_table(value, encoded_value);
    } else if (config.kind == Kind::Postgres) {
      read_postgres_setting(key, std::move(value));
    } else if (key == "read_only") {
      if (value != "true" && value != "false") fail(encoded_value, "read_only is true or false", "");
      config.read_only = value == "true";
    } else if (key == "mode" && (value == "ro" || value == "rw" || value == "rwc")) {
      config.read_only = value == "ro";
    } else if (config.kind == Kind::DuckDb) {
      config.settings[key] = value;
    } else {
      fail(encoded_key, format("SQLite has no setting '{}'", key), "known are table, read_only and mode");
    }
  }

  void read_postgres_setting(const std::string& key, std::string value) {
    DatabaseConfig& config = result_.config;
    if (key == "host") {
      config.host = std::move(value);
    } else if (key == "port") {
      config.port = std::move(value);
    } else if (key == "dbname") {
      config.dbname = std::move(value);
    } else if (key == "user") {
      config.user = std::move(value);
    } else if (key == "password") {
      config.password = Secret(std::move(value));
    } else {
      config.settings[key] = std::move(value);
    }
  }

  // schema.name, either of them in double quotes when it holds a dot.
  TableName parse_table(std::string_view text, std::string_view place) {
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
        parts.back() += text[i++];
      } else if (text[i] == '"') {
        quoted = !quoted;
      } else if (text[i] == '.' && !quoted) {
        parts.emplace_back();
      } else {
        parts.back() += text[i];
      }
    }
    bool hollow = std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
    if (quoted || hollow || parts.size() > 2) {
      fail(place, format("'{}' is no table's name", text), "write ?table=name or ?table=schema.name");
    }
    if (parts.size() == 1) return {"", parts[0]};
    return {parts[0], parts[1]};
  }

  // The URI is shown with *** for user and password: all between :// and the last @, which may stand further back than
  // it should when the password has signs of its own in it.
  [[noreturn]] void fail(std::string_view part, std::string message, std::string hint) const {
    std::string shown(uri_);
    auto column = static_cast<std::size_t>(part.data() - uri_.data());
    std::size_t start = uri_.find("://") + 3;
    std::size_t at = uri_.rfind('@');
    if (at != std::string_view::npos && at > start) {
      shown.replace(start, at - start, "***");
      if (column >= at) {
        column = column - at + start + 3;
      } else if (column > start) {
        column = start;
      }
    }
    throw Error(
        ErrorKind::Usage, std::move(message),
        {.place =
             Place{.file = "<uri>", .line = 1, .column = static_cast<int>(column) + 1, .source_line = std::move(shown)},
         .hint = std::move(hint)});
  }

  std::string_view uri_;
  DatabaseUri result_;
};

}  // namespace

DatabaseUri parse_uri(std::string_view uri) {
  return UriParser(uri).parse();
}

bool is_database_uri(std::string_view uri) {
  return find_scheme(uri) != nullptr;
}

}  // namespace plumb::db
