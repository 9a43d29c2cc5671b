// One question to the database: conditions with their values, a page of what they choose, and its total.
//
// A page is a stretch of an index: the ids are chosen first, and only then are whole rows read. One behind the middle
// is read from the other end. Of several states each is a stretch of its own, and they are merged (UNION ALL). Totals
// come from the counters where the filter is of workflow and states alone, else from counting.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/reader.h"
#include "store/values.h"

namespace plumb::store {

class Conditions {
 public:
  void add(std::string_view condition, Values values = {});
  // Does nothing for an empty text.
  void equal(std::string_view column, std::string_view text);
  void like(db::Kind kind, std::string_view column, std::string_view pattern);
  void between(std::string_view column, const InstantRange& range);
  void any_of(std::string_view column, const std::vector<std::string>& words);

  bool empty() const { return conditions_.empty(); }
  std::string where() const;  // " WHERE a = ? AND …", or nothing
  const Values& values() const { return values_; }

 private:
  std::vector<std::string> conditions_;
  Values values_;
};

// What is asked for.
struct Question {
  std::string table;
  std::string key = "id";     // what the index entries end in, and rows are found by
  std::string default_order;  // as PageRequest::order_by
  std::vector<std::string> columns;
  std::vector<std::string> orders = {};  // further columns of the table to order by
  std::string workflow = {};             // empty: all
  std::vector<std::string> walked = {};  // orders that have an index, but none that begins with the workflow
  Conditions conditions = {};
  bool repeat_conditions = false;          // the key alone does not tell rows apart
  std::vector<std::string> states = {};    // empty: all
  std::optional<std::int64_t> total = {};  // where it is known
};

// The SQL of a page: the keys in their order. `reversed`: they come from the other end.
struct PageSql {
  std::string sql;
  Values values;
  bool reversed = false;
};
PageSql page_sql(const Question& question, const PageRequest& page, std::int64_t total, db::Kind kind);
// SELECT count(*) of all that it chooses.
PageSql count_sql(const Question& question);

}  // namespace plumb::store
