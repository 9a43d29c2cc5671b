// plumb_jinja_conformance: a case a line in as JSON, its answer a line out. What differential.py drives.
//
//     {"templates": {"main": "{{ 1 + x }}"}, "context": {"x": 1}}       →    {"prints": "2"}
#include <iostream>

#include "jinja/case.h"

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer;
    try {
      answer = to_json(plumb::jinja_story::render(
          plumb::jinja_story::case_from_json(plumb::parse_json(std::move(line), "case").root())));
    } catch (const std::exception& error) {
      plumb::JsonWriter json;
      answer = json.begin_object().field("error", "broken").field("message", error.what()).end_object().take();
    }
    std::cout << answer << std::endl;  // the other side waits for each
  }
}
