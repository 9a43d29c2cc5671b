// Are the templates of a workflow's file templates at all? Parsed, not rendered, with the filters that rendering has,
// and what is wrong is told at its place in the YAML.
//
// Inside the room.
#pragma once

#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/document.h"
#include "jinja/jinja.h"

namespace plumb::workflow {

class TemplateCheck {
 public:
  TemplateCheck();
  // Throws Error(Config). `text` is the file's, for places within a text of several lines; it may be empty.
  void check(const Node& node, bool expression, std::string_view text) const;

 private:
  SystemClock clock_;
  std::unique_ptr<const jinja::Environment> environment_;
};

// An expression without its braces: "{{ a }}" is "a", and so is "a".
std::string_view without_braces(std::string_view expression);

}  // namespace plumb::workflow
