#include "base/http/form.h"
#include "base/http_client.h"

namespace plumb {

const std::string* HttpHeaders::find(std::string_view name) const {
  for (const auto& [known, value] : list_) {
    if (same_name(known, name)) return &value;
  }
  return nullptr;
}

}  // namespace plumb
