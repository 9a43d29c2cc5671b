// A Timetable asked from outside: a line of JSON in, a line of text out. For scripts that know another's answers.
//
//     {"schedule": "0 7 * * *", "ask": "between", "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z",
//     "limit": 2} 2026-01-01T07:00:00Z 2026-01-02T07:00:00Z
//     {"schedule": …, "zone": "Europe/Berlin", "ask": "walk", "count": 3, "earliest": …, "latest": …, "catchup": true,
//      "now": …, "last": [START, END]}
//     START..END START..END none
//     {"schedule": …, "ask": "manual", "now": …}
//     START..END
//
// "walk" asks for next() so many times, each time with the answer before as the last run. An Error is "error: message".
#include <cstdio>
#include <iostream>
#include <string>

#include "workflow/workflow.h"

namespace {

using namespace plumb;
using namespace plumb::workflow;

std::optional<Instant> moment(const Node& node) {
  if (node.null()) return std::nullopt;
  return parse_moment(node, Zone());
}

std::string words(const Due& due) {
  return format_instant(due.interval.start) + ".." + format_instant(due.interval.end);
}

std::string walk(const Timetable& timetable, const Node& question) {
  const Node last_run = question.find("last"), catchup = question.find("catchup");
  const Restriction restriction{moment(question.find("earliest")), moment(question.find("latest")),
                                !catchup.null() && catchup.as_bool()};
  std::optional<Due> last;
  if (last_run) {
    const Interval interval{*moment(last_run.at(0)), *moment(last_run.at(1))};
    last = Due{interval.start, interval, interval.end};
  }
  std::string text;
  for (std::int64_t i = 0; i < question.get("count").as_int(); ++i) {
    last = timetable.next(last, restriction, *moment(question.get("now")));
    text += (text.empty() ? "" : " ") + (last ? words(*last) : "none");
    if (!last) break;
  }
  return text;
}

std::string answer(const std::string& line) {
  try {
    const Document document = parse_json(line, "question");
    const Node question = document.root();
    TimetableOptions options{.zone = Zone::get(question.find("zone").text_or("UTC")), .workflow = "w"};
    options.start_date = moment(question.find("earliest"));
    const Timetable timetable = Timetable::parse(question.find("schedule"), options);
    const std::string ask = question.get("ask").as_text();
    if (ask == "walk") return walk(timetable, question);
    if (ask == "manual") return words(timetable.manual(*moment(question.get("now"))));
    std::string text;
    for (const Due& due : timetable.between(*moment(question.get("from")), *moment(question.get("to")),
                                            static_cast<std::size_t>(question.get("limit").as_int()))) {
      text += (text.empty() ? "" : " ") + format_instant(due.logical_date);
    }
    return text;
  } catch (const Error& error) {
    return "error: " + error.message();
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(line) << '\n';
}
