// Lists, dicts and namespaces that hold themselves do not outlive their render.
#include <gtest/gtest.h>

#include "jinja/jinja.h"

namespace plumb::jinja {
namespace {

// Tells when it goes.
class Witness final : public Object {
 public:
  explicit Witness(int& gone) : gone_(gone) {}
  ~Witness() override { ++gone_; }
  std::string_view type_name() const override { return "Witness"; }

 private:
  int& gone_;
};

// How many witnesses have gone when a template that asks for one has been rendered.
int gone_after(const std::string& source) {
  int gone = 0;
  Environment environment;
  environment.set_global("witness",
                         make_function("witness", [&gone](State&, Arguments) { return make<Witness>(gone); }));
  environment.parse(source)->render();
  return gone;
}

TEST(Knots, AreUntiedWhenTheRenderEnds) {
  for (const std::string source :
       {"{% set l = [witness()] %}{% do l.append(l) %}{{ l|length }}",
        "{% set l = [witness()] %}{% do l.append({'l': (1, l)}) %}",
        "{% set d = {'w': witness()} %}{% do d.update({'d': d}) %}",
        "{% set d = {'w': witness()} %}{% do d.update(d=d) %}", "{% set n = namespace(w=witness()) %}{% set n.x = n %}",
        "{% set n = namespace(w=witness()) %}{% set n.x = [(1, n)] %}",
        "{% set l = [witness()] %}{% set add = l.append %}{% do add(l) %}",
        "{% set l = [witness()] %}{% for x in l %}{% if loop.first %}{% do l.append(loop) %}{% endif %}{% endfor %}",
        "{% set l = [witness()] %}{% macro m() %}{{ l }}{% endmacro %}{% do l.append(m) %}",
        "{% macro m() %}{% set l = [witness()] %}{% do l.append(l) %}{% endmacro %}{{ m() }}"}) {
    EXPECT_EQ(gone_after(source), 1) << source;
  }
}

TEST(Knots, WhatTheHostHoldsStays) {
  Value list = Value::list({1});
  Environment environment;
  environment.parse("{% do l.append(l) %}{% do l.append([l]) %}")->render(Context().set("l", list));
  EXPECT_EQ(list.items().size(), 3U);
  list.as_list().items.clear();
}

}  // namespace
}  // namespace plumb::jinja
