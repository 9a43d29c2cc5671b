#include "serve/router.h"

#include <gtest/gtest.h>

#include <set>

#include "base/document.h"
#include "serve/schemas.h"

namespace plumb::serve {
namespace {

const Router& router() {
  static const Router all(all_routes());
  return all;
}

std::string find(std::string_view method, std::string_view path) {
  Router::Match match = router().find(method, path);
  if (!match.route) return match.path_known ? "405" : "404";
  std::string text(match.route->path);
  for (const auto& [name, value] : match.pieces) text += " " + name + "=" + value;
  return text;
}

TEST(Router, FindsAPathByItsPieces) {
  EXPECT_EQ(find("GET", "/"), "/");
  EXPECT_EQ(find("GET", "/api/v2/dags"), "/api/v2/dags");
  EXPECT_EQ(find("GET", "/api/v2/dags/"), "/api/v2/dags");
  EXPECT_EQ(find("HEAD", "/api/v2/dags/a%2Fb"), "/api/v2/dags/{dag_id} dag_id=a/b");
  EXPECT_EQ(find("GET", "/api/v2/dags/~/dagRuns/manual__2026-11-21T07%3A00%3A00%2B00%3A00"),
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id} dag_id=~ dag_run_id=manual__2026-11-21T07:00:00+00:00");
  EXPECT_EQ(find("DELETE", "/api/v2/dags"), "405");
  for (std::string_view path : {"", "*", "/api", "/api/v2/dags//dagRuns", "/api/v2/../v2/dags", "/API/v2/dags"}) {
    EXPECT_EQ(find("GET", path), "404") << path;
  }
}

TEST(Router, AWordOfTheTableGoesBeforeAName) {
  std::string task = "/api/v2/dags/d/dagRuns/r/taskInstances/t/";
  EXPECT_TRUE(find("GET", task + "xcomEntries")
                  .starts_with("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries "));
  EXPECT_TRUE(find("GET", task + "7").ends_with("map_index=7"));
  EXPECT_EQ(find("GET", "/api/v2/assets/events"), "/api/v2/assets/events");
}

TEST(Router, WhoChangesSomethingIsAtLeastAnOperator) {
  // What a viewer may send although it is no question: what only looks, and what is his own.
  const std::set<std::string_view> mine = {"/api/plumb/v1/session", "/api/plumb/v1/tokens",
                                           "/api/plumb/v1/tokens/{token}", "/auth/token", "/auth/token/cli"};
  for (Routes routes : all_routes()) {
    for (const Route& route : routes) {
      bool looks = route.method == "GET" || route.path.ends_with("/list") || route.path.ends_with("dry_run") ||
                   route.path.ends_with("favorite");
      EXPECT_TRUE(looks || mine.contains(route.path) || route.role >= Role::Operator) << route.method << route.path;
    }
  }
}

TEST(OpenApi, NamesNoShapeThatIsNotThere) {
  std::string text = openapi_document("1", "/plumb");
  Document document = parse_json(text, "openapi");
  Node shapes = document.root().get("components").get("schemas");
  constexpr std::string_view kMark = "#/components/schemas/";
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
    std::string name = text.substr(at + kMark.size(), text.find('"', at) - at - kMark.size());
    EXPECT_TRUE(shapes.find(name)) << name;
  }
  EXPECT_EQ(document.root().get("servers").at(0).get("url").as_text(), "/plumb");
}

TEST(Schemas, AreWrittenAsJsonSchema) {
  JsonWriter json;
  write_schema(json, {"X", "name:string at?:~date-time tags:[string|integer] parent?:~User"});
  EXPECT_EQ(
      json.str(),
      R"({"type":"object","properties":{"name":{"type":"string"},)"
      R"("at":{"anyOf":[{"type":"string","format":"date-time"},{"type":"null"}]},)"
      R"("tags":{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"integer"}]}},)"
      R"("parent":{"anyOf":[{"$ref":"#/components/schemas/User"},{"type":"null"}]}},"required":["name","tags"]})");
}

}  // namespace
}  // namespace plumb::serve
