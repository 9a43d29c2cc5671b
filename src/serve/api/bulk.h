// Several things made, changed and removed by one request, as Airflow's `PATCH` of a whole list has it:
//
//     {"actions": [{"action": "create", "entities": [{"name": "narrow", "slots": 2}], "action_on_existence": "skip"},
//                  {"action": "delete", "entities": ["wide"]}]}
//
// The status is 200 whatever became of them; the answer tells for each kind of action who went well and what did not.
// (Private to serve.)
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "serve/call.h"

namespace plumb::serve {

// What the entities of a list are, and what is done with one of them.
struct BulkKind {
  std::string_view plural;    // "pools with these pool names"
  std::string_view singular;  // "pool"
  std::string_view name;      // where an entity has its name
  // One that is missing keeps the others of its action back, unless it may be skipped.
  bool together = true;
  std::function<bool(Node entity)> known;  // the entity, or its name alone
  std::function<void(Node entity)> check;  // throws a 422: asked of all before anything is done
  std::function<void(Node entity)> create = {};
  std::function<void(Node entity)> update = {};
  std::function<void(const std::string& name)> remove = {};
};

ServerResponse carry_out(Call& call, const BulkKind& kind);

// Of an entity, or of its name alone.
std::string bulk_name(const BulkKind& kind, Node entity);

}  // namespace plumb::serve
