#include "serve/api/bulk.h"

#include <array>
#include <vector>

#include "base/format.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

constexpr std::array<std::string_view, 3> kActions = {"create", "update", "delete"};

struct Fault {
  std::string message;
  int status;
};
struct Outcome {
  bool asked = false;
  std::vector<std::string> done;
  std::vector<Fault> faults;
};

std::size_t action_of(Node action) {
  const std::string word = get_text(action, "action");
  for (std::size_t i = 0; i < kActions.size(); ++i) {
    if (kActions[i] == word) return i;
  }
  throw invalid("body.actions", "Input should be 'create', 'update' or 'delete'");
}

// "fail", "skip" or "overwrite".
std::string policy_of(Node action, bool creates) {
  std::string policy =
      find_text(action, creates ? "action_on_existence" : "action_on_non_existence").value_or(std::string("fail"));
  if (policy != "fail" && policy != "skip" && !(creates && policy == "overwrite"))
    throw invalid("body.actions", format("'{}' is no such policy", policy));
  return policy;
}

void check_all(const BulkKind& kind, Node actions) {
  if (actions.kind() != NodeKind::List) throw invalid("body.actions", "Field required");
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const std::size_t which = action_of(actions.at(i));
    policy_of(actions.at(i), which == 0);
    Node entities = actions.at(i).find("entities");
    if (entities.kind() != NodeKind::List) throw invalid("body.actions", "Field required: entities");
    for (std::size_t k = 0; k < entities.size(); ++k) {
      bulk_name(kind, entities.at(k));
      if (kActions[which] != "delete") kind.check(entities.at(k));
    }
  }
}

// Those of the action that are to be done; what stands in their way becomes a fault.
std::vector<Node> choose(const BulkKind& kind, Node action, bool creates, Outcome& outcome) {
  const std::string policy = policy_of(action, creates);
  std::vector<Node> chosen;
  std::string in_the_way;
  Node entities = action.find("entities");
  for (std::size_t i = 0; i < entities.size(); ++i) {
    if (policy == "overwrite" || kind.known(entities.at(i)) != creates) {
      chosen.push_back(entities.at(i));
    } else if (policy == "fail") {
      in_the_way += format("{}'{}'", in_the_way.empty() ? "" : ", ", bulk_name(kind, entities.at(i)));
    }
  }
  if (in_the_way.empty()) return chosen;
  outcome.faults.push_back(
      {format("The {}: {{{}}} {}", kind.plural, in_the_way, creates ? "already exist." : "were not found."),
       creates ? 409 : 404});
  if (kind.together) chosen.clear();
  return chosen;
}

void carry_out_action(const BulkKind& kind, Node action, std::size_t which, Outcome& outcome) {
  outcome.asked = true;
  const bool removes = kActions[which] == "delete";
  const auto& change = which == 0 ? kind.create : kind.update;
  if (removes ? !kind.remove : !change) {
    outcome.faults.push_back({format("a {} can't be {}d here", kind.singular, kActions[which]), 405});
    return;
  }
  for (Node entity : choose(kind, action, which == 0, outcome)) {
    // The one unit of work that fails here is an entity: the others go on, and the answer says so.
    try {
      removes ? kind.remove(bulk_name(kind, entity)) : change(entity);
      outcome.done.push_back(bulk_name(kind, entity));
    } catch (const Error& error) {
      std::optional<ServerResponse> answer = answer_error(error);
      if (!answer) throw;
      outcome.faults.push_back({error.message(), answer->status});
    }
  }
}

void write_outcome(JsonWriter& json, std::string_view name, const Outcome& outcome) {
  json.key(name);
  if (!outcome.asked) {
    json.null();
    return;
  }
  json.begin_object().key("success").begin_array();
  for (const std::string& done : outcome.done) json.text(done);
  json.end_array().key("errors").begin_array();
  for (const Fault& fault : outcome.faults) {
    json.begin_object().field("error", fault.message).field("status_code", std::int64_t{fault.status}).end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string bulk_name(const BulkKind& kind, Node entity) {
  return entity.kind() == NodeKind::Text ? std::string(entity.as_text()) : get_text(entity, kind.name);
}

ServerResponse carry_out(Call& call, const BulkKind& kind) {
  Node actions = call.body({"actions"}).find("actions");
  check_all(kind, actions);
  std::array<Outcome, kActions.size()> outcomes;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const std::size_t which = action_of(actions.at(i));
    carry_out_action(kind, actions.at(i), which, outcomes.at(which));
  }
  return one_answer([&](JsonWriter& json) {
    json.begin_object();
    for (std::size_t i = 0; i < kActions.size(); ++i) write_outcome(json, kActions.at(i), outcomes.at(i));
    json.end_object();
  });
}

}  // namespace plumb::serve
