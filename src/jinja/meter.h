// How much memory the values of a render hold, and the end of it.
//
// What stores much (long text, lists, dicts, sets, big numbers) has a Charge, which tells the meter of its thread when
// it is made or grows, and again when it goes. So the limit holds wherever a template makes things, without every
// filter having to ask; who makes something big asks State::reserve() beforehand, so that it is not made at all.
//
// The meter is found by the thread, not passed along, because values are made and freed in places that know no State:
// constructors, copies, destructors. A render has its meter in scope for as long as it runs:
//
//     Meter meter(limits.memory_bytes);
//     Meter::Scope scope(meter);
//
// What was made outside a scope counts for nobody. What is made in one render and freed in another (a template's
// exports) is taken off the other's account, which never goes below zero: a little is then uncounted.
#pragma once

#include <cstddef>

namespace plumb::jinja {

class Meter {
 public:
  // 0: no limit.
  explicit Meter(std::size_t limit_bytes) : limit_(limit_bytes) {}
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  std::size_t used() const { return used_; }
  // LimitError if so much more would be too much.
  void reserve(std::size_t bytes) const {
    if (limit_ != 0 && (bytes > limit_ || used_ > limit_ - bytes)) refuse();
  }

  // Makes a meter the thread's, and puts back the one before: renders may run within renders.
  class Scope {
   public:
    explicit Scope(Meter& meter);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Meter* before_;
  };

 private:
  friend class Charge;
  [[noreturn]] void refuse() const;
  std::size_t limit_;
  std::size_t used_ = 0;
};

// What one thing holds, on the meter of whoever runs when it changes.
class Charge {
 public:
  Charge() = default;
  explicit Charge(std::size_t bytes) { resize(bytes); }
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { release(); }
  // From now on it is so much. LimitError if that is too much.
  void resize(std::size_t bytes);

 private:
  void release() noexcept;
  std::size_t bytes_ = 0;
};

}  // namespace plumb::jinja
