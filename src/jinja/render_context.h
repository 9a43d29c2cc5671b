// What names mean to a template that runs: its own top-level variables over the names it was given.
//
// The names given are the layers of the host's Context over the environment's globals; to an included template, the
// variables of the template that includes it lie over those. All of it is shared, nothing is copied: a render that is
// given a thousand names costs no more than one that is given none.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "jinja/environment.h"

namespace plumb::jinja {

// Names that never change while somebody holds them.
class GivenNames final : public Shared {
 public:
  GivenNames(const Environment& environment, std::vector<Value> layers)
      : environment_(&environment), layers_(std::move(layers)) {}
  GivenNames(Value names, Ref<GivenNames> below) : layers_{std::move(names)}, below_(std::move(below)) {}

  // Undefined without info where nobody has it.
  Value find(State& state, std::string_view name) const;

 private:
  const Environment* environment_ = nullptr;
  std::vector<Value> layers_;
  Ref<GivenNames> below_;
};

class RenderContext final : public Shared {
 public:
  RenderContext(TemplatePtr of, Ref<GivenNames> given, bool escapes)
      : lineage_{std::move(of)}, given_(std::move(given)), escapes_(escapes) {}
  // Of a scoped block: what is not a name is the owner's.
  RenderContext(Ref<RenderContext> owner, Ref<GivenNames> given)
      : given_(std::move(given)), escapes_(false), owner_(std::move(owner)) {}

  Value resolve(State& state, std::string_view name) const;
  // A top-level variable; exported unless its name says otherwise or it was imported.
  void set(std::string_view name, const Value& value, bool imported);
  // All names as they are now, as another template is to see them, under some more.
  Ref<GivenNames> snapshot(Ref<Dict> more);
  // For a scoped block: the same template and blocks, other names.
  Ref<RenderContext> derive(Ref<Dict> more);

  // A new dict of what was exported.
  Ref<Dict> exported() const;
  const Dict* variables() const { return variables_.get(); }
  // Lets go of everything; for breaking circles.
  void clear();

  // What {% autoescape %} has set; derived contexts have it in common.
  bool& escapes() { return owner_ ? owner_->escapes() : escapes_; }

  // The block of this name in the nth of the templates that have one; nothing when there are fewer.
  struct FoundBlock {
    const Block* block = nullptr;
    const Template* of = nullptr;
  };
  FoundBlock find_block(std::string_view name, std::size_t nth) const;

  // The template, the one it extends, and so on: where blocks are looked up.
  std::vector<TemplatePtr>& lineage() { return owner_ ? owner_->lineage() : lineage_; }
  const std::vector<TemplatePtr>& lineage() const { return owner_ ? owner_->lineage() : lineage_; }

 private:
  std::vector<TemplatePtr> lineage_;
  Ref<GivenNames> given_;
  Ref<Dict> variables_;
  std::unordered_set<std::string> hidden_;  // variables that are not exported
  bool shared_ = false;                     // variables_ belongs to a snapshot: copied before it changes
  bool escapes_;
  Ref<RenderContext> owner_;  // whose lineage and `escapes` count
};

}  // namespace plumb::jinja
