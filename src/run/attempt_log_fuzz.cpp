// What must hold for the output of any program: it becomes a log whose every line has the form, in which the secret
// stands nowhere, and which is the same however the output was cut into pieces. And for any bytes as a log: reading in
// pages gives what reading at once gives, to the end, and the tail is its last lines.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "run/attempt_log.h"

namespace {

using namespace plumb::run;

constexpr std::string_view kSecret = "hunter2!";

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

std::vector<LogLine> read_all(const std::filesystem::path& file, const LogPageLimits& limits) {
  std::vector<LogLine> lines;
  std::uint64_t offset = 0;
  for (;;) {
    LogPage page = read_log(file, offset, limits);
    require(page.next_offset >= offset && page.next_offset <= page.size, "a page leads on");
    require(page.lines.size() <= limits.lines, "a page has no more lines than asked for");
    if (page.lines.empty()) break;
    require(page.next_offset > offset, "a line is a step");
    offset = page.next_offset;
    std::move(page.lines.begin(), page.lines.end(), std::back_inserter(lines));
  }
  return lines;
}

void check_reading(const std::filesystem::path& file, std::size_t page) {
  std::vector<LogLine> whole = read_all(file, {.bytes = 1u << 30, .lines = 1u << 30, .finished = true});
  std::vector<LogLine> paged = read_all(file, {.bytes = page, .lines = page, .finished = true});
  require(whole.size() == paged.size(), "pages hold as many lines");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    require(whole[i].text == paged[i].text && whole[i].offset == paged[i].offset, "pages hold the same lines");
    require(plumb::valid_utf8(whole[i].text), "a line is UTF-8");
  }
  std::vector<LogLine> tail = read_log_tail(file, page, true).lines;
  require(tail.size() == std::min(page, whole.size()), "the tail has as many lines as there are");
  for (std::size_t i = 0; i < tail.size(); ++i)
    require(tail[i].text == whole[whole.size() - tail.size() + i].text, "the tail is the end");
}

std::string written(const std::filesystem::path& file, std::string_view text, std::size_t piece,
                    std::uint64_t largest) {
  std::filesystem::remove(file);
  AttemptLog log(file, {.secrets = {plumb::Secret(std::string(kSecret))}, .largest = largest});
  for (std::size_t at = 0; at < text.size(); at += piece) log.output(LogStream::Out, text.substr(at, piece), {});
  log.close({});
  return plumb::read_file(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const plumb::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "log";
  std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::size_t page = data[0] % 16u + 1;
  std::uint64_t largest = data[1] < 128 ? 1u << 20 : data[1] * 2u;

  plumb::write_scratch_file(file, text);
  check_reading(file, page);

  // "#" stands for the secret, so that it is found often.
  for (std::size_t at = text.find('#'); at != std::string::npos; at = text.find('#', at + kSecret.size()))
    text.replace(at, 1, kSecret);
  std::string log = written(file, text, page, largest);
  require(log.find(kSecret) == std::string::npos, "the secret is masked");
  require(log.empty() || log.back() == '\n', "every line has its end");
  for (const LogLine& line : read_all(file, {})) require(line.at == plumb::Instant{}, "every line has the form");
  check_reading(file, page);
  require(written(file, text, 1u << 20, largest) == log, "pieces make no difference");
  return 0;
}
