#include "transform/table_diff.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/format.h"
#include "jinja/jinja.h"
#include "transform/adapter.h"

namespace plumb::transform {

namespace {

using Row = std::vector<std::optional<std::string>>;
using Column = TableDiff::Column;

std::vector<Row> fetch(db::Connection& connection, const std::string& sql) {
  std::vector<Row> rows;
  auto reader = connection.query(sql);
  while (auto batch = reader->next()) {
    for (std::size_t i = 0; i < batch->rows(); ++i) {
      Row& row = rows.emplace_back(batch->columns());
      for (std::size_t c = 0; c < batch->columns(); ++c) {
        if (!batch->column(c).null_at(i)) data::append_text(batch->column(c), i, row[c].emplace());
      }
    }
  }
  return rows;
}

std::int64_t number(const std::optional<std::string>& cell) {
  return cell ? std::stoll(*cell) : 0;
}

bool same_name(std::string_view a, std::string_view b) {
  return jinja::to_lower(a) == jinja::to_lower(b);
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& each) { return same_name(each, name); });
}

struct Named {
  std::string name, type;  // the database's own
};

std::vector<Named> describe(db::Connection& connection, const std::string& relation) {
  std::string sql = "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + relation + ")";
  if (connection.kind() == db::Kind::Postgres) {
    sql = plumb::format(
        "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute WHERE attrelid = "
        "{}::regclass "
        "AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        quote_literal(relation));
  }
  std::vector<Named> columns;
  for (Row& row : fetch(connection, sql)) columns.push_back({row[0].value_or(""), row[1].value_or("")});
  return columns;
}

const Named* find(const std::vector<Named>& columns, std::string_view name) {
  auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Named& each) { return same_name(each.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

bool is_number(std::string_view type) {
  static constexpr std::array<std::string_view, 12> kBeginnings = {"int",     "bigint",  "smallint", "tinyint",
                                                                   "hugeint", "ubigint", "uint",     "decimal",
                                                                   "numeric", "double",  "float",    "real"};
  std::string lower = jinja::to_lower(type);
  return std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](std::string_view beginning) {
    return lower.starts_with(beginning) && !lower.ends_with(']') && lower != "interval";
  });
}

