// For tests only: a database of one's own, and templates rendered beside it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "transform/transform.h"

namespace plumb::transform {

// Renders text with `adapter`, `api` and whatever else stands in `context`.
class Stage {
 public:
  explicit Stage(project::Target target, std::filesystem::path folder = {})
      : warehouse_(std::move(target), std::move(folder)), session_(warehouse_, "model.shop.orders") {
    surroundings_.project_name = "shop";
    surroundings_.print = [this](std::string_view text) { printed_ += text; };
  }

  std::string render(const std::string& text) {
    auto adapter = make_adapter(session_, surroundings_);
    auto store = jinja::make<ResultStore>();
    jinja::Context context = extra_;
    context.set("adapter", jinja::Value(adapter)).set("api", make_api(warehouse_.kind(), surroundings_.quoting));
    context.set("store_result", ResultStore::store_function(store));
    context.set("store_raw_result", ResultStore::store_raw_function(store));
    context.set("load_result", ResultStore::load_function(store));
    return environment_.parse(text)->render(context);
  }
  // "CompilationError: …": how a render ends, or what it gives.
  std::string outcome(const std::string& text) {
    try {
      return render(text);
    } catch (const Error& error) {
      return (error.type().empty() ? std::string(to_string(error.kind())) : error.type()) + ": " + error.message();
    }
  }

  Warehouse& warehouse() { return warehouse_; }
  Session& session() { return session_; }
  Surroundings& surroundings() { return surroundings_; }
  jinja::Context& extra() { return extra_; }
  const std::string& printed() const { return printed_; }

 private:
  jinja::Environment environment_;
  Warehouse warehouse_;
  Session session_;
  Surroundings surroundings_;
  jinja::Context extra_;
  std::string printed_;
};

inline project::Target duckdb_target(jinja::Value settings = jinja::Value::dict()) {
  return {.profile = "home",
          .name = "dev",
          .type = "duckdb",
          .database = "memory",
          .schema = "main",
          .settings = std::move(settings)};
}

}  // namespace plumb::transform
