#include "project/python_itertools.h"

#include <algorithm>
#include <deque>

#include "base/format.h"

namespace plumb::project::python {
namespace {

using jinja::Iterator;
using IteratorPtr = std::unique_ptr<Iterator>;
using Pool = std::vector<Value>;

// An iterator that a function is enough for.
template <class Next>
class Generated final : public Iterator {
 public:
  explicit Generated(Next next) : next_(std::move(next)) {}
  std::optional<Value> next(State& state) override {
    state.tick();
    return next_(state);
  }

 private:
  Next next_;
};

template <class Next>
Value generate(std::string_view type, Next next) {
  return jinja::make_generator(std::make_unique<Generated<Next>>(std::move(next)), type);
}

// count and repeat, which show in text where they are.
class ShownIterator : public jinja::Object {
 public:
  virtual std::optional<Value> next(State& state) = 0;
  IteratorPtr iterate(State&) override {
    class Walk final : public Iterator {
     public:
      explicit Walk(Ref<ShownIterator> shown) : shown_(std::move(shown)) {}
      std::optional<Value> next(State& state) override {
        state.tick();
        return shown_->next(state);
      }

     private:
      const Ref<ShownIterator> shown_;
    };
    return std::make_unique<Walk>(Ref<ShownIterator>(this));
  }
};

class Count final : public ShownIterator {
 public:
  Count(Value start, Value step) : at_(std::move(start)), step_(std::move(step)) {}
  std::string_view type_name() const override { return "itertools.count"; }
  std::optional<Value> next(State& state) override {
    const Value now = at_;
    at_ = jinja::operate(state, BinaryOperator::Add, at_, step_);
    return now;
  }
  std::string repr(State& state) override {
    const bool plain = step_.is_int() && step_.as_int() == 1;
    return "count(" + jinja::repr(state, at_) + (plain ? "" : ", " + jinja::repr(state, step_)) + ")";
  }

 private:
  Value at_;
  const Value step_;
};

class Repeat final : public ShownIterator {
 public:
  Repeat(Value item, std::optional<std::int64_t> times) : item_(std::move(item)), times_(times) {}
  std::string_view type_name() const override { return "itertools.repeat"; }
  std::optional<Value> next(State&) override {
    if (times_ && *times_ <= 0) return std::nullopt;
    if (times_) --*times_;
    return item_;
  }
  std::optional<std::size_t> length(State&) override {
    if (!times_) jinja::raise_type_error("len() of unsized object");
    return static_cast<std::size_t>(*times_);
  }
  bool truth(State&) override { return !times_ || *times_ > 0; }
  std::string repr(State& state) override {
    return "repeat(" + jinja::repr(state, item_) + (times_ ? plumb::format(", {}", *times_) : "") + ")";
  }

 private:
  const Value item_;
  std::optional<std::int64_t> times_;
};

// ---- Arguments
void refuse_keywords(std::string_view function, Arguments arguments) {
  if (!arguments.keywords.empty()) jinja::raise_type_error(plumb::format("{}() takes no keyword arguments", function));
}
std::shared_ptr<Iterator> iterator_of(State& state, const Value& value) {
  return jinja::iterate(state, value);
}

// ---- The endless ones
Value make_count(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"start", "step"};
  auto [start, step] = bind_call<2>({.function = "count", .names = kNames}, arguments);
  if (!jinja::given(start)) start = 0;
  if (!jinja::given(step)) step = 1;
  const auto is_number = [](const Value& value) {
    return value.is_number() || (value.kind() == Kind::Object && value.as_object().is_number());
  };
  if (!is_number(start) || !is_number(step)) jinja::raise_type_error("a number is required");
  return jinja::make<Count>(start, step);
}

Value make_cycle(State& state, const Value&, Arguments arguments) {
  refuse_keywords("cycle", arguments);
  if (arguments.positional.size() != 1) {
    jinja::raise_type_error(plumb::format("cycle expected 1 argument, got {}", arguments.positional.size()));
  }
  return generate("itertools.cycle",
                  [source = iterator_of(state, arguments.positional[0]), saved = Pool(), at = std::size_t{0},
                   done = false](State& running) mutable -> std::optional<Value> {
                    if (!done) {
                      if (auto item = source->next(running)) {
                        saved.push_back(*item);
                        running.reserve(saved.size() * sizeof(Value));
                        return item;
                      }
                      done = true;
                    }
                    if (saved.empty()) return std::nullopt;
                    return saved[at++ % saved.size()];
                  });
}

Value make_repeat(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"object", "times"};
  const auto [item, times] = bind_call<2>({.function = "repeat", .names = kNames, .required = 1}, arguments);
  std::optional<std::int64_t> count;
  if (jinja::given(times)) count = std::max<std::int64_t>(jinja::index_argument(times), 0);
  return jinja::make<Repeat>(item, count);
}

