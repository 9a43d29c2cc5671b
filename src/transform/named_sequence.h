// A sequence whose items have names as well: agate's MappedSequence, of which rows, columns and lists of them are made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jinja/jinja.h"

namespace plumb::transform {

class NamedSequence : public jinja::Object {
 public:
  // `items`: a tuple. `keys`: a tuple as long, or None.
  NamedSequence(jinja::Value items, jinja::Value keys) : items_(std::move(items)), keys_(std::move(keys)) {}

  const std::vector<jinja::Value>& items() const { return items_.items(); }
  std::optional<std::size_t> find_key(std::string_view key) const;

  std::string_view type_name() const override { return "MappedSequence"; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> find_item(jinja::State& state, const jinja::Value& key) override;
  std::optional<jinja::Value> slice(jinja::State& state, const jinja::Value& start, const jinja::Value& stop,
                                    const jinja::Value& step) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  std::unique_ptr<jinja::Iterator> iterate(jinja::State& state) override { return jinja::iterate(state, items_); }
  std::optional<std::size_t> length(jinja::State&) override { return items().size(); }
  std::optional<bool> contains(jinja::State& state, const jinja::Value& item) override {
    return jinja::contains(state, items_, item);
  }
  bool is_sequence() const override { return true; }
  std::optional<bool> equals(jinja::State& state, const jinja::Value& other) override;
  bool truth(jinja::State&) override { return !items().empty(); }
  std::string repr(jinja::State& state) override;

 protected:
  const jinja::Value items_;
  const jinja::Value keys_;
};

// One row: <agate.Row: (1, 'x')>
class RowObject final : public NamedSequence {
 public:
  using NamedSequence::NamedSequence;
  std::string_view type_name() const override { return "Row"; }
};

// One column with its name and the name of its type.
class ColumnValues final : public NamedSequence {
 public:
  ColumnValues(std::string name, std::string_view kind, jinja::Value items)
      : NamedSequence(std::move(items), jinja::Value::none()), name_(std::move(name)), kind_(kind) {}
  std::string_view type_name() const override { return "Column"; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;

 private:
  const std::string name_;
  const std::string_view kind_;
};

// Items of a list in Python's order; equal ones keep their places, None comes last.
std::vector<std::size_t> sorted_order(jinja::State& state, const std::vector<jinja::Value>& keys, bool reverse);

// <agate.data_types.text.Text object>: what column_types holds.
jinja::Value make_column_type(std::string_view kind);

}  // namespace plumb::transform
