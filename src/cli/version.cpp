#include "cli/commands.h"

namespace plumb::cli {

std::string version_text() {
  return "plumb " PLUMB_VERSION;
}

}  // namespace plumb::cli
