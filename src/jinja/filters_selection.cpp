// map, select, reject, selectattr and rejectattr: generators that apply a filter, a test or an attribute to each item.
//
// Nothing happens, and nothing is complained about, before the first item is asked for.
#include "jinja/calling.h"
#include "jinja/environment.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {

namespace {

// The arguments that each call of a filter or test gets behind the item. The callee may move out of what it is given,
// so every call has copies.
class CallArguments {
 public:
  CallArguments(std::span<Value> positional, std::span<Keyword> keywords)
      : positional_(positional.begin(), positional.end()), keywords_(keywords.begin(), keywords.end()) {}

  Arguments with(const Value& item) {
    call_positional_.resize(positional_.size() + 1);
    call_positional_[0] = item;
    std::copy(positional_.begin(), positional_.end(), call_positional_.begin() + 1);
    call_keywords_ = keywords_;
    return {call_positional_, call_keywords_};
  }

 private:
  std::vector<Value> positional_, call_positional_;
  std::vector<Keyword> keywords_, call_keywords_;
};

// A filter or test that is named by a value, looked up once.
const NativeFunction& find_named(State& state, const Value& name, bool is_test) {
  const NativeFunction* found = nullptr;
  if (name.is_string()) {
    const Environment& environment = state.environment();
    found = is_test ? environment.find_test(name.as_string()) : environment.find_filter(name.as_string());
  } else if (name.is_undefined()) {
    forbid_strict(name);
  } else {
    hash_value(name);
  }
  if (found) return *found;
  std::string message = std::string("No ") + (is_test ? "test" : "filter") + " named " + repr(state, name) + ".";
  if (const UndefinedInfo* info = name.find_undefined()) {
    message += " (" + info->message() + "; did you forget to quote the callable name?)";
  }
  raise_runtime_error(std::move(message));
}

std::vector<Value> copy_of(std::span<Value> values) {
  return {values.begin(), values.end()};
}
std::vector<Keyword> copy_of(std::span<Keyword> keywords) {
  return {keywords.begin(), keywords.end()};
}

// ---- map

class Mapped final : public Iterator {
 public:
  explicit Mapped(Arguments arguments)
      : value_(std::move(arguments.positional[0])),
        positional_(copy_of(arguments.positional.subspan(1))),
        keywords_(copy_of(arguments.keywords)) {}

  std::optional<Value> next(State& state) override {
    if (!started_) start(state);
    if (!items_) return std::nullopt;
    std::optional<Value> item = items_->next(state);
    if (!item) return std::nullopt;
    state.tick();
    if (path_) return path_->get(state, *item);
    if (!filter_) filter_ = &find_named(state, positional_[0], false);
    return (*filter_)(state, call_->with(*item));
  }

 private:
  void start(State& state) {
    started_ = true;
    if (!truth(state, value_)) return;
    prepare(state);
    items_ = iterate(state, value_);
  }

  void prepare(State& state) {
    if (positional_.empty() && find_keyword("attribute")) {
      const Value attribute = *find_keyword("attribute");
      const Value* otherwise = find_keyword("default");
      path_.emplace(attribute, otherwise ? *otherwise : Value::none());
      for (const Keyword& keyword : keywords_) {
        if (keyword.name.as_string() == "attribute" || keyword.name.as_string() == "default") continue;
        raise_filter_argument_error("Unexpected keyword argument " + repr(state, keyword.name));
      }
      return;
    }
    if (positional_.empty()) raise_filter_argument_error("map requires a filter argument");
    call_.emplace(std::span(positional_).subspan(1), std::span(keywords_));
  }

  const Value* find_keyword(std::string_view name) const {
    for (const Keyword& keyword : keywords_) {
      if (keyword.name.as_string() == name) return &keyword.value;
    }
    return nullptr;
  }

  Value value_;
  std::vector<Value> positional_;
  std::vector<Keyword> keywords_;
  bool started_ = false;
  std::unique_ptr<Iterator> items_;
  std::optional<AttributePath> path_;
  const NativeFunction* filter_ = nullptr;
  std::optional<CallArguments> call_;
};

void require_value(std::string_view function, Arguments arguments) {
  if (!arguments.positional.empty()) return;
  raise_type_error(std::string(function) + "() missing 1 required positional argument: 'value'");
}

Value filter_map(State&, Arguments arguments) {
  require_value("sync_do_map", arguments);
  return make_named_generator("sync_do_map", std::make_unique<Mapped>(arguments));
}

// ---- select and reject

struct Selection {
  bool wanted;        // keep what passes, or what does not
  bool by_attribute;  // the first argument names what of the item is tested
};

class Selected final : public Iterator {
 public:
  Selected(Selection selection, Arguments arguments)
      : selection_(selection),
        value_(std::move(arguments.positional[0])),
        positional_(copy_of(arguments.positional.subspan(1))),
        keywords_(copy_of(arguments.keywords)) {}

  std::optional<Value> next(State& state) override {
    if (!started_) start(state);
    if (!items_) return std::nullopt;
    while (auto item = items_->next(state)) {
      state.tick();
      if (passes(state, path_ ? path_->get(state, *item) : *item) == selection_.wanted) return item;
    }
    return std::nullopt;
  }

 private:
  void start(State& state) {
    started_ = true;
    if (!truth(state, value_)) return;
    std::span<Value> rest(positional_);
    if (selection_.by_attribute) {
      if (rest.empty()) raise_filter_argument_error("Missing parameter for attribute name");
      path_.emplace(rest[0]);
      rest = rest.subspan(1);
    }
    if (!rest.empty()) {
      test_name_ = &rest[0];
      call_.emplace(rest.subspan(1), std::span(keywords_));
    }
    items_ = iterate(state, value_);
  }

  bool passes(State& state, const Value& tested) {
    if (!test_name_) return truth(state, tested);
    if (!test_) test_ = &find_named(state, *test_name_, true);
    return truth(state, (*test_)(state, call_->with(tested)));
  }

  Selection selection_;
  Value value_;
  std::vector<Value> positional_;
  std::vector<Keyword> keywords_;
  bool started_ = false;
  std::unique_ptr<Iterator> items_;
  std::optional<AttributePath> path_;
  const Value* test_name_ = nullptr;  // null: the truth of it is the test
  const NativeFunction* test_ = nullptr;
  std::optional<CallArguments> call_;
};

Value make_selection(std::string_view function, Selection selection, Arguments arguments) {
  require_value(function, arguments);
  return make_named_generator("select_or_reject", std::make_unique<Selected>(selection, arguments));
}

Value filter_select(State&, Arguments arguments) {
  return make_selection("sync_do_select", {.wanted = true, .by_attribute = false}, arguments);
}
Value filter_reject(State&, Arguments arguments) {
  return make_selection("sync_do_reject", {.wanted = false, .by_attribute = false}, arguments);
}
Value filter_selectattr(State&, Arguments arguments) {
  return make_selection("sync_do_selectattr", {.wanted = true, .by_attribute = true}, arguments);
}
Value filter_rejectattr(State&, Arguments arguments) {
  return make_selection("sync_do_rejectattr", {.wanted = false, .by_attribute = true}, arguments);
}

}  // namespace

std::span<const LibraryFunction> selection_filters() {
  static constexpr LibraryFunction kFilters[] = {
      {"map", filter_map},       {"reject", filter_reject},         {"rejectattr", filter_rejectattr},
      {"select", filter_select}, {"selectattr", filter_selectattr},
  };
  return kFilters;
}

}  // namespace plumb::jinja
