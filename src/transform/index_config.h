// An index as a model's config asks for it; what adapter.parse_index() gives.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "jinja/jinja.h"

namespace plumb::transform {

class IndexConfig final : public jinja::Object {
 public:
  // Throws IndexConfigError "Could not parse index config: at path ['columns']: …".
  static jinja::Ref<IndexConfig> parse(jinja::State& state, db::Kind engine, const jinja::Value& raw);

  std::string_view type_name() const override {
    return engine_ == db::Kind::Postgres ? "PostgresIndexConfig" : "DuckDBIndexConfig";
  }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  bool truth(jinja::State&) override { return true; }
  std::string repr(jinja::State& state) override;

  IndexConfig(db::Kind engine, std::vector<std::string> columns, bool unique, std::string method)
      : engine_(engine), columns_(std::move(columns)), unique_(unique), method_(std::move(method)) {}

 private:
  // A name of 32 hex digits that no other index has, of this table or its predecessor.
  std::string name_for(const std::string& relation) const;

  const db::Kind engine_;
  const std::vector<std::string> columns_;
  const bool unique_;
  const std::string method_;  // "btree", "hash"; empty: None
};

}  // namespace plumb::transform
