// A pager for long tables on a terminal: $PAGER, else less (which ends by itself when the text fits the screen).
#pragma once

#include <string_view>

namespace plumb::cli {

class Pager {
 public:
  Pager();
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  // Quietly drops text once the person has left the pager.
  void write(std::string_view text);
  // Waits until the person is done.
  void finish();

 private:
  int pipe_ = -1;
  int process_ = -1;
  bool left_ = false;
};

}  // namespace plumb::cli
