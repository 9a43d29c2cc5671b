// The OpenAPI document, made of the table of routes and the shapes.
#include <algorithm>
#include <map>
#include <set>

#include "base/format.h"
#include "serve/router.h"
#include "serve/schemas.h"

namespace plumb::serve {

namespace {

constexpr std::string_view kNumbers[] = {"map_index", "try_number",  "task_try_number", "version_number",
                                         "asset_id",  "backfill_id", "import_error_id", "event_log_id"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

void write_parameter(JsonWriter& json, std::string_view place, std::string_view name, std::string_view type) {
  json.begin_object().field("name", name).field("in", place).field("required", place == "path").key("schema");
  write_type(json, type);
  json.end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters").begin_array();
  std::string_view path = route.path;
  for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{')) {
    std::string_view name = path.substr(open + 1, path.find('}') - open - 1);
    bool number = std::find(std::begin(kNumbers), std::end(kNumbers), name) != std::end(kNumbers);
    write_parameter(json, "path", name, number ? "integer" : "string");
    path.remove_prefix(path.find('}') + 1);
  }
  std::string_view query = route.query;
  while (!query.empty()) {
    std::string_view word = query.substr(0, query.find(' '));
    query.remove_prefix(std::min(word.size() + 1, query.size()));
    std::size_t colon = word.find(':');
    if (word == "page") {
      write_parameter(json, "query", "limit", "integer");
      write_parameter(json, "query", "offset", "integer");
      write_parameter(json, "query", "order_by", "string");
    } else {
      write_parameter(json, "query", word.substr(0, colon),
                      colon == std::string_view::npos ? "string" : word.substr(colon + 1));
    }
  }
  json.end_array();
}

void write_content(JsonWriter& json, std::string_view type) {
  json.key("content").begin_object();
  if (type == "*") {
    json.key("*/*").begin_object().end_object();
  } else {
    json.key("application/json").begin_object().key("schema");
    write_type(json, type);
    json.end_object();
  }
  json.end_object();
}

void write_answer(JsonWriter& json, std::string_view status, std::string_view description, std::string_view type) {
  json.key(status).begin_object().field("description", description);
  if (!type.empty()) write_content(json, type);
  json.end_object();
}

void write_operation(JsonWriter& json, const Route& route) {
  json.key(lower(route.method)).begin_object().field("summary", route.summary);
  std::string id = lower(route.method) + std::string(route.path);
  std::replace_if(
      id.begin(), id.end(), [](char c) { return c == '/' || c == '{' || c == '}' || c == '.'; }, '_');
  json.field("operationId", id).field("x-role", to_string(route.role));
  write_parameters(json, route);
  if (!route.body.empty()) {
    json.key("requestBody").begin_object().field("required", true);
    write_content(json, route.body);
    json.end_object();
  }
  json.key("responses").begin_object();
  write_answer(json, std::to_string(route.status), "Done", route.answer);
  write_answer(json, "422", "The request is wrong", "HTTPValidationError");
  write_answer(json, "default", "It did not work", "HTTPExceptionResponse");
  json.end_object().key("security").begin_array();
  if (route.role != Role::Nobody) {
    for (std::string_view scheme : {"bearer", "basic", "session"}) {
      json.begin_object().key(scheme).begin_array().end_array().end_object();
    }
  }
  json.end_array().end_object();
}

void write_security(JsonWriter& json) {
  json.key("securitySchemes").begin_object();
  json.key("bearer").begin_object().field("type", "http").field("scheme", "bearer").end_object();
  json.key("basic").begin_object().field("type", "http").field("scheme", "basic").end_object();
  json.key("session").begin_object().field("type", "apiKey").field("in", "cookie").field("name", "plumb_session");
  json.end_object().end_object();
}

}  // namespace

std::string openapi_document(const std::string& version, const std::string& base_path) {
  JsonWriter json;
  json.begin_object().field("openapi", "3.1.0").key("info").begin_object().field("title", "Plumb");
  json.field("version", version).end_object();
  json.key("servers").begin_array().begin_object().field("url", base_path.empty() ? "/" : base_path);
  json.end_object().end_array();

  std::map<std::string_view, std::vector<const Route*>> paths;
  for (Routes routes : all_routes()) {
    for (const Route& route : routes) paths[route.path].push_back(&route);
  }
  json.key("paths").begin_object();
  for (const auto& [path, routes] : paths) {
    json.key(path).begin_object();
    for (const Route* route : routes) write_operation(json, *route);
    json.end_object();
  }
  json.end_object().key("components").begin_object().key("schemas").begin_object();
  for (const Schema& schema : schemas()) {
    json.key(schema.name);
    write_schema(json, schema);
  }
  json.end_object();
  write_security(json);
  json.end_object().end_object();
  return json.take();
}

}  // namespace plumb::serve
