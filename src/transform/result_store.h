// store_result() and load_result(): what a node's statements gave, by their names.
//
//     {% call statement('ids', fetch_result=true) %} select 1 as id {% endcall %}
//     {% set ids = load_result('ids') %}       {{ ids.table.rows[0][0] }} {{ ids.data }} {{ ids.response }}
//
// One store belongs to the render of one node. As in dbt a result other than "main" is loaded once: the second time is
// MacroResultAlreadyLoadedError.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/jinja.h"

namespace plumb::transform {

class ResultStore final : public jinja::Shared {
 public:
  // {response, data, table}; null when there is none. Not loading it: for the runner, which reads "main".
  const jinja::Value* find(std::string_view name) const;
  void store(const std::string& name, const jinja::Value& response, const jinja::Value& table);

  // The functions of these names for a context. They keep the store alive.
  static jinja::Value store_function(jinja::Ref<ResultStore> store);
  static jinja::Value store_raw_function(jinja::Ref<ResultStore> store);
  static jinja::Value load_function(jinja::Ref<ResultStore> store);

 private:
  jinja::Value load(const std::string& name);

  struct Result {
    jinja::Value value;
    bool loaded = false;
  };
  std::map<std::string, Result, std::less<>> results_;
};

}  // namespace plumb::transform
