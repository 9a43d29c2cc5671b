// Batches for others: Arrow's C data interface and the Arrow IPC stream.
//
// Source of both layouts: the Arrow columnar format specification, version 1.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "data/batch.h"

namespace plumb::data {

// Writes the Arrow IPC stream format: any Arrow library reads it. Bytes go to `sink` piece by piece.
class ArrowStreamWriter {
 public:
  ArrowStreamWriter(Schema schema, std::function<void(std::string_view bytes)> sink);
  void write(const Batch& batch);  // of that schema
  void finish();                   // the end-of-stream mark

 private:
  Schema schema_;
  std::function<void(std::string_view)> sink_;
};

}  // namespace plumb::data
