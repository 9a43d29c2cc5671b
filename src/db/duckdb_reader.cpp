#include "db/duckdb_reader.h"

#include "base/format.h"
#include "db/drivers.h"
#include "db/duckdb_vectors.h"

namespace plumb::db {

ResultPlan plan_result(const DuckDbLibrary& duckdb, DuckDbResult& result) {
  ResultPlan plan;
  std::vector<std::string> names;
  for (idx_t i = 0; i < duckdb.column_count(result.get()); ++i) {
    DuckDbType type(duckdb, duckdb.column_logical_type(result.get(), i));
    names.emplace_back(duckdb.column_name(result.get(), i));
    plan.columns.push_back(plan_vector(duckdb, type.get()));
    plan.must_be_cast = plan.must_be_cast || plan.columns.back().must_be_cast;
  }
  names = unique_names(std::move(names));
  std::vector<data::Field> fields;
  for (std::size_t i = 0; i < names.size(); ++i) {
    fields.push_back({.name = std::move(names[i]), .type = plan.columns[i].type});
  }
  plan.schema = data::Schema(std::move(fields));
  return plan;
}

DuckDbReader::DuckDbReader(std::shared_ptr<DuckDbSession> session, DuckDbResult result, ResultPlan plan,
                           std::string sql)
    : session_(std::move(session)),
      result_(std::move(result)),
      plan_(std::move(plan)),
      sql_(std::move(sql)),
      generation_(session_->generation()) {
  for (const auto& field : plan_.schema) builders_.emplace_back(field.type);
}

DuckDbReader::~DuckDbReader() {
  session_->finish(generation_, at_end_);
}

std::optional<data::Batch> DuckDbReader::next() {
  std::size_t rows = 0;
  std::size_t bytes = 0;
  while (rows < data::kBatchRows && bytes < data::kBatchBytes && fetch()) {
    rows = builders_.front().rows();
    bytes = 0;
    for (const auto& builder : builders_) bytes += builder.bytes();
  }
  if (rows == 0) return {};
  std::vector<data::Column> columns;
  for (auto& builder : builders_) columns.push_back(builder.take());
  return data::Batch(plan_.schema, std::move(columns));
}

bool DuckDbReader::fetch() {
  if (at_end_ || builders_.empty()) return false;
  if (generation_ != session_->generation()) {
    throw Error(ErrorKind::Internal, "rows were asked for after another statement ran on the same connection");
  }
  session_->throw_if_cancelled();
  const DuckDbLibrary& duckdb = session_->duckdb();
  DuckDbChunk chunk(duckdb, duckdb.fetch_chunk(*result_.get()));
  if (!chunk) {
    at_end_ = true;
    if (const char* words = duckdb.result_error(result_.get())) session_->throw_words(words, sql_);
    session_->finish(generation_, true);
    return false;
  }
  append(chunk.get());
  return true;
}

void DuckDbReader::append(duckdb_data_chunk chunk) {
  const DuckDbLibrary& duckdb = session_->duckdb();
  std::size_t rows = duckdb.data_chunk_get_size(chunk);
  for (std::size_t i = 0; i < builders_.size(); ++i) {
    try {
      read_vector(duckdb, plan_.columns[i], duckdb.data_chunk_get_vector(chunk, i), rows, builders_[i]);
    } catch (const Error& error) {
      throw_value(plan_.schema[i].name, error);
    }
  }
}

void DuckDbReader::throw_value(const std::string& column, const Error& error) const {
  throw Error(error.kind(), format("column \"{}\": {}", column, error.message()), {.hint = error.hint()});
}

}  // namespace plumb::db
