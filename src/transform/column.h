// Column: a column of a relation as templates read it; `api.Column` and what get_columns_in_relation gives.
//
//     api.Column('amount', 'numeric', none, 18, 2).data_type      "numeric(18,2)"
//
// What counts as text, as a whole number and so on is the engine's: DuckDB knows hugeint and structs, Postgres serials.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/db.h"
#include "jinja/jinja.h"

namespace plumb::transform {

struct ColumnFields {
  db::Kind engine = db::Kind::DuckDb;
  std::string name, dtype;
  // Of what information_schema says; None where it says nothing.
  jinja::Value char_size = jinja::Value::none();
  jinja::Value numeric_precision = jinja::Value::none(), numeric_scale = jinja::Value::none();
};

class Column final : public jinja::Object {
 public:
  explicit Column(ColumnFields fields) : fields_(std::move(fields)) {}

  const ColumnFields& fields() const { return fields_; }
  const std::string& name() const { return fields_.name; }
  bool is_string() const;
  bool is_integer() const;
  bool is_float() const;
  bool is_numeric() const;
  bool is_struct() const;
  // As DDL has it: "character varying(25)", "numeric(18,2)", "INTEGER".
  std::string data_type() const;
  // How wide a text column is; 256 where nobody says. DbtRuntimeError for one that holds no text.
  std::int64_t string_size() const;
  bool can_expand_to(const Column& other) const;
  // DuckDB: a column for every leaf of a struct, "address.city"; itself when it is none.
  std::vector<jinja::Ref<Column>> flatten() const;

  std::string_view type_name() const override;
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  std::optional<bool> equals(jinja::State& state, const jinja::Value& other) override;
  std::optional<std::size_t> hash() const override { return std::nullopt; }
  std::string repr(jinja::State& state) override;

 private:
  std::vector<jinja::Ref<Column>> struct_fields() const;
  const ColumnFields fields_;
};

// `api.Column`.
jinja::Value column_class(db::Kind engine);
// The columns in a list that a macro gave. Throws MacroReturn's kind of error for anything else.
std::vector<const Column*> column_list(jinja::State& state, const jinja::Value& list);

}  // namespace plumb::transform
