// re.Pattern, the functions of the module, and its flags.
#include "project/python_re.h"

#include <functional>

#include "base/format.h"

namespace plumb::project::python {
namespace {

PatternObject& pattern_of(const Value& self) {
  return self_of<PatternObject>(self);
}

std::string_view checked_subject(const Value& text) {
  if (text.is_string()) return text.as_string();
  jinja::raise_type_error(plumb::format("expected string or bytes-like object, got '{}'", jinja::type_name(text)));
}

// ---- One search after the other over a text
class Scan {
 public:
  Scan(const Value& pattern, const Value& text, std::int64_t pos = 0, std::int64_t endpos = INT64_MAX)
      : pattern_(&pattern_of(pattern)), subject_(text) {
    checked_subject(text);
    const std::int64_t length = subject_.length();
    pos_ = std::clamp<std::int64_t>(pos, 0, length);
    endpos_ = std::clamp<std::int64_t>(endpos, 0, length);
    at_ = subject_.byte_of(pos_);
    end_ = subject_.byte_of(endpos_);
  }
  const Subject& subject() const { return subject_; }

  Ref<MatchObject> find(Regex::Where where) {
    if (at_ > end_) return {};
    std::vector<Span> spans = pattern_->regex.find(subject_.view().substr(0, end_), at_, where, must_move_);
    if (spans.empty()) return {};
    return jinja::make<MatchObject>(pattern_, subject_, std::move(spans), pos_, endpos_);
  }
  // The next one. What is empty does not count right behind another that was empty.
  Ref<MatchObject> next(State& state) {
    state.tick();
    Ref<MatchObject> match = find(Regex::Where::Anywhere);
    if (match) {
      at_ = match->spans[0].end;
      must_move_ = match->spans[0].begin == at_;
    } else {
      at_ = std::string_view::npos;
    }
    return match;
  }

 private:
  Ref<PatternObject> pattern_;
  Subject subject_;
  std::int64_t pos_ = 0, endpos_ = 0;
  std::size_t at_ = 0, end_ = 0;
  bool must_move_ = false;
};

Value or_none(const Ref<MatchObject>& match) {
  return match ? Value(match) : Value::none();
}

class MatchIterator final : public jinja::Iterator {
 public:
  explicit MatchIterator(Scan scan) : scan_(std::move(scan)) {}
  std::optional<Value> next(State& state) override {
    const Ref<MatchObject> match = scan_.next(state);
    if (!match) return std::nullopt;
    return Value(match);
  }

