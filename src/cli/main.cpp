#include "cli/cli.h"

int main(int count, char** words) {
  plumb::cli::end_process(plumb::cli::run(std::vector<std::string>(words + 1, words + count)));
}
