// A record: named values that templates read and that print as Python's dataclasses do.
//
//     Path(database='shop', schema='main', identifier='orders')
//
// What dbt hands to templates as small classes of its own: paths, policies, responses, indexes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/jinja.h"

namespace plumb::transform {

class Record final : public jinja::Object {
 public:
  using Field = std::pair<std::string_view, jinja::Value>;  // the names have to stay
  // `text`: what it prints, where that is not its repr.
  Record(std::string_view name, std::vector<Field> fields, std::optional<std::string> text = {})
      : name_(name), fields_(std::move(fields)), text_(std::move(text)) {}

  const jinja::Value* find(std::string_view name) const;
  jinja::Value to_dict() const;

  std::string_view type_name() const override { return name_; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  std::optional<bool> equals(jinja::State& state, const jinja::Value& other) override;
  bool truth(jinja::State&) override { return true; }
  std::string repr(jinja::State& state) override;
  std::string str(jinja::State& state) override { return text_ ? *text_ : repr(state); }

 private:
  const std::string_view name_;
  const std::vector<Field> fields_;
  const std::optional<std::string> text_;
};

// What a statement answered: "OK" of DuckDB; of Postgres "INSERT 0 3", code "INSERT", 3 rows.
struct Response {
  std::string message;
  std::optional<std::string> code = {};
  std::optional<std::int64_t> rows_affected = {};
};
jinja::Value make_response(const Response& response);

}  // namespace plumb::transform
