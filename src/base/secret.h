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
  explicit Secret(std::string text);
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
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

// Replaces what looks like a credential in a text that is about to be logged by "***": values of the known header and
// parameter names (authorization, appid, password, client_secret, token, refresh_token, x-once-authentication, …, and
// names that end in one of these or misspell it) in URLs, forms, JSON, YAML and headers, the user and password of a
// URI, bearer tokens. A template ("{{ env_var('X') }}") stays. It errs on the side of masking: a net below the rule
// that secrets are not put into messages, not a replacement for it.
std::string redact(std::string_view text);
// Whether a key of this name holds a credential: "client_secret", "OPENWEATHER_API_KEY", "pasword".
bool names_a_secret(std::string_view name);

}  // namespace plumb
