#include "project/yaml_moment.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::project {
namespace {

// Reads one part after the other; a part that does not fit makes the whole unfit.
class MomentText {
 public:
  explicit MomentText(std::string_view text) : text_(text) {}

  std::optional<std::string> read() {
    std::string year = digits(4, 4), month = after('-', 1), day = after('-', 1);
    if (!take_any("Tt") && skip_blanks() == 0) fits_ = false;
    std::string hour = digits(1, 2), minute = after(':', 2), second = after(':', 2);
    std::string fraction = read_fraction(), zone = read_zone();
    if (!fits_ || !rest().empty()) return std::nullopt;
    return format("{}-{}-{}T{}:{}:{}{}{}", year, two(month), two(day), two(hour), minute, second, fraction, zone);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  static std::string two(const std::string& number) { return number.size() == 1 ? "0" + number : number; }

  std::string digits(std::size_t least, std::size_t most) {
    std::size_t begin = at_;
    while (at_ < text_.size() && at_ - begin < most && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    fits_ = fits_ && at_ - begin >= least;
    return std::string(text_.substr(begin, at_ - begin));
  }
  // One or two digits behind a mark that has to be there.
  std::string after(char mark, std::size_t least) {
    fits_ = take_any(std::string_view(&mark, 1)) && fits_;
    return digits(least, 2);
  }
  bool take_any(std::string_view among) {
    bool there = at_ < text_.size() && among.find(text_[at_]) != std::string_view::npos;
    if (there) ++at_;
    return there;
  }
  std::size_t skip_blanks() {
    std::size_t begin = at_;
    while (take_any(" \t")) continue;
    return at_ - begin;
  }

  // Microseconds, all six digits of them or none.
  std::string read_fraction() {
    if (!take_any(".")) return {};
    std::string micros = digits(0, text_.size());
    micros.resize(6, '0');
    return micros == "000000" ? "" : "." + micros;
  }
  std::string read_zone() {
    skip_blanks();
    if (take_any("Z")) return "+00:00";
    bool west = rest().starts_with('-');
    if (!take_any("+-")) return {};
    std::string hours = two(digits(1, 2));
    std::string minutes = rest().starts_with(':') ? after(':', 2) : "00";
    bool none = hours == "00" && minutes == "00";
    return (west && !none ? "-" : "+") + hours + ":" + minutes;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  bool fits_ = true;
};

bool is_quoted(const plumb::Node& node) {
  Place place = node.place();
  auto at = static_cast<std::size_t>(std::max(0, place.column - place.source_column));
  return at < place.source_line.size() && (place.source_line[at] == '\'' || place.source_line[at] == '"');
}

}  // namespace

std::optional<std::string> find_moment(const plumb::Node& node) {
  if (node.kind() != NodeKind::Text) return std::nullopt;
  auto moment = MomentText(node.scalar()).read();
  return moment && !is_quoted(node) ? moment : std::nullopt;
}

}  // namespace plumb::project
