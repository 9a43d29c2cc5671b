// Python's bytes, as far as templates meet them: what str.encode gives and what literals like b'ab' are.
#pragma once

#include <string>
#include <string_view>

#include "jinja/object.h"

namespace plumb::jinja {

class Bytes final : public Object {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)), charge_(sizeof *this + bytes_.capacity()) {}
  const std::string& bytes() const { return bytes_; }

  std::string_view type_name() const override { return "bytes"; }
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  std::optional<Value> find_item(State& state, const Value& key) override;
  std::optional<Value> slice(State& state, const Value& start, const Value& stop, const Value& step) override;
  std::unique_ptr<Iterator> iterate(State& state) override;
  std::optional<std::size_t> length(State& state) override;
  std::optional<bool> contains(State& state, const Value& item) override;
  bool is_sequence() const override { return true; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override;
  using Object::operate;
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override;
  bool truth(State& state) override;
  std::string repr(State& state) override;

 private:
  const std::string bytes_;
  const Charge charge_;
};

}  // namespace plumb::jinja
