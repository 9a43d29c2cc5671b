// A text that must not be seen: a password, a token, a TAN.
//
// A Secret can't be printed, formatted or compared by accident; reveal() is where it leaves, and a search for that word
// finds every such place. Its memory is wiped when it goes. It copies, as configuration does.
#pragma once

#include <string>
#include <string_view>

namespace plumb {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  bool empty() const { return text_.empty(); }
  const std::string& reveal() const { return text_; }
  // In constant time for texts of one length.
  bool same_as(const Secret& other) const;

 private:
  void wipe();
  std::string text_;
};

// Replaces what looks like a credential in a text that is about to be logged: values of the known header and parameter
// names (authorization, appid, password, client_secret, token, refresh_token, x-once-authentication, …) in URLs, forms,
// JSON and headers, and the user and password of a URI.
std::string redact(std::string_view text);

}  // namespace plumb
