// Batches for others: the Arrow IPC stream, which every Arrow library reads without copying a value.
//
//     ArrowStreamWriter stream(schema, [&](std::string_view bytes) { out.write(bytes); });
//     stream.write(batch);
//     stream.finish();
//
// How each type is written stands in docs/types.md. Source of the layout: the Arrow columnar format specification, 1.4
// (format/Message.fbs, format/Schema.fbs; metadata version V5).
#pragma once

#include <functional>
#include <string_view>

#include "data/batch.h"

namespace plumb::data {

// The schema goes out at once, so that a stream without rows has its columns too. Bytes go to `sink` piece by piece;
// what it throws comes through.
class ArrowStreamWriter {
 public:
  ArrowStreamWriter(const Schema& schema, std::function<void(std::string_view bytes)> sink);
  void write(const Batch& batch);  // of that schema (asserted)
  void finish();                   // the end-of-stream mark

 private:
  Schema schema_;
  std::function<void(std::string_view)> sink_;
};

}  // namespace plumb::data
