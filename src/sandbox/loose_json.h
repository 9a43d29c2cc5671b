// JSON as the bank reads it from headers and small bodies: leniently.
//
// Public clients send what their language prints for a dictionary, with single quotes, and the bank takes it. So does
// this: an object becomes a flat list of its scalars, with the names of outer objects in front
// ("clientRequestId.sessionId"). Anything else is no object, and no error that would end the call.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace plumb::sandbox {

using LooseObject = std::map<std::string, std::string>;

// Empty when the text is no object. Lists are read over; numbers and booleans keep their own text.
std::optional<LooseObject> find_loose_object(std::string_view text);

}  // namespace plumb::sandbox
