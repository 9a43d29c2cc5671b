// JSON objects as rows: first their types, then their values. Private to connectors.
//
// A string is text, unless all strings of the field are ISO dates or times; a whole number int64 (wider: decimal), one
// with a fraction or exponent double; an object a struct, an array a list; null nothing. Fields that are now this, now
// that, take the widest type; what has none in common is kept as json. Objects with over 200 different keys are maps
// rather than records, and json too.
#pragma once

#include <memory>
#include <string_view>

#include "data/data.h"

namespace plumb::ingest {

class JsonGuess {
 public:
  JsonGuess();
  ~JsonGuess();
  // One object, followed by at least 64 bytes that may be read. Throws Error(Data) without a place.
  void add(std::string_view object);
  data::Schema schema() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class JsonAppender {
 public:
  explicit JsonAppender(const data::Schema& schema);
  ~JsonAppender();
  // A row to each column; columns that the object lacks get null. As add() for the rest.
  void append(std::string_view object, data::BatchBuilder& rows);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb::ingest