 private:
  Scan scan_;
};

// ---- What the methods of patterns and the functions of the module share
Value find_one(const Value& pattern, const Value& text, Regex::Where where, std::int64_t pos = 0,
               std::int64_t endpos = INT64_MAX) {
  checked_subject(text);
  return or_none(Scan(pattern, text, pos, endpos).find(where));
}

Value find_all(State& state, const Value& pattern, const Value& text, std::int64_t pos = 0,
               std::int64_t endpos = INT64_MAX) {
  checked_subject(text);
  Scan scan(pattern, text, pos, endpos);
  std::vector<Value> found;
  while (const Ref<MatchObject> match = scan.next(state)) {
    if (match->spans.size() <= 2) {
      found.push_back(match->group(match->spans.size() - 1, Value("")));
      continue;
    }
    std::vector<Value> groups;
    for (std::size_t i = 1; i < match->spans.size(); ++i) groups.push_back(match->group(i, Value("")));
    found.push_back(Value::tuple(std::move(groups)));
  }
  return Value::list(std::move(found));
}

Value find_each(const Value& pattern, const Value& text, std::int64_t pos = 0, std::int64_t endpos = INT64_MAX) {
  checked_subject(text);
  return jinja::make_generator(std::make_unique<MatchIterator>(Scan(pattern, text, pos, endpos)), "callable_iterator");
}

Value split_text(State& state, const Value& pattern, const Value& text, std::int64_t most) {
  checked_subject(text);
  Scan scan(pattern, text);
  std::vector<Value> pieces;
  std::size_t from = 0;
  for (std::int64_t count = 0; most == 0 || count < most; ++count) {
    const Ref<MatchObject> match = scan.next(state);
    if (!match) break;
    pieces.push_back(scan.subject().cut({from, match->spans[0].begin}));
    for (std::size_t i = 1; i < match->spans.size(); ++i) pieces.push_back(match->group(i));
    from = match->spans[0].end;
  }
  pieces.push_back(scan.subject().cut({from, scan.subject().view().size()}));
  return Value::list(std::move(pieces));
}

struct Substituted {
  std::string text;
  std::int64_t count = 0;
};
Substituted substitute(State& state, const Value& pattern, const Value& replacement, const Value& text,
                       std::int64_t most) {
  const bool calls = !replacement.is_string();
  if (calls && !(replacement.kind() == Kind::Object && replacement.as_object().callable())) {
    jinja::raise_type_error(
        plumb::format("decoding to str: need a bytes-like object, {} found", jinja::type_name(replacement)));
  }
  std::optional<Replacement> parts;
  if (!calls) parts.emplace(pattern_of(pattern), replacement.as_string());
  checked_subject(text);
  Scan scan(pattern, text);
  Substituted done;
  std::size_t from = 0;
  while (most <= 0 || done.count < most) {
    const Ref<MatchObject> match = scan.next(state);
    if (!match) break;
    done.text += scan.subject().view().substr(from, match->spans[0].begin - from);
    if (parts) {
      parts->append(done.text, *match);
    } else {
      Value argument(match);
      const Value made = jinja::call(state, replacement, {{&argument, 1}, {}});
      if (!made.is_string() && !made.is_none()) {
        jinja::raise_type_error(
            plumb::format("sequence item {}: expected str instance, {} found", done.count * 2, jinja::type_name(made)));
      }
      if (made.is_string()) done.text += made.as_string();
    }
    from = match->spans[0].end;
    ++done.count;
    state.reserve(done.text.size());
  }
  done.text += scan.subject().view().substr(from);
  return done;
}

// ---- Methods
constexpr std::string_view kStringParts[] = {"string", "pos", "endpos"};
struct Range {
  Value text;
  std::int64_t pos, endpos;
};
Range bind_range(std::string_view function, Arguments arguments) {
  auto [text, pos, endpos] = bind_call<3>({.function = function, .names = kStringParts, .required = 1}, arguments);
  return {text, jinja::given(pos) ? jinja::index_argument(pos) : 0,
          jinja::given(endpos) ? jinja::index_argument(endpos) : INT64_MAX};
}

Value match(State&, const Value& self, Arguments arguments) {
  const Range range = bind_range("match", arguments);
  return find_one(self, range.text, Regex::Where::AtStart, range.pos, range.endpos);
}
Value fullmatch(State&, const Value& self, Arguments arguments) {
  const Range range = bind_range("fullmatch", arguments);
  return find_one(self, range.text, Regex::Where::Whole, range.pos, range.endpos);
}
Value search(State&, const Value& self, Arguments arguments) {
  const Range range = bind_range("search", arguments);
  return find_one(self, range.text, Regex::Where::Anywhere, range.pos, range.endpos);
}
Value findall(State& state, const Value& self, Arguments arguments) {
  const Range range = bind_range("findall", arguments);
  return find_all(state, self, range.text, range.pos, range.endpos);
}
Value finditer(State&, const Value& self, Arguments arguments) {
  const Range range = bind_range("finditer", arguments);
  return find_each(self, range.text, range.pos, range.endpos);
}
Value split(State& state, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"string", "maxsplit"};
  const auto [text, most] = bind_call<2>({.function = "split", .names = kNames, .required = 1}, arguments);
  return split_text(state, self, text, jinja::given(most) ? jinja::index_argument(most) : 0);
}
Substituted substitute_bound(State& state, const Value& self, std::string_view function, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"repl", "string", "count"};
  const auto [replacement, text, most] =
      bind_call<3>({.function = function, .names = kNames, .required = 2}, arguments);
  return substitute(state, self, replacement, text, jinja::given(most) ? jinja::index_argument(most) : 0);
}
Value sub(State& state, const Value& self, Arguments arguments) {
  return Value(substitute_bound(state, self, "sub", arguments).text);
}
Value subn(State& state, const Value& self, Arguments arguments) {
  Substituted done = substitute_bound(state, self, "subn", arguments);
  return Value::tuple({std::move(done.text), done.count});
}

