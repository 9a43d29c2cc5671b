// For tests only (it brings GoogleTest): what an error says, as text to compare.
//
//     EXPECT_EQ(error_of([] { parse_yaml("a: [", "x.yml"); }), "x.yml:1:5: …");
//     expect_error(ErrorKind::Auth, "wrong key", [&] { unseal(box, other_key, "bank"); });
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace plumb {

// The whole rendered error that the work ends with, or "no error".
template <class Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.render();
  }
  return "no error";
}

// The first line of it: place and message, without the excerpt and the hint.
template <class Work>
std::string error_line_of(Work&& work) {
  std::string error = error_of(std::forward<Work>(work));
  return error.substr(0, error.find('\n'));
}

// The work must end with an error of this kind whose rendered text contains `text`.
template <class Work>
void expect_error(ErrorKind kind, std::string_view text, Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.kind()), to_string(kind)) << error.render();
    EXPECT_NE(error.render().find(text), std::string::npos) << "in: " << error.render() << "\nmissing: " << text;
    return;
  }
  ADD_FAILURE() << "no error, expected one with: " << text;
}

}  // namespace plumb