// ---- Those that walk others
Value make_accumulate(State& state, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"iterable", "func", "initial"};
  const auto [iterable, function, initial] =
      bind_call<3>({.function = "accumulate", .names = kNames, .required = 1, .positional = 2}, arguments);
  const bool has_initial = jinja::given(initial) && !initial.is_none();
  return generate("itertools.accumulate",
                  [source = iterator_of(state, iterable), function = function, total = initial, has_total = has_initial,
                   shows_initial = has_initial](State& running) mutable -> std::optional<Value> {
                    if (std::exchange(shows_initial, false)) return total;
                    auto item = source->next(running);
                    if (!item) return std::nullopt;
                    if (!std::exchange(has_total, true)) {
                      total = *item;
                    } else if (!jinja::given(function) || function.is_none()) {
                      total = jinja::operate(running, BinaryOperator::Add, total, *item);
                    } else {
                      Value both[] = {total, *item};
                      total = jinja::call(running, function, {both, {}});
                    }
                    return total;
                  });
}

// Walks the iterables that another iterator gives.
Value chain_of(std::shared_ptr<Iterator> sources) {
  return generate(
      "itertools.chain",
      [sources = std::move(sources), source = IteratorPtr()](State& running) mutable -> std::optional<Value> {
        for (;;) {
          if (source) {
            if (auto item = source->next(running)) return item;
          }
          auto following = sources->next(running);
          if (!following) return std::nullopt;
          source = jinja::iterate(running, *following);
        }
      });
}
Value make_chain(State& state, const Value&, Arguments arguments) {
  refuse_keywords("chain", arguments);
  return chain_of(iterator_of(state, Value::tuple({arguments.positional.begin(), arguments.positional.end()})));
}
Value chain_from_iterable(State& state, const Value&, Arguments arguments) {
  return chain_of(iterator_of(state, arguments.positional[0]));
}

Value make_compress(State& state, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"data", "selectors"};
  const auto [data, selectors] = bind_call<2>({.function = "compress", .names = kNames, .required = 2}, arguments);
  return generate("itertools.compress",
                  [items = iterator_of(state, data),
                   marks = iterator_of(state, selectors)](State& running) -> std::optional<Value> {
                    for (;;) {
                      auto item = items->next(running);
                      if (!item) return std::nullopt;
                      const auto mark = marks->next(running);
                      if (!mark) return std::nullopt;
                      if (jinja::truth(running, *mark)) return item;
                    }
                  });
}

