// Shapes as a JSON Schema, for editors that help to write workflows. It says a little less than the reader: a
// schedule's text or a template it takes as text.
#include <algorithm>
#include <map>

#include "workflow/definition.h"
#include "workflow/definition_keys.h"

namespace plumb::workflow {

namespace {

// What makes a text a template, to the schema.
constexpr std::string_view kTemplate = R"(\{[{%#])";
constexpr std::string_view kName = R"(^[A-Za-z0-9_][A-Za-z0-9_.-]*$)";
constexpr std::string_view kDuration = R"(^([0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d|w)?\s*)+$)";

class SchemaWriter {
 public:
  std::string write(const Shape& shape, std::string_view title) {
    out_.begin_object();
    out_.field("$schema", "https://json-schema.org/draft/2020-12/schema").field("title", title);
    write_rules(shape, false);
    write_definitions();
    out_.end_object();
    return out_.take();
  }

 private:
  void write_schema(const Shape& shape, bool in_rendered, std::string_view description = {}) {
    out_.begin_object();
    if (!description.empty()) out_.field("description", description);
    write_body(shape, in_rendered);
    out_.end_object();
  }

  void write_body(const Shape& shape, bool in_rendered) {
    in_rendered = in_rendered || shape.rendered;
    if (!shape.name.empty()) {
      definitions_.emplace(shape.name, Definition{shape, in_rendered});
      out_.field("$ref", "#/$defs/" + std::string(shape.name));
      write_words("required", shape.required_here);
    } else if (in_rendered && takes_no_text(shape)) {
      out_.key("anyOf").begin_array();
      out_.begin_object();
      write_rules(shape, in_rendered);
      out_.end_object();
      out_.begin_object().field("type", "string").field("pattern", kTemplate).end_object();
      out_.end_array();
    } else {
      write_rules(shape, in_rendered);
    }
  }

  static bool takes_no_text(const Shape& shape) {
    switch (shape.form) {
      case Form::Bool:
      case Form::Whole:
      case Form::Number:
      case Form::Word:
      case Form::Duration:
      case Form::List:
      case Form::Map:
        return true;
      default:
        return false;
    }
  }

  void write_rules(const Shape& shape, bool in_rendered) {
    switch (shape.form) {
      case Form::Null:
        out_.field("type", "null");
        break;
      case Form::Text:
      case Form::Template:
      case Form::Date:
        out_.field("type", "string");
        break;
      case Form::Name:
        out_.field("type", "string").field("pattern", kName);
        break;
      case Form::Word:
        write_words("enum", shape.words);
        break;
      case Form::Expression:
        write_words("type", {"string", "boolean"});
        break;
      case Form::Scalar:
        write_words("type", {"string", "number", "boolean"});
        break;
      case Form::Bool:
        out_.field("type", "boolean");
        break;
      case Form::Whole:
        out_.field("type", "integer").field("minimum", shape.least);
        if (shape.most < INT32_MAX) out_.field("maximum", shape.most);
        break;
      case Form::Number:
        out_.field("type", "number");
        break;
      case Form::Duration:
        out_.key("anyOf").begin_array();
        out_.begin_object().field("type", "string").field("pattern", kDuration).end_object();
        out_.begin_object().field("type", "number").field("minimum", 0).end_object();
        out_.end_array();
        break;
      case Form::Any:
      case Form::Data:
        break;
      case Form::List:
        out_.field("type", "array").key("items");
        write_schema(shape.items.front(), in_rendered);
        break;
      case Form::Map:
        out_.field("type", "object").key("additionalProperties");
        write_schema(shape.items.front(), in_rendered);
        break;
      case Form::Object:
        write_object(shape, in_rendered);
        break;
      case Form::Either:
        write_either(shape, in_rendered);
        break;
    }
  }

  void write_words(std::string_view key, const std::vector<std::string_view>& words) {
    if (words.empty()) return;
    out_.key(key).begin_array();
    for (auto word : words) out_.text(word);
    out_.end_array();
  }

  // Anything but a map, where a map has a shape of its own.
  void write_either(const Shape& shape, bool in_rendered) {
    const bool has_map =
        std::any_of(shape.items.begin(), shape.items.end(), [](const Shape& one) { return one.form == Form::Object; });
    out_.key("anyOf").begin_array();
    for (const Shape& one : shape.items) {
      if (has_map && (one.form == Form::Data || one.form == Form::Any)) {
        out_.begin_object().key("not").begin_object().field("type", "object").end_object().end_object();
      } else {
        write_schema(one, in_rendered);
      }
    }
    out_.end_array();
  }

  void write_object(const Shape& shape, bool in_rendered) {
    out_.field("type", "object").field("additionalProperties", false).key("properties").begin_object();
    for (const Key& key : shape.keys) {
      out_.key(key.name);
      write_schema(key.shape, in_rendered, key.description);
    }
    out_.end_object();
    std::vector<std::string_view> required;
    for (const Key& key : shape.keys) {
      if (key.required) required.push_back(key.name);
    }
    write_words("required", required);
    if (shape.one_of.empty()) return;
    out_.key("oneOf").begin_array();
    for (auto key : shape.one_of) {
      out_.begin_object().key("required").begin_array().text(key).end_array().end_object();
    }
    out_.end_array();
  }

  // Writing one may find others.
  void write_definitions() {
    out_.key("$defs").begin_object();
    std::map<std::string_view, bool> written;
    while (written.size() < definitions_.size()) {
      for (const auto& [name, definition] : std::map(definitions_)) {
        if (!written.emplace(name, true).second) continue;
        out_.key(name).begin_object();
        write_rules(definition.shape, definition.in_rendered);
        out_.end_object();
      }
    }
    out_.end_object();
  }

  struct Definition {
    Shape shape;
    bool in_rendered;
  };
  JsonWriter out_;
  std::map<std::string_view, Definition> definitions_;
};

}  // namespace

std::string schema_of(const Shape& shape, std::string_view title) {
  return SchemaWriter().write(shape, title);
}

std::string workflow_schema() {
  return schema_of(workflow_shape(), "A workflow of Plumb: workflows/NAME.yml");
}

}  // namespace plumb::workflow
