// jinja_bench PAGES CONTEXT NAME SECONDS: medians of parsing with rendering, and of rendering alone, in microseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "jinja/jinja.h"

using namespace plumb;

namespace {

// `prepare` is not timed: what it gives is what `work` works on.
template <class Prepare, class Work>
double measure(double seconds, Prepare prepare, Work work) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (times.size() < 3 || Clock::now() < end) {
    const auto prepared = prepare();
    const auto start = Clock::now();
    work(*prepared);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

int main(int, char** words) {
  std::map<std::string, std::string> sources;
  for (const auto& entry : std::filesystem::directory_iterator(words[1])) {
    sources[entry.path().filename()] = read_file(entry.path());
  }
  const jinja::Context context(jinja::to_value(parse_json(read_file(words[2]), words[2]).root()));
  const std::string name = words[3];
  const double seconds = std::atof(words[4]);
  const auto loader = jinja::load_from_map(sources);
  auto fresh = [&] {
    auto environment = std::make_unique<jinja::Environment>();
    environment->set_loader(loader);
    return environment;
  };
  const auto environment = fresh();
  const auto kept = environment->get_template(name);
  const auto size = kept->render(context).size();
  const auto parse_and_render = measure(
      seconds, fresh, [&](const jinja::Environment& each) { return each.get_template(name)->render(context).size(); });
  const auto render = measure(
      seconds, [&] { return &kept; }, [&](const auto& made) { return made->render(context).size(); });
  std::printf("%zu %.2f %.2f\n", size, parse_and_render, render);
}
