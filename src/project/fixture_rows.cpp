#include "project/fixture_rows.h"

#include <string>
#include <vector>

namespace plumb::project {

using jinja::Value;

namespace {

// One record after the other.
class CsvText {
 public:
  explicit CsvText(std::string_view text) : text_(text) {}
  bool at_end() const { return at_ == text_.size(); }

  // Empty for a blank line.
  std::vector<std::string> next() {
    std::vector<std::string> fields;
    if (skip_line_end()) return fields;
    while (true) {
      fields.push_back(read_field());
      if (at_end() || text_[at_] != ',') break;
      ++at_;
    }
    skip_line_end();
    return fields;
  }

 private:
  // A quote opens a field only at its start, and what follows a closing one still belongs to the field.
  std::string read_field() {
    std::string field;
    bool quoted = !at_end() && text_[at_] == '"';
    if (quoted) ++at_;
    for (; !at_end(); ++at_) {
      char c = text_[at_];
      if (quoted && c == '"') {
        bool doubled = text_.substr(at_, 2) == "\"\"";
        if (doubled) {
          ++at_;
        } else {
          quoted = false;
          continue;
        }
      } else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
        break;
      }
      field += c;
    }
    return field;
  }

  bool skip_line_end() {
    std::size_t before = at_;
    if (!at_end() && text_[at_] == '\r') ++at_;
    if (!at_end() && text_[at_] == '\n') ++at_;
    return at_ != before;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Value read_fixture_csv(std::string_view text) {
  CsvText csv(text);
  std::vector<std::string> names;
  std::vector<Value> rows;
  while (!csv.at_end()) {
    std::vector<std::string> fields = csv.next();
    if (fields.empty()) continue;
    if (names.empty()) {
      names = std::move(fields);
      continue;
    }
    auto row = jinja::make<jinja::Dict>();
    for (std::size_t i = 0; i < names.size(); ++i) {
      bool given = i < fields.size() && !fields[i].empty();
      row->set(names[i], given ? Value(fields[i]) : Value::none());
    }
    rows.emplace_back(row);
  }
  return Value::list(std::move(rows));
}

}  // namespace plumb::project
