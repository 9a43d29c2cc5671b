// Feeds arbitrary text to the cron reader. The first two bytes choose a moment; the rest is the expression.
// Beyond not crashing: what is read fires in order, the way back leads to the same moments, it has words, and is read
// the same again; what is refused is an Error of the user's file.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "workflow/cron.h"
#include "workflow/ticks.h"

namespace {

using namespace plumb;
using namespace plumb::workflow;

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

void walk(const Ticks& ticks, Instant start) {
  const auto first = ticks.next(start), before = ticks.previous(start);
  require(first && *first > start, "it fires again");
  require(before && *before < start, "it has fired before");
  require(ticks.previous(*first) >= before, "nothing lies between a tick and the one before it");
  const auto second = ticks.next(*first);
  require(second && *second > *first && ticks.previous(*second) == first, "the way back is the way there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Zone zones[] = {Zone(), Zone::get("Europe/Berlin"), Zone::get("Australia/Lord_Howe")};
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Instant start =
      Instant(std::chrono::sys_days(std::chrono::year(2020) / 3 / 28)) + std::chrono::hours(data[0] * 257);
  try {
    const Cron cron = Cron::parse(text, "fuzz");
    require(!cron.describe().empty(), "it has words");
    require(Cron::parse(text, "fuzz").fields() == cron.fields(), "it is read the same again");
    walk(*cron_ticks(cron, zones[data[1] % 3]), start);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::Config, "a wrong expression is the user's");
  }
  return 0;
}