std::int64_t slice_bound(const Value& value, std::int64_t otherwise, const char* message) {
  if (value.is_none()) return otherwise;
  if (!value.is_integral() || jinja::int_compare(value, Value(0)) < 0) jinja::raise_value_error(message);
  return jinja::clip_to_int64(value);
}
Value make_islice(State& state, const Value&, Arguments arguments) {
  refuse_keywords("islice", arguments);
  const std::span<Value> given = arguments.positional;
  if (given.size() < 2 || given.size() > 4) {
    jinja::raise_type_error(plumb::format("islice expected at {} arguments, got {}",
                                          given.size() < 2 ? "least 2" : "most 4", given.size()));
  }
  constexpr const char* kStop = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
  constexpr const char* kIndices = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
  constexpr const char* kStep = "Step for islice() must be a positive integer or None.";
  const bool one = given.size() == 2;
  const std::int64_t start = one ? 0 : slice_bound(given[1], 0, kIndices);
  const std::int64_t stop = slice_bound(given[one ? 1 : 2], INT64_MAX, one ? kStop : kIndices);
  const std::int64_t step = given.size() == 4 ? slice_bound(given[3], 1, kStep) : 1;
  if (step == 0) jinja::raise_value_error(kStep);
  return generate("itertools.islice",
                  [source = iterator_of(state, given[0]), wanted = start, stop = stop, step,
                   at = std::int64_t{0}](State& running) mutable -> std::optional<Value> {
                    for (; at < std::min(wanted, stop); ++at) {
                      if (!source->next(running)) {
                        stop = 0;
                        return std::nullopt;
                      }
                      running.tick();
                    }
                    if (at >= stop) return std::nullopt;
                    auto item = source->next(running);
                    ++at;
                    wanted = wanted > INT64_MAX - step ? INT64_MAX : wanted + step;
                    if (!item) stop = 0;
                    return item;
                  });
}

Value make_starmap(State& state, const Value&, Arguments arguments) {
  refuse_keywords("starmap", arguments);
  if (arguments.positional.size() != 2) {
    jinja::raise_type_error(plumb::format("starmap expected 2 arguments, got {}", arguments.positional.size()));
  }
  return generate("itertools.starmap",
                  [function = arguments.positional[0],
                   source = iterator_of(state, arguments.positional[1])](State& running) -> std::optional<Value> {
                    const auto item = source->next(running);
                    if (!item) return std::nullopt;
                    Pool values = jinja::to_vector(running, *item);
                    return jinja::call(running, function, {values, {}});
                  });
}

// What several walks over one iterator have in common: the items that not all of them have seen.
struct Shared {
  std::shared_ptr<Iterator> source;
  std::deque<Value> items = {};
  std::size_t first = 0;             // the index of items[0]
  std::vector<std::size_t> at = {};  // of each walk
};
Value call_tee(State& state, Arguments arguments) {
  refuse_keywords("tee", arguments);
  const std::span<Value> given = arguments.positional;
  if (given.empty() || given.size() > 2) {
    jinja::raise_type_error(plumb::format("tee expected at {} argument{}, got {}", given.empty() ? "least 1" : "most 2",
                                          given.empty() ? "" : "s", given.size()));
  }
  const std::int64_t count = given.size() == 2 ? jinja::index_argument(given[1]) : 2;
  if (count < 0) jinja::raise_value_error("n must be >= 0");
  auto shared = std::make_shared<Shared>(Shared{.source = iterator_of(state, given[0])});
  state.reserve(static_cast<std::size_t>(count) * 64);
  shared->at.resize(static_cast<std::size_t>(count));
  Pool walks;
  for (std::size_t walk = 0; walk < shared->at.size(); ++walk) {
    walks.push_back(generate("itertools._tee", [shared, walk](State& running) -> std::optional<Value> {
      std::size_t& at = shared->at[walk];
      if (at == shared->first + shared->items.size()) {
        auto item = shared->source->next(running);
        if (!item) return std::nullopt;
        shared->items.push_back(*item);
      }
      const Value item = shared->items[at - shared->first];
      ++at;
      const std::size_t seen = *std::min_element(shared->at.begin(), shared->at.end());
      for (; shared->first < seen; ++shared->first) shared->items.pop_front();
      return item;
    }));
  }
  return Value::tuple(std::move(walks));
}

