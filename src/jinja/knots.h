// Lists, dicts and namespaces that hold themselves: `{% do l.append(l) %}`.
//
// Python has a collector for that. Here a knot is looked for when the render ends, and only from what a template has
// put something into that may hold others: no knot arises otherwise. What is still held by anybody else (the host, a
// module's exports) is left alone. Circles (frame.h) does the same for macros and their frames.
#pragma once

#include <vector>

#include "jinja/object.h"

namespace plumb::jinja {

class Knots {
 public:
  // Something was put into this, or into what this is a part of.
  void add(const Value& holder);
  // A list or dict is asked to do something with these, by one of its methods.
  void add(const Value& holder, const Arguments& arguments);
  // The same, of a method that was kept: nobody knows whose it is, but in a knot they are too.
  void add_parts(const Arguments& arguments);
  // The render has ended.
  void untie();

 private:
  void drop_free();
  static constexpr std::size_t kFew = 16;
  std::vector<Value> holders_;
  std::size_t next_look_ = kFew;
  Charge charge_;
};

}  // namespace plumb::jinja
