#include "project/bench.h"

#include <atomic>
#include <exception>
#include <future>
#include <optional>

#include "project/parse.h"

namespace plumb::project {

namespace {

// So many are made before they are placed, and a second thread is worth its while from so many on.
constexpr std::size_t kRound = 2048;
constexpr std::size_t kWorthThread = 32;
// A thread takes so many at a time.
constexpr std::size_t kShare = 8;

struct Made {
  std::optional<Node> node;
  std::exception_ptr failure;
  std::vector<Said> said;
};

// Takes shares of what waits until nothing is left.
void work(Bench& bench, const std::vector<NodeQueue::Make>& waiting, std::vector<Made>& made,
          std::atomic<std::size_t>& next) {
  for (std::size_t at = next.fetch_add(kShare); at < waiting.size(); at = next.fetch_add(kShare)) {
    for (std::size_t i = at; i < std::min(at + kShare, waiting.size()); ++i) {
      try {
        made[i].node = waiting[i](bench);
      } catch (...) {
        made[i].failure = std::current_exception();
      }
      made[i].said = std::exchange(bench.said, {});
    }
  }
}

}  // namespace

Bench::Bench(const ProjectSettings& settings, const MacroCatalog& catalog)
    : context(
          settings, catalog,
          [this](std::string_view text, Voice voice) { said.push_back({.text = std::string(text), .voice = voice}); },
          [this](std::string_view text, Voice) { said.push_back({.text = std::string(text), .warning = true}); }),
      configs(settings) {}

void NodeQueue::add(Make make) {
  waiting_.push_back(std::move(make));
  if (waiting_.size() == kRound) finish();
}

void NodeQueue::finish() {
  std::vector<Made> made(waiting_.size());
  std::atomic<std::size_t> next = 0;
  std::future<void> second;
  if (waiting_.size() >= kWorthThread) {
    if (!parse_.second_bench) parse_.second_bench = std::make_unique<Bench>(parse_.settings, *parse_.catalog);
    second = std::async(std::launch::async, [&] { work(*parse_.second_bench, waiting_, made, next); });
  }
  work(*parse_.bench, waiting_, made, next);
  if (second.valid()) second.get();
  for (Made& one : made) {
    say(parse_, one.said);
    if (one.failure) std::rethrow_exception(one.failure);
    place_node(parse_, std::move(*one.node));
  }
  waiting_.clear();
}

void say(Parse& parse, const std::vector<Said>& said) {
  for (const Said& one : said) {
    if (one.warning) {
      parse.warnings.push_back({"JinjaLogWarning", one.text, {}});
    } else if (parse.settings.say) {
      parse.settings.say(one.text, one.voice);
    }
  }
}

}  // namespace plumb::project
