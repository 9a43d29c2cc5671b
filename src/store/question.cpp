#include "store/question.h"

#include <algorithm>

#include "base/format.h"
#include "store/statements.h"

namespace plumb::store {
namespace {

// From so many rows on it is quicker to walk along the order and pass over other states than to sort.
constexpr std::int64_t kManyRows = 5'000;

struct Order {
  std::string column;
  bool descending = false;
};

Order parse_order(const Question& question, const std::string& text) {
  Order order{text.empty() ? question.default_order : text};
  if (order.column.starts_with('-')) order = {order.column.substr(1), true};
  auto known = [&](const auto& names) { return std::find(names.begin(), names.end(), order.column) != names.end(); };
  if (!known(question.columns) && !known(question.orders) && order.column != question.key) {
    std::string names;
    for (const std::string& name : question.columns) names += (names.empty() ? "" : ", ") + name;
    throw Error(ErrorKind::Usage, format("can't order {} by '{}'", question.table, order.column),
                {.hint = format("by one of {}", names)});
  }
  return order;
}

std::string order_by(const Order& order, const std::string& key, db::Kind kind, std::string_view prefix = {}) {
  std::string_view direction = order.descending ? "DESC" : "ASC";
  if (order.column == key) return format(" ORDER BY {}{} {}", prefix, quote_column(key), direction);
  // Nulls are the least, as SQLite has it.
  std::string_view nulls = kind != db::Kind::Postgres ? "" : order.descending ? " NULLS LAST" : " NULLS FIRST";
  return format(" ORDER BY {0}{1} {2}{3}, {0}{4} {2}", prefix, quote_column(order.column), direction, nulls,
                quote_column(key));
}

void append(Values& values, const Values& more) {
  values.insert(values.end(), more.begin(), more.end());
}

}  // namespace

void Conditions::add(std::string_view condition, Values values) {
  conditions_.emplace_back(condition);
  append(values_, values);
}

void Conditions::equal(std::string_view column, std::string_view text) {
  if (!text.empty()) add(format("{} = ?", quote_column(column)), {std::string(text)});
}

void Conditions::like(db::Kind kind, std::string_view column, std::string_view pattern) {
  if (pattern.empty()) return;
  // Small letters are as good as large ones: SQLite's LIKE has it so.
  std::string_view word = kind == db::Kind::Postgres ? "ILIKE" : "LIKE";
  add(format("{} {} ?", quote_column(column), word), {std::string(pattern)});
}

void Conditions::between(std::string_view column, const InstantRange& range) {
  if (range.from) add(format("{} >= ?", quote_column(column)), {to_value(*range.from)});
  if (range.to) add(format("{} <= ?", quote_column(column)), {to_value(*range.to)});
}

void Conditions::any_of(std::string_view column, const std::vector<std::string>& words) {
  if (words.empty()) return;
  add(format("{} IN ({})", quote_column(column), placeholders(words.size())), Values(words.begin(), words.end()));
}

std::string Conditions::where() const {
  std::string text;
  for (const std::string& condition : conditions_) text += (text.empty() ? " WHERE " : " AND ") + condition;
  return text;
}

PageSql page_sql(const Question& question, const PageRequest& page, std::int64_t total, db::Kind kind) {
  Order order = parse_order(question, page.order_by);
  PageSql result;
  std::int64_t offset = std::clamp<std::int64_t>(page.offset, 0, total);
  std::int64_t limit = std::clamp<std::int64_t>(page.limit, 0, total - offset);
  if (offset > total / 2) {
    result.reversed = true;
    order.descending = !order.descending;
    offset = total - offset - limit;
  }
  std::string key = quote_column(question.key);
  auto branch = [&](const Conditions& conditions, std::string_view columns) {
    append(result.values, conditions.values());
    return format("SELECT {} FROM {}{}", columns, question.table, conditions.where());
  };
  std::string inner;
  if (question.states.size() > 1 && order.column == question.key) {
    for (const std::string& state : question.states) {
      Conditions conditions = question.conditions;
      conditions.equal("workflow", question.workflow);
      conditions.equal("state", state);
      inner += (inner.empty() ? "" : " UNION ALL ") + branch(conditions, key);
    }
  } else {
    Conditions conditions = question.conditions;
    bool walk = total >= kManyRows &&
                std::find(question.walked.begin(), question.walked.end(), order.column) != question.walked.end();
    if (walk && !question.workflow.empty()) {
      conditions.add("workflow || '' = ?", {question.workflow});
    } else {
      conditions.equal("workflow", question.workflow);
    }
    if (order.column == question.key || total < kManyRows) {
      conditions.any_of("state", question.states);
    } else if (!question.states.empty()) {
      // An expression keeps the index of states out of it.
      conditions.add(format("state || '' IN ({})", placeholders(question.states.size())),
                     Values(question.states.begin(), question.states.end()));
    }
    inner = branch(conditions, key);
  }
  inner += order_by(order, question.key, kind) + " LIMIT ? OFFSET ?";
  append(result.values, {limit, offset});
  std::string also;
  if (question.repeat_conditions && !question.conditions.empty()) {
    also = " AND " + question.conditions.where().substr(std::string_view(" WHERE ").size());
    append(result.values, question.conditions.values());
  }
  result.sql = format("SELECT {} FROM {} WHERE {} IN ({}){}{}", list_columns(question.columns), question.table, key,
                      inner, also, order_by(order, question.key, kind));
  return result;
}

PageSql count_sql(const Question& question) {
  Conditions conditions = question.conditions;
  conditions.equal("workflow", question.workflow);
  conditions.any_of("state", question.states);
  return {format("SELECT count(*) FROM {}{}", question.table, conditions.where()), conditions.values()};
}

}  // namespace plumb::store
