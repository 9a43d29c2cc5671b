// Text to bytes and back, as str.encode and bytes.decode do it.
#pragma once

#include <string>
#include <string_view>

namespace plumb::jinja {

// `encoding` is utf-8, ascii, latin-1, utf-16 or utf-32 (also with -le and -be), under the names that Python has for
// them; LookupError "unknown encoding: x" for others. `errors` is "strict", "ignore", "replace", "backslashreplace",
// "xmlcharrefreplace" or "surrogatepass".
std::string encode_text(std::string_view text, std::string_view encoding, std::string_view errors);
// utf-8, ascii and latin-1.
std::string decode_text(std::string_view bytes, std::string_view encoding, std::string_view errors);

}  // namespace plumb::jinja
