// What may stand where in a workflow's file. One table of keys (definition_keys.h, task_keys.h) is what the reader
// checks by and what the JSON Schema for editors is made of, so that the two never differ.
//
//     Shape shape = object({{"retries", whole(0, 100), "Attempts beyond the first."}, …});
//     check(node, shape, context);      // every fault, each with its place
//     schema_of(shape, "a workflow")    // {"type": "object", "properties": …}
//
// Inside the room.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"

namespace plumb::workflow {

enum class Form {
  Null,
  Text,        // as it stands
  Template,    // text with Jinja in it, rendered when the task starts
  Expression,  // Jinja's expression, with or without {{ }}
  Scalar,      // text, a number, true or false: kept as it is
  Name,        // safe as a file's name: letters, digits, "_", "-", "."
  Word,        // one of `words`
  Bool,
  Whole,  // least … most
  Number,
  Duration,
  Date,    // or an instant
  Any,     // a tree whose texts are templates
  Data,    // a tree of which nothing is rendered
  List,    // of items
  Map,     // of names to items
  Object,  // of keys
  Either,  // the first of `items` that fits the kind of what stands there
};

struct Key;

struct Shape {
  Form form = Form::Any;
  std::string_view what = {};  // as messages call it: "trigger rule"
  std::vector<std::string_view> words = {};
  std::int64_t least = 0, most = 0;
  std::vector<Key> keys;          // no initializer: it would want Key to be whole here already
  std::vector<Shape> items = {};  // of List and Map one, of Either several
  bool rendered = false;          // texts of whatever form below it may be templates
  bool elsewhere = false;         // checked by a reader of its own: here for the schema
  std::string_view name = {};     // the schema has it once, under this name
  // Of Object, for the schema: exactly one of the first, and all of the second.
  std::vector<std::string_view> one_of = {}, required_here = {};
};

struct Key {
  std::string_view name;
  Shape shape;
  std::string_view description;
  bool required = false;
};

Shape of(Form form);
Shape word(std::string_view what, std::vector<std::string_view> words);
Shape whole(std::int64_t least, std::int64_t most);
Shape object(std::vector<Key> keys);
Shape list_of(Shape item);
Shape map_of(Shape item);
Shape either(std::vector<Shape> shapes);
Shape one_or_more(Shape item);  // one, or a list of them
Shape rendered(Shape shape);
Shape elsewhere(Shape shape);
Shape named(std::string_view name, Shape shape);

// What a check needs beside the shape, and where it says what is wrong.
struct ShapeCheck {
  std::vector<Error>& faults;
  // Throws when the text is no template (or no expression), with its place.
  std::function<void(const Node& node, bool expression)> read_template;
  // What a key is called here that people know by another name: "needs" is "after". Empty: nothing.
  std::function<std::string_view(std::string_view key)> other_word;
};
// True when nothing was wrong.
bool check(const Node& node, const Shape& shape, const ShapeCheck& context);

bool is_template(std::string_view text);
// Letters, digits, "_", "-", "."; no "." in front, no ".3" at the end (it would look like a map's instance), at most
// 200 bytes.
bool is_name(std::string_view text);

// A JSON Schema (draft 2020-12) of the shape.
std::string schema_of(const Shape& shape, std::string_view title);

}  // namespace plumb::workflow
