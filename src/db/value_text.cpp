#include "db/value_text.h"

#include <cassert>

namespace plumb::db {
namespace {

std::string text_of_cell(data::ColumnBuilder&& builder) {
  std::string text;
  data::append_text(builder.take(), 0, text);
  return text;
}

struct Writer {
  std::string operator()(std::monostate) const {
    assert(false && "null has no text");
    return {};
  }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    data::ColumnBuilder builder(data::Type::float64());
    builder.append_double(value);
    return text_of_cell(std::move(builder));
  }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const data::Decimal& value) const { return value.to_string(); }
  std::string operator()(Instant value) const {
    data::ColumnBuilder builder(data::Type::timestamp_tz());
    builder.append_int64(value.time_since_epoch().count());
    return text_of_cell(std::move(builder));
  }
  std::string operator()(Date value) const {
    data::ColumnBuilder builder(data::Type::date());
    builder.append_days(static_cast<std::int32_t>(std::chrono::sys_days(value).time_since_epoch().count()));
    return text_of_cell(std::move(builder));
  }
};

}  // namespace

std::string text_of(const Value& value) {
  return std::visit(Writer{}, value);
}

}  // namespace plumb::db