constexpr Method kMethods[] = {
    {"findall", findall, Takes::Everything},
    {"finditer", finditer, Takes::Everything},
    {"fullmatch", fullmatch, Takes::Everything},
    {"match", match, Takes::Everything},
    {"search", search, Takes::Everything},
    {"split", split, Takes::Everything},
    {"sub", sub, Takes::Everything},
    {"subn", subn, Takes::Everything},
};

// ---- Flags
struct FlagName {
  std::string_view name, letter;
  int bit;
};
constexpr FlagName kFlags[] = {
    {"IGNORECASE", "I", kIgnoreCase}, {"LOCALE", "L", kLocale},   {"MULTILINE", "M", kMultiline},
    {"DOTALL", "S", kDotAll},         {"UNICODE", "U", kUnicode}, {"VERBOSE", "X", kVerbose},
    {"ASCII", "A", kAscii},           {"NOFLAG", "", 0},
};

std::string flags_text(int flags) {
  std::string text;
  int rest = flags;
  for (const int bit : {1, 2, 4, 8, 16, 32, 64, 128, 256}) {
    if ((flags & bit) == 0) continue;
    for (const FlagName& each : kFlags) {
      if (each.bit != bit) continue;
      text += plumb::format("{}re.{}", text.empty() ? "" : "|", each.name);
      rest &= ~bit;
    }
  }
  if (text.empty() && flags == 0) return "re.NOFLAG";
  if (rest != 0) text += plumb::format("{}{:#x}", text.empty() ? "" : "|", rest);
  return text;
}

// A flag computes as the whole number that it is.
class FlagObject final : public PythonObject {
 public:
  explicit FlagObject(int bits) : bits_(bits) {}
  int bits() const { return bits_; }
  std::string_view type_name() const override { return "RegexFlag"; }
  std::string_view module_name() const override { return "re"; }
  bool is_number() const override { return true; }
  bool truth(State&) override { return bits_ != 0; }
  std::optional<bool> equals(State& state, const Value& other) override {
    return jinja::equal(state, Value(bits_), plain(other));
  }
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override {
    return jinja::order(state, Value(bits_), plain(other));
  }
  std::optional<std::size_t> hash() const override { return static_cast<std::size_t>(bits_); }
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override {
    const Value theirs = plain(other);
    if (!theirs.is_number()) return std::nullopt;
    return reflected ? jinja::operate(state, op, theirs, Value(bits_))
                     : jinja::operate(state, op, Value(bits_), theirs);
  }
  std::string repr(State&) override { return flags_text(bits_); }
  std::string format(State& state, std::string_view spec) override {
    return spec.empty() ? flags_text(bits_) : jinja::format_value(state, Value(bits_), spec);
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name == "__int__") return Value(bits_);
    return PythonObject::call_method(state, name, arguments);
  }

 protected:
  std::optional<Value> find_member(State&, std::string_view name) override {
    if (name == "value") return Value(bits_);
    if (name == "name") {
      for (const FlagName& each : kFlags) {
        if (each.bit == bits_) return Value(each.name);
      }
    }
    return std::nullopt;
  }

 private:
  static Value plain(const Value& value) {
    const auto* flag = value.find_object<FlagObject>();
    return flag != nullptr ? Value(flag->bits_) : value;
  }
  const int bits_;
};

