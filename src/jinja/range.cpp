// range(): the whole numbers from one to another by steps, none of them made before it is asked for.
#include "jinja/calling.h"
#include "jinja/environment.h"
#include "jinja/errors.h"
#include "jinja/globals.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"

namespace plumb::jinja {

namespace {

class Range final : public Object {
 public:
  Range(std::int64_t start, std::int64_t stop, std::int64_t step) : start_(start), stop_(stop), step_(step) {
    const Wide distance = step > 0 ? Wide(stop) - start : Wide(start) - stop;
    const Wide stride = step > 0 ? Wide(step) : -Wide(step);
    size_ = distance <= 0 ? 0 : static_cast<std::uint64_t>((distance + stride - 1) / stride);
  }

  std::uint64_t size() const { return size_; }
  Value at(std::uint64_t index) const { return Value(static_cast<std::int64_t>(start_ + Wide(step_) * Wide(index))); }

  std::string_view type_name() const override { return "range"; }
  bool is_sequence() const override { return true; }
  bool truth(State&) override { return size_ > 0; }
  std::unique_ptr<Iterator> iterate(State&) override;

  std::optional<std::size_t> length(State&) override {
    if (size_ > INT64_MAX) raise("OverflowError", "Python int too large to convert to C ssize_t");
    return size_;
  }

  std::optional<Value> find_item(State&, const Value& key) override {
    if (!key.is_integral()) return std::nullopt;
    Wide index = index_of(key);
    if (index < 0) index += Wide(size_);
    if (index < 0 || index >= Wide(size_)) return std::nullopt;
    return at(static_cast<std::uint64_t>(index));
  }

  std::optional<Value> slice(State&, const Value& start, const Value& stop, const Value& step) override;

  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "start") return Value(start_);
    if (name == "stop") return Value(stop_);
    if (name == "step") return Value(step_);
    return std::nullopt;
  }

  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name != "index" && name != "count") return std::nullopt;
    const Value& item = bind_only("range." + std::string(name), arguments);
    const std::optional<std::uint64_t> place = find_place(state, item);
    if (name == "count") return Value(place ? 1 : 0);
    if (place) return Value(static_cast<std::int64_t>(*place));
    raise_value_error(item.is_integral() ? jinja::repr(state, item) + " is not in range"
                                         : "sequence.index(x): x not in sequence");
  }

  std::optional<bool> contains(State& state, const Value& item) override { return find_place(state, item).has_value(); }

  // Equal when they have the same numbers, however they were asked for.
  std::optional<bool> equals(State&, const Value& other) override {
    const Range* range = other.find_object<Range>();
    if (!range) return std::nullopt;
    return signature() == range->signature();
  }
  std::optional<std::size_t> hash() const override {
    const auto [size, start, step] = signature();
    return hash_value(Value::tuple({Value(static_cast<std::int64_t>(size)), Value(start), Value(step)}));
  }

  std::string repr(State&) override {
    std::string text = "range(" + std::to_string(start_) + ", " + std::to_string(stop_);
    if (step_ != 1) text += ", " + std::to_string(step_);
    return text + ")";
  }

 private:
  __extension__ typedef __int128 Wide;

  std::tuple<std::uint64_t, std::int64_t, std::int64_t> signature() const {
    return {size_, size_ > 0 ? start_ : 0, size_ > 1 ? step_ : 0};
  }

  std::optional<std::uint64_t> find_place(State& state, const Value& item) const {
    Value number = item;
    if (item.kind() == Kind::Float) {
      const double value = item.as_float();
      if (!(value >= -9.3e18 && value <= 9.3e18)) return std::nullopt;
      number = truncate(value);
      if (!equal(state, number, item)) return std::nullopt;
    }
    if (!number.is_integral() || number.kind() == Kind::BigInt) return std::nullopt;
    const Wide distance = Wide(index_of(number)) - start_;
    if (distance % step_ != 0) return std::nullopt;
    const Wide place = distance / step_;
    if (place < 0 || place >= Wide(size_)) return std::nullopt;
    return static_cast<std::uint64_t>(place);
  }

  const std::int64_t start_, stop_, step_;
  std::uint64_t size_ = 0;
};

class RangeIterator final : public Iterator {
 public:
  explicit RangeIterator(Ref<Range> range) : range_(std::move(range)) {}
  std::optional<Value> next(State&) override {
    if (next_ == range_->size()) return std::nullopt;
    return range_->at(next_++);
  }

 private:
  Ref<Range> range_;
  std::uint64_t next_ = 0;
};

std::unique_ptr<Iterator> Range::iterate(State&) {
  return std::make_unique<RangeIterator>(Ref<Range>(this));
}

std::int64_t slice_index(const Value& bound) {
  if (!bound.is_integral()) {
    raise_type_error("slice indices must be integers or None or have an __index__ method");
  }
  return clip_to_int64(bound);
}

// A range of the same numbers. The end may lie beyond 64 bits only where nothing would be left.
std::optional<Value> Range::slice(State& state, const Value& start, const Value& stop, const Value& step) {
  const auto size = static_cast<std::int64_t>(*length(state));
  const std::int64_t stride = step.is_none() ? 1 : slice_index(step);
  if (stride == 0) raise_value_error("slice step cannot be zero");
  const std::int64_t least = stride < 0 ? -1 : 0, most = stride < 0 ? size - 1 : size;
  auto place_of = [&](const Value& bound, std::int64_t otherwise) {
    if (bound.is_none()) return otherwise;
    const std::int64_t index = slice_index(bound);
    return std::clamp(index < 0 ? std::max(index, -size - 1) + size : index, least, most);
  };
  const Wide first = place_of(start, stride < 0 ? most : least), last = place_of(stop, stride < 0 ? least : most);
  auto number_at = [&](Wide place) { return static_cast<std::int64_t>(start_ + step_ * place); };
  return Value(make<Range>(number_at(first), number_at(last), static_cast<std::int64_t>(Wide(step_) * stride)));
}

std::int64_t bound_of(const Value& value) {
  const std::int64_t bound = index_of(value);
  if (value.kind() == Kind::BigInt) raise("OverflowError", "Python int too large to convert to C ssize_t");
  return bound;
}

}  // namespace

Value make_range(State& state, Arguments arguments) {
  constexpr std::uint64_t kMostSandboxed = 100'000;
  const auto bounds = arguments.positional;
  if (!arguments.keywords.empty()) raise_type_error("range() takes no keyword arguments");
  if (bounds.empty()) raise_type_error("range expected at least 1 argument, got 0");
  if (bounds.size() > 3) {
    raise_type_error("range expected at most 3 arguments, got " + std::to_string(bounds.size()));
  }
  const std::int64_t start = bounds.size() > 1 ? bound_of(bounds[0]) : 0;
  const std::int64_t stop = bound_of(bounds[bounds.size() > 1 ? 1 : 0]);
  const std::int64_t step = bounds.size() > 2 ? bound_of(bounds[2]) : 1;
  if (step == 0) raise_value_error("range() arg 3 must not be zero");
  auto range = make<Range>(start, stop, step);
  if (state.environment().options().sandboxed && range->size() > kMostSandboxed) {
    raise("OverflowError", "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
  }
  return range;
}

}  // namespace plumb::jinja
