#include "data/record.h"

#include "base/error.h"
#include "base/format.h"

namespace plumb::data::record {

int ValueOf<int>::read(const Column& column, std::size_t row) {
  std::int64_t value = column.int64_at(row);
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    throw Error(ErrorKind::Data, format("{} is too large for an int of 32 bits", value));
  }
  return static_cast<int>(value);
}

void ValueOf<Date>::append(ColumnBuilder& builder, Date value) {
  if (!value.ok()) {
    throw Error(ErrorKind::Data, format("{:04}-{:02}-{:02} is no date of the calendar", static_cast<int>(value.year()),
                                        static_cast<unsigned>(value.month()), static_cast<unsigned>(value.day())));
  }
  builder.append_days(static_cast<std::int32_t>(std::chrono::sys_days(value).time_since_epoch().count()));
}

Date ValueOf<Date>::read(const Column& column, std::size_t row) {
  using std::chrono::sys_days;
  static constexpr auto kFirst = sys_days(std::chrono::year::min() / 1 / 1).time_since_epoch().count();
  static constexpr auto kLast = sys_days(std::chrono::year::max() / 12 / 31).time_since_epoch().count();
  std::int32_t days = column.days_at(row);
  if (days < kFirst || days > kLast) {
    throw Error(ErrorKind::Data, format("a date {} days from 1970 is out of range", days));
  }
  return Date(sys_days(std::chrono::days(days)));
}

Column get_column(const Batch& batch, const Field& field) {
  const Column* column = batch.find_column(field.name);
  if (column == nullptr) throw Error(ErrorKind::Data, format("the rows have no column '{}'", field.name));
  if (!field.nullable && column->null_count() != 0) {
    throw Error(ErrorKind::Data, format("column '{}' has a null, and none may be there", field.name));
  }
  // A decimal of any size is read as it is; only another kind needs a cast.
  return column->type().kind() == field.type.kind() ? *column : cast(*column, field.type, field.name);
}

}  // namespace plumb::data::record