int flags_of(const Value& bound) {
  if (!jinja::given(bound)) return 0;
  if (const auto* flag = bound.find_object<FlagObject>()) return flag->bits();
  return static_cast<int>(jinja::int_argument(bound));
}

// ---- The module's functions
Value compile(const Value& pattern, const Value& flags) {
  if (pattern.find_object<PatternObject>() != nullptr) {
    if (flags_of(flags) != 0) jinja::raise_value_error("cannot process flags argument with a compiled pattern");
    return pattern;
  }
  if (!pattern.is_string()) jinja::raise_type_error("first argument must be string or compiled pattern");
  return jinja::make<PatternObject>(pattern, flags_of(flags));
}

Value find_in_call(const jinja::Signature& signature, Arguments arguments, Regex::Where where) {
  const auto [pattern, text, flags] = jinja::bind<3>(signature, arguments);
  return find_one(compile(pattern, flags), text, where);
}
Value call_match(State&, Arguments arguments) {
  static const jinja::Signature kSignature{"match", {"pattern", "string", "flags"}, 2};
  return find_in_call(kSignature, arguments, Regex::Where::AtStart);
}
Value call_fullmatch(State&, Arguments arguments) {
  static const jinja::Signature kSignature{"fullmatch", {"pattern", "string", "flags"}, 2};
  return find_in_call(kSignature, arguments, Regex::Where::Whole);
}
Value call_search(State&, Arguments arguments) {
  static const jinja::Signature kSignature{"search", {"pattern", "string", "flags"}, 2};
  return find_in_call(kSignature, arguments, Regex::Where::Anywhere);
}
Value call_findall(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"findall", {"pattern", "string", "flags"}, 2};
  const auto [pattern, text, flags] = jinja::bind<3>(kSignature, arguments);
  return find_all(state, compile(pattern, flags), text);
}
Value call_finditer(State&, Arguments arguments) {
  static const jinja::Signature kSignature{"finditer", {"pattern", "string", "flags"}, 2};
  const auto [pattern, text, flags] = jinja::bind<3>(kSignature, arguments);
  return find_each(compile(pattern, flags), text);
}
Value call_split(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"split", {"pattern", "string", "maxsplit", "flags"}, 2};
  const auto [pattern, text, most, flags] = jinja::bind<4>(kSignature, arguments);
  return split_text(state, compile(pattern, flags), text, jinja::given(most) ? jinja::index_argument(most) : 0);
}
Substituted substitute_call(State& state, const jinja::Signature& signature, Arguments arguments) {
  const auto [pattern, replacement, text, most, flags] = jinja::bind<5>(signature, arguments);
  return substitute(state, compile(pattern, flags), replacement, text,
                    !jinja::given(most)                         ? 0
                    : most.find_object<FlagObject>() != nullptr ? flags_of(most)
                                                                : jinja::index_argument(most));
}
Value call_sub(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"sub", {"pattern", "repl", "string", "count", "flags"}, 3};
  return Value(substitute_call(state, kSignature, arguments).text);
}
Value call_subn(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"subn", {"pattern", "repl", "string", "count", "flags"}, 3};
  Substituted done = substitute_call(state, kSignature, arguments);
  return Value::tuple({std::move(done.text), done.count});
}
Value call_compile(State&, Arguments arguments) {
  static const jinja::Signature kSignature{"compile", {"pattern", "flags"}, 1};
  const auto [pattern, flags] = jinja::bind<2>(kSignature, arguments);
  return compile(pattern, flags);
}
Value call_escape(State&, Arguments arguments) {
  static const jinja::Signature kSignature{"escape", {"pattern"}, 1};
  const auto [pattern] = jinja::bind<1>(kSignature, arguments);
  if (!pattern.is_string()) {
    jinja::raise_type_error(
        plumb::format("decoding to str: need a bytes-like object, {} found", jinja::type_name(pattern)));
  }
  constexpr std::string_view kSpecial = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
  std::string escaped;
  for (const char c : pattern.as_string()) {
    if (kSpecial.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return Value(std::move(escaped));
}
Value call_purge(State&, Arguments) {
  return Value::none();
}

}  // namespace

const ClassTable& pattern_class() {
  static constexpr ClassTable kTable{
      .name = "re.Pattern",
      .methods = kMethods,
      .is_instance = [](const Value& value) { return value.find_object<PatternObject>() != nullptr; },
  };
  return kTable;
}

std::span<const Method> PatternObject::methods() const {
  return kMethods;
}

std::optional<Value> PatternObject::find_member(State&, std::string_view name) {
  if (name == "pattern") return pattern;
  if (name == "flags") return Value(syntax.flags);
  if (name == "groups") return Value(static_cast<std::int64_t>(syntax.groups()));
  if (name == "groupindex") {
    Value index = Value::dict();
    for (const auto& [group, number] : syntax.names) index.as_dict().set(group, static_cast<std::int64_t>(number));
    return index;
  }
  return std::nullopt;
}

std::optional<bool> PatternObject::equals(State&, const Value& other) {
  const auto* theirs = other.find_object<PatternObject>();
  if (theirs == nullptr) return std::nullopt;
  return pattern.as_string() == theirs->pattern.as_string() && syntax.flags == theirs->syntax.flags;
}

std::optional<std::size_t> PatternObject::hash() const {
  return std::hash<std::string_view>()(pattern.as_string()) ^ static_cast<std::size_t>(syntax.flags);
}

std::string PatternObject::repr(State&) {
  std::string shown = jinja::repr_text(pattern.as_string());
  constexpr std::size_t kLongest = 200;
  shown = shown.substr(0, jinja::find_code_point(shown, kLongest));
  const int flags = syntax.flags & ~kUnicode;
  return "re.compile(" + shown + (flags != 0 ? ", " + flags_text(flags) : "") + ")";
}

Value re_module() {
  struct Function {
    std::string_view name;
    Value (*function)(State&, Arguments);
  };
  static constexpr Function kFunctions[] = {
      {"match", call_match},     {"fullmatch", call_fullmatch}, {"search", call_search},    {"sub", call_sub},
      {"subn", call_subn},       {"split", call_split},         {"findall", call_findall},  {"finditer", call_finditer},
      {"compile", call_compile}, {"purge", call_purge},         {"template", call_compile}, {"escape", call_escape},
  };
  static constexpr ClassTable kError{.name = "re.error"};
  static constexpr ClassTable kRegexFlag{.name = "re.RegexFlag", .make = [](State&, const Value&, Arguments arguments) {
                                           static const jinja::Signature kSignature{"RegexFlag", {"value"}, 1};
                                           const auto [value] = jinja::bind<1>(kSignature, arguments);
                                           return Value(jinja::make<FlagObject>(flags_of(value)));
                                         }};
  Value module = Value::dict();
  jinja::Dict& names = module.as_dict();
  for (const auto& [name, function] : kFunctions) names.set(name, jinja::make_function(std::string(name), function));
  names.set("error", jinja::make<PythonClass>(kError));
  names.set("Pattern", jinja::make<PythonClass>(pattern_class()));
  names.set("Match", jinja::make<PythonClass>(match_class()));
  for (const bool letters : {true, false}) {
    for (const FlagName& flag : kFlags) {
      const std::string_view name = letters ? flag.letter : flag.name;
      if (!name.empty()) names.set(name, jinja::make<FlagObject>(flag.bit));
    }
  }
  names.set("RegexFlag", jinja::make<PythonClass>(kRegexFlag));
  return module;
}

}  // namespace plumb::project::python
