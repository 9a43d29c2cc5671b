// Python's re as host objects: patterns, matches and flags.
//
// Inside the room; its door is modules.h.
#pragma once

#include "project/python_object.h"
#include "project/python_regex.h"

namespace plumb::project::python {

// A text that is searched, with its positions as Python counts them.
class Subject {
 public:
  explicit Subject(Value text) : text_(std::move(text)), ascii_(jinja::is_ascii(view())) {}
  const Value& text() const { return text_; }
  std::string_view view() const { return text_.as_string(); }
  Value cut(Span span) const { return Value(view().substr(span.begin, span.end - span.begin)); }
  std::int64_t index_of(std::size_t byte) const;
  std::size_t byte_of(std::int64_t index) const;
  std::int64_t length() const { return index_of(view().size()); }

 private:
  Value text_;
  bool ascii_;
};

class PatternObject final : public PythonObject {
 public:
  PatternObject(Value text, int flags)
      : pattern(std::move(text)), syntax(translate_pattern(pattern.as_string(), flags)), regex(syntax) {}
  const Value pattern;
  const RegexSyntax syntax;
  const Regex regex;

  std::string_view type_name() const override { return "re.Pattern"; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override;
  std::string repr(State& state) override;

 protected:
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override;
};

class MatchObject final : public PythonObject {
 public:
  MatchObject(Ref<PatternObject> by, Subject searched, std::vector<Span> found, std::int64_t begin, std::int64_t end)
      : pattern(std::move(by)), subject(std::move(searched)), spans(std::move(found)), pos(begin), endpos(end) {}
  const Ref<PatternObject> pattern;
  const Subject subject;
  const std::vector<Span> spans;
  const std::int64_t pos, endpos;

  // The text of a group, or None (or what stands for it).
  Value group(std::size_t index, const Value& otherwise = Value::none()) const;
  // By number or name; IndexError "no such group".
  std::size_t index_of(const Value& group) const;
  // The number of the group that was closed last; 0 for none.
  std::size_t last_group() const;

  std::string_view type_name() const override { return "re.Match"; }
  std::optional<Value> find_item(State&, const Value& key) override { return group(index_of(key)); }
  std::string repr(State& state) override;

 protected:
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override;
};

// What sub() and expand() put in for a match: text with \1 and \g<name> in it. (python_re_template.cpp)
class Replacement {
 public:
  Replacement(const PatternObject& pattern, std::string_view text);
  void append(std::string& out, const MatchObject& match) const;

 private:
  struct Part {
    std::string text;
    std::size_t group = 0;
    bool is_group = false;
  };
  std::vector<Part> parts_;
};

const ClassTable& pattern_class();
const ClassTable& match_class();
// The module as a dict.
Value re_module();

}  // namespace plumb::project::python