// Of Postgres: they have no equality, and are compared as text.
bool lacks_equality(std::string_view type) {
  static constexpr std::array<std::string_view, 6> kTypes = {"json", "xml", "point", "polygon", "path", "box"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

// One comparison of two relations, on the way from names to counts and samples.
class Comparison {
 public:
  Comparison(db::Connection& connection, std::string left, std::string right, const TableDiffOptions& options)
      : connection_(connection), left_(std::move(left)), right_(std::move(right)), options_(options) {}

  TableDiff run() {
    match_columns();
    if (options_.key.empty()) {
      compare_whole_rows();
      return std::move(diff_);
    }
    find_key();
    check_key(left_, false);
    check_key(right_, true);
    count();
    sample();
    return std::move(diff_);
  }

 private:
  bool wanted(const std::string& name) const {
    if (contains(options_.key, name)) return true;
    return (options_.only.empty() || contains(options_.only, name)) && !contains(options_.excluded, name);
  }

  void match_columns() {
    auto left = describe(connection_, left_), right = describe(connection_, right_);
    for (const Named& column : left) {
      if (!wanted(column.name)) continue;
      const Named* other = find(right, column.name);
      if (other == nullptr) {
        diff_.removed.push_back({column.name, column.type, ""});
        continue;
      }
      pairs_.push_back({column.name, other->name, column.type, other->type});
      if (column.type != other->type) diff_.retyped.push_back({column.name, column.type, other->type});
    }
    for (const Named& column : right) {
      if (wanted(column.name) && find(left, column.name) == nullptr)
        diff_.added.push_back({column.name, "", column.type});
    }
  }

  void find_key() {
    for (const std::string& name : options_.key) {
      auto pair =
          std::find_if(pairs_.begin(), pairs_.end(), [&](const Pair& each) { return same_name(each.left, name); });
      if (pair == pairs_.end()) {
        std::vector<std::string> names;
        for (const Pair& each : pairs_) names.push_back(each.left);
        auto nearest = std::string(find_nearest(name, names));
        throw Error(
            ErrorKind::Usage, plumb::format("the key '{}' is no column of both relations", name),
            {.hint = nearest.empty() ? "name the key with --key" : plumb::format("did you mean '{}'?", nearest)});
      }
      pair->in_key = true;
      diff_.key.push_back(pair->left);
    }
    for (const Pair& pair : pairs_) {
      if (!pair.in_key) diff_.compared.push_back(pair.left);
    }
  }

  // "id", "day" of one side, perhaps each with words around it.
  std::string keys(bool right, std::string_view before = "", std::string_view after = "") const {
    std::string list;
    for (const Pair& pair : pairs_) {
      if (!pair.in_key) continue;
      list += (list.empty() ? "" : ", ") + std::string(before) + quoted(right ? pair.right : pair.left) +
              std::string(after);
    }
    return list;
  }

  void check_key(const std::string& relation, bool right) {
    std::string missing;
    for (const Pair& pair : pairs_) {
      if (pair.in_key) missing += (missing.empty() ? "" : " OR ") + quoted(right ? pair.right : pair.left) + " IS NULL";
    }
    auto rows = fetch(connection_,
                      plumb::format("SELECT count(*), sum(n) FROM (SELECT count(*) AS n FROM {0} GROUP BY {1} "
                                    "HAVING count(*) > 1) AS twice UNION ALL SELECT count(*), 0 FROM {0} WHERE {2}",
                                    relation, keys(right), missing));
    std::string fault;
    if (number(rows[1][0]) > 0) fault = plumb::format("it is null in {} of its rows", number(rows[1][0]));
    if (number(rows[0][0]) > 0) fault = plumb::format("{} of its rows share theirs with others", *rows[0][1]);
    if (fault.empty()) return;
    throw Error(ErrorKind::Usage, plumb::format("{} is no key of {}: {}", fmt::join(diff_.key, ", "), relation, fault),
                {.hint = "name columns that tell rows apart with --key, or compare whole rows with --whole-rows"});
  }

  std::string quoted(const std::string& name) const { return connection_.quote(name); }
  static std::string as_text(const std::string& column) { return "CAST(" + column + " AS VARCHAR)"; }

  struct Pair {
    std::string left, right, left_type, right_type;
    bool in_key = false;
    bool as_text() const {
      if (lacks_equality(left_type) || lacks_equality(right_type)) return true;
      return left_type != right_type && !(is_number(left_type) && is_number(right_type));
    }
  };

  std::string compare(const Pair& pair, std::string_view how) const {
    std::string l = "l." + quoted(pair.left), r = "r." + quoted(pair.right);
    if (pair.as_text()) return as_text(l) + std::string(how) + as_text(r);
    return l + std::string(how) + r;
  }

  std::string joined() const {
    std::string on;
    for (const Pair& pair : pairs_) {
      if (pair.in_key) on += (on.empty() ? "" : " AND ") + compare(pair, " = ");
    }
    return plumb::format(
        " FROM (SELECT 1 AS _plumb_there, * FROM {}) AS l FULL JOIN (SELECT 1 AS _plumb_there, * FROM {}) AS r "
        "ON {}",
        left_, right_, on);
  }

  // True for a row of both sides of which any cell differs.
  std::string changed() const {
    std::string any;
    for (const Pair& pair : pairs_) {
      if (!pair.in_key) any += (any.empty() ? "" : " OR ") + compare(pair, " IS DISTINCT FROM ");
    }
    return plumb::format("l._plumb_there = 1 AND r._plumb_there = 1 AND ({})", any.empty() ? "1 = 0" : any);
  }

  void count() {
    std::string sql =
        "SELECT count(l._plumb_there), count(r._plumb_there), count(*) FILTER (WHERE r._plumb_there IS NULL), "
        "count(*) FILTER (WHERE l._plumb_there IS NULL), count(*) FILTER (WHERE " +
        changed() + ")";
    for (const Pair& pair : pairs_) {
      if (pair.in_key) continue;
      sql += plumb::format(", count(*) FILTER (WHERE l._plumb_there = 1 AND r._plumb_there = 1 AND {})",
                           compare(pair, " IS DISTINCT FROM "));
    }
    const Row row = fetch(connection_, sql + joined()).front();
    diff_.left_rows = number(row[0]);
    diff_.right_rows = number(row[1]);
    diff_.only_left = number(row[2]);
    diff_.only_right = number(row[3]);
    diff_.changed = number(row[4]);
    std::size_t at = 5;
    for (const std::string& name : diff_.compared) {
      if (std::int64_t rows = number(row[at++]); rows > 0) diff_.changed_by_column.push_back({name, rows});
    }
  }

  void sample() {
    if (diff_.changed > 0) sample_changed();
    if (diff_.only_left > 0) {
      diff_.left_samples = sample_rows(joined() + " WHERE r._plumb_there IS NULL ORDER BY " + keys(false, "l."), false);
    }
    if (diff_.only_right > 0) {
      diff_.right_samples = sample_rows(joined() + " WHERE l._plumb_there IS NULL ORDER BY " + keys(true, "r."), true);
    }
  }

  std::string limit() const { return plumb::format(" LIMIT {}", options_.samples); }

  void sample_changed() {
    std::string sql = "SELECT ";
    for (const Pair& pair : pairs_) {
      sql += as_text("l." + quoted(pair.left)) + ", " + as_text("r." + quoted(pair.right)) + ", " +
             (pair.in_key ? "1" : "CASE WHEN " + compare(pair, " IS DISTINCT FROM ") + " THEN 1 ELSE 0 END") + ", ";
    }
    sql += "1" + joined() + " WHERE " + changed() + " ORDER BY " + keys(false, "l.") + limit();
    for (const Row& cells : fetch(connection_, sql)) {
      TableDiff::Row& row = diff_.changed_samples.emplace_back();
      for (std::size_t i = 0; i < pairs_.size(); ++i) {
        TableDiff::Cell cell{pairs_[i].left, cells[3 * i], cells[3 * i + 1]};
        if (pairs_[i].in_key) {
          row.key.push_back(std::move(cell));
        } else if (number(cells[3 * i + 2]) == 1) {
          row.changed.push_back(std::move(cell));
        }
      }
    }
  }

  // Rows of one side alone, with the cells of the columns that both have; the key first.
  std::vector<TableDiff::Row> sample_rows(const std::string& rest, bool right) {
    std::string sql = "SELECT ";
    for (const Pair& pair : pairs_) {
      sql += as_text(right ? "r." + quoted(pair.right) : "l." + quoted(pair.left)) + ", ";
    }
    std::vector<TableDiff::Row> samples;
    sql += "1" + rest + limit();
    for (const Row& cells : fetch(connection_, sql)) {
      TableDiff::Row& row = samples.emplace_back();
      for (std::size_t i = 0; i < pairs_.size(); ++i) {
        TableDiff::Cell cell{pairs_[i].left, {}, {}};
        (right ? cell.right : cell.left) = cells[i];
        (pairs_[i].in_key || options_.key.empty() ? row.key : row.changed).push_back(std::move(cell));
      }
    }
    return samples;
  }

  // As sets in which a row may stand several times.
  void compare_whole_rows() {
    std::string left_list, right_list;
    for (const Pair& pair : pairs_) {
      diff_.compared.push_back(pair.left);
      auto column = [&](const std::string& name) { return pair.as_text() ? as_text(quoted(name)) : quoted(name); };
      left_list += (left_list.empty() ? "" : ", ") + column(pair.left) + " AS " + quoted(pair.left);
      right_list += (right_list.empty() ? "" : ", ") + column(pair.right) + " AS " + quoted(pair.left);
    }
    if (left_list.empty()) left_list = right_list = "1 AS nothing";
    const std::string left = plumb::format("SELECT {} FROM {}", left_list, left_);
    const std::string right = plumb::format("SELECT {} FROM {}", right_list, right_);
    const std::string only_left = plumb::format(" FROM ({} EXCEPT ALL {}) AS l", left, right);
    const std::string only_right = plumb::format(" FROM ({} EXCEPT ALL {}) AS r", right, left);
    auto count_of = [&](const std::string& from) { return number(fetch(connection_, "SELECT count(*)" + from)[0][0]); };
    diff_.left_rows = count_of(" FROM " + left_);
    diff_.right_rows = count_of(" FROM " + right_);
    diff_.only_left = count_of(only_left);
    diff_.only_right = count_of(only_right);
    for (Pair& pair : pairs_) pair.right = pair.left;  // as both are called in there
    if (diff_.only_left > 0) diff_.left_samples = sample_rows(only_left + " ORDER BY 1", false);
    if (diff_.only_right > 0) diff_.right_samples = sample_rows(only_right + " ORDER BY 1", true);
  }

  db::Connection& connection_;
  const std::string left_, right_;
  const TableDiffOptions& options_;
  std::vector<Pair> pairs_;
  TableDiff diff_;
};

}  // namespace

TableDiff diff_tables(db::Connection& connection, const std::string& left, const std::string& right,
                      const TableDiffOptions& options) {
  db::Transaction snapshot(connection);
  if (connection.kind() == db::Kind::Postgres) {
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  }
  return Comparison(connection, left, right, options).run();
}

std::vector<std::string> find_table_key(db::Connection& connection, const std::string& relation) {
  // DuckDB's table of constraints wants the parts of the name, which DESCRIBE does not tell: the parser does.
  std::string sql =
      "SELECT attname::text FROM pg_catalog.pg_index JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND "
      "attnum = ANY (indkey) WHERE indisprimary AND indrelid = " +
      quote_literal(relation) + "::regclass ORDER BY array_position(indkey::int2[], attnum)";
  if (connection.kind() == db::Kind::DuckDb) {
    auto tables = db::find_table_names(connection, "SELECT * FROM " + relation);
    if (tables.size() != 1 || tables.front().size() != 3) return {};
    const auto& parts = tables.front();
    sql = plumb::format(
        "SELECT unnest(constraint_column_names) FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' "
        "AND database_name = {} AND schema_name = {} AND table_name = {}",
        quote_literal(parts[0]), quote_literal(parts[1]), quote_literal(parts[2]));
  }
  std::vector<std::string> names;
  for (const Row& row : fetch(connection, sql)) names.push_back(row[0].value_or(""));
  return names;
}

void copy_relation(db::Connection& from, const std::string& relation, db::Connection& to, const std::string& table) {
  auto rows = from.query("SELECT * FROM " + relation);
  to.execute(to.create_table_sql({"main", table}, rows->schema()));
  auto writer = to.write({"main", table}, rows->schema());
  while (auto batch = rows->next()) writer->append(*batch);
  writer->finish();
}

}  // namespace plumb::transform
