// The bank's way of writing a payment's text: one flat string, cut into windows of fixed width.
//
// A line is 35 characters (characters, not bytes), padded with blanks; a longer one goes on in the next window, if need
// be in the middle of a word. Booked payments number their windows "01", "02", … in front, so that a window has 37;
// pending ones do not.
#pragma once

#include <string>
#include <vector>

namespace plumb::sandbox {

std::string booked_remittance(const std::vector<std::string>& lines);
std::string pending_remittance(const std::vector<std::string>& lines);

}  // namespace plumb::sandbox