Value make_zip_longest(State& state, const Value&, Arguments arguments) {
  Value fill = Value::none();
  for (const jinja::Keyword& keyword : arguments.keywords) {
    if (keyword.name.as_string() != "fillvalue") {
      jinja::raise_type_error("zip_longest() got an unexpected keyword argument");
    }
    fill = keyword.value;
  }
  std::vector<std::shared_ptr<Iterator>> sources;
  for (const Value& each : arguments.positional) sources.push_back(iterator_of(state, each));
  return generate("itertools.zip_longest",
                  [sources = std::move(sources), fill](State& running) mutable -> std::optional<Value> {
                    Pool row;
                    bool any = false;
                    for (auto& source : sources) {
                      auto item = source ? source->next(running) : std::nullopt;
                      if (item) {
                        any = true;
                      } else {
                        source.reset();
                      }
                      row.push_back(item ? *item : fill);
                    }
                    if (!any) return std::nullopt;
                    return Value::tuple(std::move(row));
                  });
}

// ---- Selections from pools: indices that move on from one to the next
using Indices = std::vector<std::size_t>;
// Moves the indices to the next selection; false after the last.
using Advance = bool (*)(Indices& indices, std::size_t pool);

Value select(std::string_view type, Pool pool, std::size_t count, Indices indices, bool any, Advance advance) {
  return generate(type,
                  [pool = std::move(pool), count, indices = std::move(indices), any, advance,
                   first = true](State&) mutable -> std::optional<Value> {
                    if (!any) return std::nullopt;
                    if (!std::exchange(first, false) && !advance(indices, pool.size())) {
                      any = false;
                      return std::nullopt;
                    }
                    Pool chosen;
                    for (std::size_t i = 0; i < count; ++i) chosen.push_back(pool[indices[i]]);
                    return Value::tuple(std::move(chosen));
                  });
}

std::size_t checked_size(State& state, std::int64_t size) {
  if (size < 0) jinja::raise_value_error("r must be non-negative");
  state.reserve(static_cast<std::size_t>(std::min<std::int64_t>(size, INT64_MAX / 16)) * sizeof(Value));
  return static_cast<std::size_t>(size);
}

Value make_combinations(State& state, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"iterable", "r"};
  const auto [iterable, r] = bind_call<2>({.function = "combinations", .names = kNames, .required = 2}, arguments);
  Pool pool = jinja::to_vector(state, iterable);
  const std::size_t count = checked_size(state, jinja::index_argument(r));
  Indices indices;
  for (std::size_t i = 0; i < count && i < pool.size(); ++i) indices.push_back(i);
  const bool any = count <= pool.size();
  return select("itertools.combinations", std::move(pool), count, std::move(indices), any,
                [](Indices& at, std::size_t size) {
                  std::size_t i = at.size();
                  while (i > 0 && at[i - 1] == i - 1 + size - at.size()) --i;
                  if (i == 0) return false;
                  ++at[i - 1];
                  for (; i < at.size(); ++i) at[i] = at[i - 1] + 1;
                  return true;
                });
}

Value make_combinations_with_replacement(State& state, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"iterable", "r"};
  const auto [iterable, r] =
      bind_call<2>({.function = "combinations_with_replacement", .names = kNames, .required = 2}, arguments);
  Pool pool = jinja::to_vector(state, iterable);
  const std::size_t count = checked_size(state, jinja::index_argument(r));
  const bool any = !pool.empty() || count == 0;
  return select("itertools.combinations_with_replacement", std::move(pool), count, Indices(count), any,
                [](Indices& at, std::size_t size) {
                  std::size_t i = at.size();
                  while (i > 0 && at[i - 1] == size - 1) --i;
                  if (i == 0) return false;
                  const std::size_t value = at[i - 1] + 1;
                  for (--i; i < at.size(); ++i) at[i] = value;
                  return true;
                });
}

