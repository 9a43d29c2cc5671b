#include "ingest/queue.h"

namespace plumb::ingest {

bool PieceQueue::push(Piece piece) {
  const auto* batch = std::get_if<data::Batch>(&piece);
  const std::size_t bytes = batch != nullptr ? batch->bytes() : 0;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return left_ || pieces_.empty() || bytes_ + bytes <= budget_; });
  if (left_) return false;
  pieces_.emplace_back(std::move(piece), bytes);
  bytes_ += bytes;
  changed_.notify_all();
  return true;
}

void PieceQueue::finish() {
  std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

void PieceQueue::abandon() {
  std::lock_guard lock(mutex_);
  finished_ = abandoned_ = true;
  pieces_.clear();
  bytes_ = 0;
  changed_.notify_all();
}

std::optional<Piece> PieceQueue::pop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return finished_ || !pieces_.empty(); });
  if (pieces_.empty()) return std::nullopt;
  auto [piece, bytes] = std::move(pieces_.front());
  pieces_.pop_front();
  bytes_ -= bytes;
  changed_.notify_all();
  return std::move(piece);
}

bool PieceQueue::abandoned() const {
  std::lock_guard lock(mutex_);
  return abandoned_;
}

void PieceQueue::leave() {
  std::lock_guard lock(mutex_);
  left_ = true;
  pieces_.clear();
  bytes_ = 0;
  changed_.notify_all();
}

}  // namespace plumb::ingest
