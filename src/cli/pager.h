// A pager for long tables on a terminal: $PAGER, else less (which ends by itself when the text fits the screen).
#pragma once

#include <stop_token>
#include <string_view>

namespace plumb::cli {

class Pager {
 public:
  // On a stop the pager is ended too.
  explicit Pager(std::stop_token stop);
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  // Quietly drops text once the person has left the pager.
  void write(std::string_view text);
  bool left() const { return left_; }
  // Waits until the person is done.
  void finish();

 private:
  int pipe_ = -1;
  int process_ = -1;
  bool left_ = false;
  std::stop_token stop_;
};

}  // namespace plumb::cli
