#include "jinja/errors.h"

namespace plumb::jinja {

Error make_error(std::string_view type, std::string message, std::string hint) {
  Error::Details details;
  details.hint = std::move(hint);
  details.type = type;
  return Error(ErrorKind::Config, std::move(message), std::move(details));
}

void raise(std::string_view type, std::string message, std::string hint) {
  throw make_error(type, std::move(message), std::move(hint));
}

void raise_type_error(std::string message) {
  raise("TypeError", std::move(message));
}
void raise_value_error(std::string message) {
  raise("ValueError", std::move(message));
}
void raise_runtime_error(std::string message) {
  raise("TemplateRuntimeError", std::move(message));
}
void raise_filter_argument_error(std::string message) {
  raise("FilterArgumentError", std::move(message));
}

}  // namespace plumb::jinja