Value make_permutations(State& state, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"iterable", "r"};
  const auto [iterable, r] = bind_call<2>({.function = "permutations", .names = kNames, .required = 1}, arguments);
  Pool pool = jinja::to_vector(state, iterable);
  std::size_t count = pool.size();
  if (jinja::given(r) && !r.is_none()) {
    if (!r.is_integral()) jinja::raise_type_error("Expected int as r");
    count = checked_size(state, jinja::index_argument(r));
  }
  Indices indices(pool.size());
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  // Those that are not chosen stand behind the chosen ones, in order; how many are chosen is kept in the last place.
  const bool any = count <= pool.size();
  indices.push_back(count);
  return select("itertools.permutations", std::move(pool), count, std::move(indices), any,
                [](Indices& at, std::size_t) {
                  const auto chosen = at.begin() + static_cast<std::ptrdiff_t>(at.back());
                  std::reverse(chosen, at.end() - 1);
                  return std::next_permutation(at.begin(), at.end() - 1);
                });
}

Value make_product(State& state, const Value&, Arguments arguments) {
  std::int64_t repeat = 1;
  for (const jinja::Keyword& keyword : arguments.keywords) {
    if (keyword.name.as_string() != "repeat") {
      jinja::raise_type_error(
          plumb::format("'{}' is an invalid keyword argument for product()", keyword.name.as_string()));
    }
    repeat = jinja::index_argument(keyword.value);
  }
  if (repeat < 0) jinja::raise_value_error("repeat argument cannot be negative");
  std::vector<Pool> once;
  for (const Value& each : arguments.positional) once.push_back(jinja::to_vector(state, each));
  state.reserve(static_cast<std::size_t>(repeat) * once.size() * sizeof(Pool));
  std::vector<const Pool*> pools;
  auto kept = std::make_shared<const std::vector<Pool>>(std::move(once));
  for (std::int64_t i = 0; i < repeat && !kept->empty(); ++i) {
    for (const Pool& each : *kept) pools.push_back(&each);
  }
  bool any = true;
  for (const Pool* each : pools) any = any && !each->empty();
  return generate(
      "itertools.product",
      [kept, pools = std::move(pools), any, first = true, at = Indices()](State&) mutable -> std::optional<Value> {
        if (!any) return std::nullopt;
        if (first) {
          at.resize(pools.size());
          first = false;
        } else {
          std::size_t i = at.size();
          while (i > 0 && at[i - 1] + 1 == pools[i - 1]->size()) at[--i] = 0;
          if (i == 0) {
            any = false;
            return std::nullopt;
          }
          ++at[i - 1];
        }
        Pool row;
        for (std::size_t i = 0; i < at.size(); ++i) row.push_back((*pools[i])[at[i]]);
        return Value::tuple(std::move(row));
      });
}

constexpr Method kChainMethods[] = {{"from_iterable", chain_from_iterable, Takes::One}};

constexpr ClassTable kClasses[] = {
    {.name = "itertools.count", .make = make_count},
    {.name = "itertools.cycle", .make = make_cycle},
    {.name = "itertools.repeat", .make = make_repeat},
    {.name = "itertools.accumulate", .make = make_accumulate},
    {.name = "itertools.chain", .make = make_chain, .class_methods = kChainMethods},
    {.name = "itertools.compress", .make = make_compress},
    {.name = "itertools.islice", .make = make_islice},
    {.name = "itertools.starmap", .make = make_starmap},
    {.name = "itertools.zip_longest", .make = make_zip_longest},
    {.name = "itertools.product", .make = make_product},
    {.name = "itertools.permutations", .make = make_permutations},
    {.name = "itertools.combinations", .make = make_combinations},
    {.name = "itertools.combinations_with_replacement", .make = make_combinations_with_replacement},
};

}  // namespace

Value itertools_module() {
  Value module = Value::dict();
  for (const ClassTable& table : kClasses) {
    if (table.name == "itertools.zip_longest") {
      module.as_dict().set("tee", jinja::make_function("tee", call_tee, "builtin_function_or_method"));
    }
    module.as_dict().set(table.name.substr(table.name.find('.') + 1), jinja::make<PythonClass>(table));
  }
  return module;
}

}  // namespace plumb::project::python
