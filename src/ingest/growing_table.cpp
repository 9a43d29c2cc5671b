#include <algorithm>

#include "base/format.h"
#include "ingest/destination.h"

namespace plumb::ingest {

namespace {

using data::Field;
using data::Schema;
using data::Type;

// How the database keeps a type: only DuckDB has lists and structs; elsewhere they are JSON.
Type stored_as(const db::Connection& connection, const Type& type) {
  return type.nested() && connection.kind() != db::Kind::DuckDb ? Type::json() : type;
}

}  // namespace

GrowingTable::GrowingTable(db::Connection& connection, db::TableName name, std::vector<std::string> primary_key)
    : connection_(connection),
      name_(std::move(name)),
      primary_key_(std::move(primary_key)),
      schema_(connection.find_table(name_)) {}

void GrowingTable::fit(const Schema& wanted) {
  if (!schema_) {
    std::vector<Field> fields;
    for (const auto& field : wanted) {
      const bool key = std::find(primary_key_.begin(), primary_key_.end(), field.name) != primary_key_.end();
      // A column that is whole today may have a hole tomorrow; only keys are NOT NULL.
      fields.push_back({field.name, stored_as(connection_, field.type), !key});
    }
    schema_ = Schema(std::move(fields));
    connection_.execute(connection_.create_table_sql(name_, *schema_, primary_key_));
    changed_.insert(changed_.end(), wanted.begin(), wanted.end());
    return;
  }
  auto fields = schema_->fields();
  bool changed = false;
  for (const auto& field : wanted) {
    auto stored = stored_as(connection_, field.type);
    auto at = schema_->find(field.name);
    if (at && data::widest(fields[*at].type, stored) == fields[*at].type) continue;
    flush();
    changed = true;
    if (!at) {
      fields.push_back({field.name, stored, true});
      connection_.add_column(name_, fields.back());
    } else {
      fields[*at].type = data::widest(fields[*at].type, stored);
      connection_.widen_column(name_, fields[*at]);
    }
    changed_.push_back({field.name, at ? fields[*at].type : field.type, true});
  }
  if (changed) schema_ = Schema(std::move(fields));
}

void GrowingTable::append(const data::Batch& batch) {
  fit(batch.schema());
  if (!writer_) writer_ = connection_.write(name_, *schema_);
  writer_->append(data::conform(batch, *schema_));
  rows_ += static_cast<std::int64_t>(batch.rows());
}

void GrowingTable::flush() {
  if (writer_) writer_->finish();
  writer_.reset();
}

}  // namespace plumb::ingest
