// The picture of a photo TAN: a real PNG, small, and readable by a person.
//
// The bank's graphic is a mosaic of coloured dots that only its app can read. This one is a mosaic too, with the TAN's
// digits laid over it, so that whoever tries a sign-in by hand can type what the picture shows. The pixels are kept
// uncompressed, which makes the picture several kilobytes: as large as the bank's, in a header.
#pragma once

#include <string>
#include <string_view>

namespace plumb::sandbox {

// The bytes of the PNG. What is no digit stays blank.
std::string tan_picture(std::string_view tan);

}  // namespace plumb::sandbox
