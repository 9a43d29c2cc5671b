#include "base/http_server.h"

namespace plumb {

ServerStream::ServerStream(More more, std::size_t most_waiting) : more_(std::move(more)), most_waiting_(most_waiting) {}

bool ServerStream::push(std::string_view piece) {
  std::lock_guard lock(mutex_);
  if (gone_ || cut_off_ || ended_) return false;
  if (waiting_.size() + piece.size() > most_waiting_ && !waiting_.empty()) {
    cut_off_ = true;
    waiting_ = {};
  } else {
    waiting_ += piece;
  }
  notify();
  return !cut_off_;
}

void ServerStream::wake() {
  std::lock_guard lock(mutex_);
  notify();
}

void ServerStream::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  notify();
}

bool ServerStream::listened() const {
  std::lock_guard lock(mutex_);
  return !gone_ && !cut_off_;
}

// Once for all that comes until the server looks.
void ServerStream::notify() {
  if (notified_ || !wake_) return;
  notified_ = true;
  wake_();
}

ServerStream::Piece ServerStream::take() {
  std::unique_lock lock(mutex_);
  notified_ = true;  // what is pushed from within `more_` needs no further word
  if (waiting_.empty() && !ended_ && !cut_off_ && more_) {
    lock.unlock();
    more_(*this);
    lock.lock();
  }
  notified_ = false;
  Piece piece{.text = std::move(waiting_), .ended = ended_, .cut_off = cut_off_};
  waiting_ = {};
  return piece;
}

void ServerStream::attach(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void ServerStream::detach() {
  std::lock_guard lock(mutex_);
  wake_ = {};
  waiting_ = {};
  gone_ = true;
}

}  // namespace plumb
