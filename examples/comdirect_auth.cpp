// Signs in at comdirect and says until when the session lasts.
//
//     comdirect_auth [--client-id=…] [--client-secret=…] [--username=…] [--password=…] [--base-url=…]
//
// What is not given as an argument comes from COMDIRECT_CLIENT_ID, COMDIRECT_CLIENT_SECRET, COMDIRECT_USERNAME,
// COMDIRECT_PASSWORD and COMDIRECT_BASE_URL. Passwords are safer there: arguments can be seen by other users.
#include <fstream>
#include <iostream>

#include "base/file.h"
#include "ingest/ingest.h"

namespace comdirect = plumb::ingest::comdirect;

// --client-id=abc becomes {"client_id", "abc"}.
static std::map<std::string, std::string> read_arguments(int count, char** words) {
  std::map<std::string, std::string> arguments;
  for (int i = 1; i < count; ++i) {
    std::string word = words[i];
    auto equals = word.find('=');
    if (word.rfind("--", 0) != 0 || equals == std::string::npos) {
      throw plumb::Error(plumb::ErrorKind::Usage, "can't read the argument " + word, {.hint = "write --name=value"});
    }
    std::string name = word.substr(2, equals - 2);
    for (char& c : name) c = c == '-' ? '_' : c;
    arguments[name] = word.substr(equals + 1);
  }
  return arguments;
}

// The bank asks a person: a TAN is typed, a push is approved in the app.
static std::optional<plumb::Secret> ask(const plumb::ingest::Question& question) {
  if (!question.image_png.empty()) {
    std::ofstream("tan.png", std::ios::binary) << question.image_png;
    std::cerr << "The picture is in tan.png.\n";
  }
  std::cerr << question.text << (question.wants_answer ? " " : "\n");
  std::string tan;
  if (question.wants_answer) std::getline(std::cin, tan);
  return plumb::Secret(tan);
}

int main(int count, char** words) {
  try {
    auto config = comdirect::config_from(read_arguments(count, words), plumb::find_environment);
    plumb::SystemClock clock;
    comdirect::Client bank(config, {.clock = clock});
    bank.authenticate(ask);
    std::cout << "signed in; the access token lasts until "
              << plumb::format_instant(bank.find_session()->access_expires_at) << "\n";
    bank.revoke();
    return 0;
  } catch (const plumb::Error& error) {
    std::cerr << error.render() << "\n";
    return 1;
  }
}
