// Things within things: natives that call themselves must not outgrow the stack, nor walk in circles.
#pragma once

#include <algorithm>

#include "jinja/errors.h"
#include "jinja/state.h"

namespace plumb::jinja {

// Python's limit is 1,000 calls of its own; a template that nests this deep is not meant well.
constexpr int kNestingLimit = 500;

// One level deeper, for as long as it lives. RecursionError "maximum recursion depth exceeded in comparison".
class NestingLevel {
 public:
  NestingLevel(State& state, const char* doing) : nesting_(state.nesting()) {
    if (nesting_.depth >= kNestingLimit) raise_too_deep(doing);
    ++nesting_.depth;
  }
  NestingLevel(const NestingLevel&) = delete;
  NestingLevel& operator=(const NestingLevel&) = delete;
  ~NestingLevel() { --nesting_.depth; }

  [[noreturn]] static void raise_too_deep(const char* doing) {
    raise("RecursionError", std::string("maximum recursion depth exceeded ") + doing);
  }

 private:
  State::Nesting& nesting_;
};

// repr() of a container, for as long as it lives: within itself it is "[...]" or "{...}".
class ReprLevel {
 public:
  ReprLevel(State& state, const Shared* container)
      : level_(state, "while getting the repr of an object"), in_repr_(state.nesting().in_repr) {
    repeated_ = std::find(in_repr_.begin(), in_repr_.end(), container) != in_repr_.end();
    in_repr_.push_back(container);
  }
  ReprLevel(const ReprLevel&) = delete;
  ReprLevel& operator=(const ReprLevel&) = delete;
  ~ReprLevel() { in_repr_.pop_back(); }
  bool repeated() const { return repeated_; }

 private:
  NestingLevel level_;
  std::vector<const Shared*>& in_repr_;
  bool repeated_ = false;
};

}  // namespace plumb::jinja
