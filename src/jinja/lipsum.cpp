// Chance: |random's draws, and the filler text of lipsum().
#include <random>

#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/globals.h"
#include "jinja/state.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

std::size_t draw_below(std::size_t end) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(generator);
}

namespace {

constexpr std::string_view kWords[] = {
    "aer",    "ager",    "amicus", "amo",    "animus",  "aqua",    "arbor",  "ars",    "aurum",     "bonus",
    "caelum", "campus",  "canis",  "caput",  "caro",    "causa",   "civis",  "clarus", "corpus",    "cura",
    "dies",   "dives",   "domus",  "donum",  "equus",   "et",      "fabula", "fama",   "felix",     "ferrum",
    "fides",  "filia",   "finis",  "flamma", "flos",    "fons",    "fortis", "frater", "gladius",   "gratia",
    "herba",  "homo",    "hora",   "hortus", "hostis",  "ignis",   "in",     "insula", "iter",      "iustus",
    "labor",  "lapis",   "lex",    "liber",  "littera", "locus",   "longus", "ludus",  "luna",      "lux",
    "magnus", "manus",   "mare",   "mater",  "mens",    "miles",   "mons",   "mora",   "multus",    "murus",
    "natura", "nauta",   "navis",  "nomen",  "nox",     "numerus", "oculus", "opus",   "ora",       "pater",
    "pax",    "pecunia", "pes",    "poeta",  "pons",    "populus", "porta",  "puella", "puer",      "regina",
    "res",    "rex",     "rosa",   "salus",  "sapiens", "schola",  "sed",    "semper", "sententia", "servus",
    "silva",  "sol",     "somnus", "spes",   "stella",  "tempus",  "terra",  "urbs",   "ventus",    "verbum",
    "via",    "villa",   "vinum",  "vir",    "virtus",  "vita",    "vox",
};

std::int64_t draw_between(std::int64_t begin, std::int64_t end) {
  if (begin >= end) {
    raise_value_error("empty range for randrange() (" + std::to_string(begin) + ", " + std::to_string(end) + ", " +
                      std::to_string(end - begin) + ")");
  }
  return begin + static_cast<std::int64_t>(draw_below(static_cast<std::size_t>(end - begin)));
}

std::string_view draw_other_word(std::string_view last) {
  for (;;) {
    const std::string_view word = kWords[draw_below(std::size(kWords))];
    if (word != last) return word;
  }
}

// Words, with a comma every few, a full stop every now and then, and one at the end.
std::string make_paragraph(State& state, std::int64_t words) {
  std::string text;
  std::string_view last;
  std::int64_t last_comma = 0, last_stop = 0;
  bool begins = true;
  for (std::int64_t i = 0; i < words; ++i) {
    state.tick();
    state.reserve(3 * text.size());
    last = draw_other_word(last);
    if (i > 0) text += ' ';
    text += begins ? to_capitalized(last) : std::string(last);
    begins = false;
    if (i - draw_between(3, 8) > last_comma) {
      last_comma = i;
      last_stop += 2;
      text += ',';
    }
    if (i - draw_between(10, 20) > last_stop) {
      last_comma = last_stop = i;
      text += '.';
      begins = true;
    }
  }
  if (text.ends_with(',')) text.pop_back();
  if (!text.ends_with('.')) text += '.';
  return text;
}

}  // namespace

Value make_lipsum(State& state, Arguments arguments) {
  static const Signature kSignature{"generate_lorem_ipsum", {"n", "html", "min", "max"}, 0};
  auto [number, html, least, most] = bind<4>(kSignature, arguments);
  const std::int64_t paragraphs = given(number) ? index_of(number) : 5;
  const bool as_html = flag(state, html, true);
  std::string out;
  for (std::int64_t i = 0; i < paragraphs; ++i) {
    const std::int64_t words = draw_between(given(least) ? index_of(least) : 20, given(most) ? index_of(most) : 100);
    if (i > 0) out += as_html ? "\n" : "\n\n";
    const std::string paragraph = make_paragraph(state, words);
    out += as_html ? "<p>" + paragraph + "</p>" : paragraph;
    state.reserve(3 * out.size());
  }
  return make_text(std::move(out), as_html);
}

}  // namespace plumb::jinja
