#include "db/postgres_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/format.h"
#include "db/drivers.h"
#include "db/postgres_binary.h"

namespace plumb::db {
namespace {

using data::Type;
using data::TypeKind;

// The scale for decimals of which nothing is known.
constexpr int kUsualScale = 10;

template <class Integer>
bool fits_integer(std::string_view value) {
  return value.size() == sizeof(Integer);
}

double read_double(std::string_view value) {
  return std::bit_cast<double>(read_big<std::int64_t>(value.data()));
}

float read_float(std::string_view value) {
  return std::bit_cast<float>(read_big<std::int32_t>(value.data()));
}

// Infinity is the extreme in both, so it is not moved to our epoch.
std::int64_t to_our_micros(std::int64_t micros) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  return micros == kMost || micros == kLeast ? micros : micros + kPostgresEpochMicros;
}

std::int32_t to_our_days(std::int32_t days) {
  constexpr auto kMost = std::numeric_limits<std::int32_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int32_t>::min();
  return days == kMost || days == kLeast ? days : days + kPostgresEpochDays;
}

// "infinity" in a text result.
bool append_infinity(std::string_view text, data::ColumnBuilder& builder) {
  if (text != "infinity" && text != "-infinity") return false;
  bool negative = text.starts_with('-');
  if (builder.type().kind() == TypeKind::Date) {
    builder.append_days(negative ? std::numeric_limits<std::int32_t>::min() : std::numeric_limits<std::int32_t>::max());
  } else if (builder.type().kind() == TypeKind::Timestamp || builder.type().kind() == TypeKind::TimestampTz) {
    builder.append_int64(negative ? std::numeric_limits<std::int64_t>::min()
                                  : std::numeric_limits<std::int64_t>::max());
  } else {
    return false;
  }
  return true;
}

}  // namespace

PostgresColumnReader::PostgresColumnReader(std::string name, PostgresType type, bool binary)
    : name_(std::move(name)),
      type_(type),
      binary_(binary),
      settled_(!type.numeric() || type.find_decimal()),
      builder_(
          find_type(type).value_or(type.numeric() ? Type::decimal(data::kMostDigits, kUsualScale) : Type::text())) {}

void PostgresColumnReader::append_null() {
  if (settled_) {
    builder_.append_null();
  } else {
    pending_.emplace_back();
  }
}

bool PostgresColumnReader::append(std::string_view value) {
  if (!settled_) {
    pending_.emplace_back(binary_ ? Numeric(value).to_string() : std::string(value));
    pending_bytes_ += pending_.back()->size() + sizeof(pending_.back());
    return true;
  }
  return binary_ ? append_binary(value) : append_as_text(value);
}

bool PostgresColumnReader::append_as_text(std::string_view value) {
  if (append_infinity(value, builder_)) return true;
  return data::parse_text(value, builder_);
}

bool PostgresColumnReader::append_numeric(std::string_view value) {
  Numeric numeric(value);
  if (builder_.type().kind() == TypeKind::Text) {
    builder_.append_text(numeric.to_string());
    return true;
  }
  auto units = numeric.find_units(builder_.type().scale());
  if (!units || !data::fits_digits(*units, builder_.type().precision())) return false;
  builder_.append_decimal({*units, builder_.type().scale()});
  return true;
}

bool PostgresColumnReader::append_binary(std::string_view value) {
  const char* bytes = value.data();
  switch (type_.oid) {
    case oid::kBool:
      builder_.append_bool(bytes[0] != 0);
      return true;
    case oid::kInt2:
      builder_.append_int64(read_big<std::int16_t>(bytes));
      return true;
    case oid::kInt4:
      builder_.append_int64(read_big<std::int32_t>(bytes));
      return true;
    case oid::kOid:
      builder_.append_int64(read_big<std::uint32_t>(bytes));
      return true;
    case oid::kInt8:
      builder_.append_int64(read_big<std::int64_t>(bytes));
      return true;
    case oid::kFloat4:
      builder_.append_double(static_cast<double>(read_float(value)));
      return true;
    case oid::kFloat8:
      builder_.append_double(read_double(value));
      return true;
    case oid::kNumeric:
      return append_numeric(value);
    case oid::kDate:
      builder_.append_days(to_our_days(read_big<std::int32_t>(bytes)));
      return true;
    case oid::kTime:
      builder_.append_int64(read_big<std::int64_t>(bytes));
      return true;
    case oid::kTimestamp:
    case oid::kTimestampTz:
      builder_.append_int64(to_our_micros(read_big<std::int64_t>(bytes)));
      return true;
    case oid::kUuid: {
      data::Uuid uuid;
      std::memcpy(uuid.bytes, bytes, sizeof uuid.bytes);
      builder_.append_uuid(uuid);
      return true;
    }
    case oid::kJsonb:
      builder_.append_text(value.substr(1));
      return true;  // behind the version
    default:
      builder_.append_text(value);
      return true;
  }
}

