// Binding a call's arguments to a function's parameters, with CPython's messages for what does not fit.
#include <algorithm>

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/object.h"

namespace plumb::jinja {
namespace {

[[noreturn]] void raise_too_many(const Signature& signature, std::size_t positional, Arguments arguments,
                                 std::span<const Value> bound) {
  const std::size_t most = positional + signature.hidden;
  const std::size_t least = std::min(signature.required, positional) + signature.hidden;
  const std::size_t given_count = arguments.positional.size() + signature.hidden;
  const auto keyword_only = static_cast<std::size_t>(
      std::count_if(bound.begin() + static_cast<std::ptrdiff_t>(positional), bound.end(), given));
  const std::string takes = least == most ? format("{}", most) : format("from {} to {}", least, most);
  std::string were = format("{}", given_count);
  if (keyword_only > 0) {
    were += format(" positional argument{} (and {} keyword-only argument{})", given_count == 1 ? "" : "s", keyword_only,
                   keyword_only == 1 ? "" : "s");
  }
  raise_type_error(format("{}() takes {} positional argument{} but {} {} given", signature.name, takes,
                          most == 1 ? "" : "s", were, given_count == 1 && keyword_only == 0 ? "was" : "were"));
}

// "'a'", "'a' and 'b'", "'a', 'b', and 'c'"
std::string listing(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += names.size() == 2 ? " and " : i + 1 == names.size() ? ", and " : ", ";
    text += format("'{}'", names[i]);
  }
  return text;
}

void require(const Signature& signature, std::size_t from, std::size_t to, std::string_view kind,
             std::span<const Value> bound) {
  std::vector<std::string_view> missing;
  for (std::size_t i = from; i < std::min(to, signature.required); ++i) {
    if (!given(bound[i])) missing.push_back(signature.parameters.begin()[i]);
  }
  if (missing.empty()) return;
  raise_type_error(format("{}() missing {} required {} argument{}: {}", signature.name, missing.size(), kind,
                          missing.size() == 1 ? "" : "s", listing(missing)));
}

}  // namespace

void bind_arguments(const Signature& signature, Arguments arguments, std::span<Value> into) {
  const std::size_t all = signature.parameters.size();
  assert(into.size() == all);
  const std::size_t positional = std::min(signature.positional, all);
  const std::size_t placed = std::min(positional, arguments.positional.size());
  for (std::size_t i = 0; i < placed; ++i) into[i] = std::move(arguments.positional[i]);
  for (Keyword& keyword : arguments.keywords) {
    const std::string_view name = keyword.name.as_string();
    const auto* found = std::find(signature.parameters.begin(), signature.parameters.end(), name);
    if (found == signature.parameters.end()) {
      raise_type_error(format("{}() got an unexpected keyword argument '{}'", signature.name, name));
    }
    Value& place = into[static_cast<std::size_t>(found - signature.parameters.begin())];
    if (given(place)) raise_type_error(format("{}() got multiple values for argument '{}'", signature.name, name));
    place = std::move(keyword.value);
  }
  if (arguments.positional.size() > positional) raise_too_many(signature, positional, arguments, into);
  require(signature, 0, positional, "positional", into);
  require(signature, positional, all, "keyword-only", into);
}

}  // namespace plumb::jinja
