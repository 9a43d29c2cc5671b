// The bounded queue between a source and one destination: batches wait in it up to a budget of bytes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "data/data.h"

namespace plumb::ingest {

// Of a scoped Replace: the part with these values is replaced by what follows.
struct Part {
  std::vector<std::string> values;
};
using Piece = std::variant<data::Batch, Part>;

// One producer, one consumer. A piece larger than the budget passes alone.
class PieceQueue {
 public:
  explicit PieceQueue(std::size_t budget_bytes) : budget_(budget_bytes) {}

  // Waits for room. False when the consumer has gone: the piece is dropped.
  bool push(Piece piece);
  // The producer is done; the consumer gets what is left, then nothing.
  void finish();
  // The producer failed: the consumer gets nothing more and shall not commit.
  void abandon();
  // Waits for a piece; empty at the end. After that, abandoned() tells which end it was.
  std::optional<Piece> pop();
  bool abandoned() const;
  // The consumer is gone: push() returns false from now on.
  void leave();

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<Piece, std::size_t>> pieces_;
  std::size_t bytes_ = 0;
  const std::size_t budget_;
  bool finished_ = false;
  bool abandoned_ = false;
  bool left_ = false;
};

}  // namespace plumb::ingest