void PostgresColumnReader::settle() {
  if (settled_) return;
  settled_ = true;
  std::size_t whole = 1;
  std::size_t scale = 0;
  bool finite = true;
  bool any = false;
  for (const auto& text : pending_) {
    if (!text) continue;
    any = true;
    std::string_view digits = *text;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    finite = finite && digits[0] >= '0' && digits[0] <= '9';
    std::size_t point = std::min(digits.find('.'), digits.size());
    whole = std::max(whole, point);
    if (point < digits.size()) scale = std::max(scale, digits.size() - point - 1);
  }
  bool fits = finite && whole + scale <= static_cast<std::size_t>(data::kMostDigits);
  if (!any) scale = kUsualScale;
  builder_ = data::ColumnBuilder(fits ? Type::decimal(data::kMostDigits, static_cast<int>(scale)) : Type::text());
  for (const auto& text : pending_) {
    if (text) {
      data::parse_text(*text, builder_);
    } else {
      builder_.append_null();
    }
  }
  pending_.clear();
  pending_.shrink_to_fit();
  pending_bytes_ = 0;
}

PostgresReader::PostgresReader(std::shared_ptr<PostgresSession> session, const std::vector<const char*>& parameters)
    : session_(std::move(session)) {
  describe();
  const LibPq& pq = session_->pq();
  session_->check_sent(pq.sendQueryPrepared(session_->get(), "", static_cast<int>(parameters.size()), parameters.data(),
                                            nullptr, nullptr, binary_ ? 1 : 0));
  pq.setSingleRowMode(session_->get());
  stream_ = session_->begin_stream();
  first_ = read(true);
}

PostgresReader::~PostgresReader() {
  if (!ended_ && session_->is_current(stream_)) session_->end_stream();
}

void PostgresReader::describe() {
  const LibPq& pq = session_->pq();
  session_->check_sent(pq.sendDescribePrepared(session_->get(), ""));
  auto description = session_->finish();
  int count = pq.nfields(description.get());
  std::vector<std::string> names;
  std::vector<PostgresType> types;
  for (int i = 0; i < count; ++i) {
    names.emplace_back(pq.fname(description.get(), i));
    types.push_back({pq.ftype(description.get(), i), pq.fmod(description.get(), i)});
  }
  binary_ = std::all_of(types.begin(), types.end(),
                        [](const PostgresType& type) { return type.numeric() || find_type(type).has_value(); });
  names = unique_names(std::move(names));
  for (std::size_t i = 0; i < names.size(); ++i) columns_.emplace_back(names[i], types[i], binary_);
}

std::optional<data::Batch> PostgresReader::next() {
  if (first_) return std::exchange(first_, std::nullopt);
  if (ended_) return std::nullopt;
  session_->throw_if_cancelled();
  if (!session_->is_current(stream_)) {
    throw Error(ErrorKind::Internal, "the rows of a query were asked for after another statement of the connection");
  }
  return read(false);
}

std::optional<data::Batch> PostgresReader::read(bool first) {
  std::size_t rows = 0;
  while (rows < data::kBatchRows && read_row()) {
    ++rows;
    if ((rows & 63) != 0) continue;
    std::size_t bytes = 0;
    for (const auto& column : columns_) bytes += column.bytes();
    if (bytes >= data::kBatchBytes) break;
  }
  if (first) {
    std::vector<data::Field> fields;
    for (auto& column : columns_) {
      column.settle();
      fields.push_back({column.name(), column.type(), true});
    }
    schema_ = data::Schema(std::move(fields));
  }
  if (rows == 0) return std::nullopt;
  std::vector<data::Column> columns;
  for (auto& column : columns_) columns.push_back(column.take());
  return data::Batch(schema_, std::move(columns));
}

// False at the end.
bool PostgresReader::read_row() {
  if (ended_) return false;
  auto result = session_->next_result();
  if (result && session_->pq().resultStatus(result.get()) == PGRES_SINGLE_TUPLE) {
    append_row(result.get());
    return true;
  }
  session_->finish();
  ended_ = true;
  return false;
}

void PostgresReader::append_row(const PGresult* row) {
  const LibPq& pq = session_->pq();
  ++rows_read_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto index = static_cast<int>(i);
    if (pq.getisnull(row, 0, index) != 0) {
      columns_[i].append_null();
      continue;
    }
    std::string_view value(pq.getvalue(row, 0, index), static_cast<std::size_t>(pq.getlength(row, 0, index)));
    if (columns_[i].append(value)) continue;
    throw Error(ErrorKind::Data,
                format("column '{}', row {}: the value does not fit {}", columns_[i].name(), rows_read_,
                       columns_[i].type().to_string()),
                {.hint = format("cast it in the query: \"{}\"::numeric(38, 10), or ::text", columns_[i].name())});
  }
}

}  // namespace plumb::db
