#include "jinja/knots.h"

#include <algorithm>
#include <unordered_map>

#include "jinja/globals.h"
#include "jinja/loop.h"

namespace plumb::jinja {
namespace {

bool may_hold(const Value& value) {
  switch (value.kind()) {
    case Kind::List:
    case Kind::Tuple:
    case Kind::Dict:
    case Kind::Set:
    case Kind::Object:
      return true;
    default:
      return false;
  }
}

template <class Visit>
void each_part(const Value& value, Visit visit) {
  switch (value.kind()) {
    case Kind::List:
    case Kind::Tuple:
      for (const Value& item : value.items()) visit(item);
      return;
    case Kind::Dict:
      for (std::size_t position = 0; const Value::Entry* entry = value.as_dict().next(position);) {
        visit(entry->key);
        visit(entry->value);
      }
      return;
    case Kind::Set:
      for (std::size_t position = 0; const Value* item = value.as_set().next(position);) visit(*item);
      return;
    case Kind::Object:
      if (const Value* attributes = find_namespace_attributes(value)) visit(*attributes);
      if (const auto* loop = value.find_object<LoopContext>()) loop->each_part(visit);
      return;
    default:
      return;
  }
}

// What can be reached from some values, and how often it is held from within.
class Reach {
 public:
  void enter(const Value& value) {
    visit(value);
    while (!todo_.empty()) {
      const Value next = nodes_.at(take(todo_)).value;
      each_part(next, [this](const Value& part) { visit(part); });
    }
  }

  // Empties what nobody holds from outside.
  void empty_the_rest() {
    for (auto& [shared, node] : nodes_) {
      if (shared->references() > node.inner + 1) mark(shared);  // one is the node's own
    }
    while (!todo_.empty()) {
      const Value& next = nodes_.at(take(todo_)).value;
      each_part(next, [this](const Value& part) {
        if (may_hold(part)) mark(part.identity());
      });
    }
    for (auto& [shared, node] : nodes_) {
      if (node.live) continue;
      if (node.value.kind() == Kind::List) node.value.as_list().items.clear();
      if (node.value.kind() == Kind::Dict) node.value.as_dict().clear();
      if (auto* loop = node.value.find_object<LoopContext>()) loop->let_go();
    }
  }

 private:
  struct Node {
    Value value;
    std::uint32_t inner = 0;
    bool live = false;
  };
  static const Shared* take(std::vector<const Shared*>& from) {
    const Shared* last = from.back();
    from.pop_back();
    return last;
  }
  void visit(const Value& value) {
    if (!may_hold(value)) return;
    const auto [found, fresh] = nodes_.try_emplace(value.identity(), Node{value});
    ++found->second.inner;
    if (fresh) todo_.push_back(value.identity());
  }
  void mark(const Shared* shared) {
    Node& node = nodes_.at(shared);
    if (!std::exchange(node.live, true)) todo_.push_back(shared);
  }

  std::unordered_map<const Shared*, Node> nodes_;
  std::vector<const Shared*> todo_;
};

}  // namespace

void Knots::add(const Value& holder) {
  if (!may_hold(holder) || (!holders_.empty() && holders_.back().same_as(holder))) return;
  if (holders_.size() >= next_look_) {
    drop_free();
    next_look_ = std::max(kFew, 2 * holders_.size());
    charge_.resize(next_look_ * sizeof(Value));
  }
  holders_.push_back(holder);
}

void Knots::add(const Value& holder, const Arguments& arguments) {
  const auto& [positional, keywords] = arguments;
  if (std::any_of(positional.begin(), positional.end(), may_hold) ||
      std::any_of(keywords.begin(), keywords.end(), [](const Keyword& keyword) { return may_hold(keyword.value); })) {
    add(holder);
  }
}

void Knots::add_parts(const Arguments& arguments) {
  for (const Value& value : arguments.positional) {
    add(value);
    each_part(value, [this](const Value& part) { add(part); });
  }
  for (const Keyword& keyword : arguments.keywords) add(keyword.value);
}

// What nobody else holds any more.
void Knots::drop_free() {
  std::sort(holders_.begin(), holders_.end(),
            [](const Value& a, const Value& b) { return std::less<>()(a.identity(), b.identity()); });
  const auto same = [](const Value& a, const Value& b) { return a.same_as(b); };
  holders_.erase(std::unique(holders_.begin(), holders_.end(), same), holders_.end());
  std::erase_if(holders_, [](const Value& value) { return value.identity()->references() == 1; });
}

void Knots::untie() {
  drop_free();
  if (holders_.empty()) return;
  Reach reach;
  for (const Value& value : holders_) reach.enter(value);
  reach.empty_the_rest();
  holders_.clear();
}

}  // namespace plumb::jinja
