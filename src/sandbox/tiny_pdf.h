// A real PDF of one page with lines of text: what the post box hands out.
#pragma once

#include <string>
#include <vector>

namespace plumb::sandbox {

// Up to 50 lines; characters beyond Latin-1 become question marks.
std::string tiny_pdf(const std::vector<std::string>& lines);

}  // namespace plumb::sandbox
