#include "project/macro_links.h"

#include <algorithm>

namespace plumb::project {

namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9') || c == '.';
}

class CallScan {
 public:
  CallScan(const MacroCatalog& catalog, const CatalogMacro& macro)
      : catalog_(catalog), macro_(macro), text_(macro.code) {}

  std::vector<std::string> run() {
    // What stands in the macro's own tag is its name and its parameters.
    at_ = text_.find("%}");
    while (at_ < text_.size()) {
      std::size_t open = text_.find('{', at_);
      if (open == std::string_view::npos || open + 1 == text_.size()) break;
      char kind = text_[open + 1];
      at_ = open + 2;
      if (kind == '#') {
        std::size_t end = text_.find("#}", at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (kind == '{') {
        scan_tag("}}");
      } else if (kind == '%') {
        scan_tag("%}");
      } else {
        at_ = open + 1;
      }
    }
    return std::move(found_);
  }

 private:
  void scan_tag(std::string_view end) {
    while (at_ < text_.size() && text_.substr(at_, 2) != end) {
      char c = text_[at_];
      if (c == '"' || c == '\'') {
        read_text();
      } else if (begins_name(c)) {
        scan_name();
      } else {
        ++at_;
      }
    }
    at_ = std::min(at_ + 2, text_.size());
  }

  std::string_view read_text() {
    char quote = text_[at_++];
    std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != quote) at_ += text_[at_] == '\\' ? 2 : 1;
    std::string_view inside = text_.substr(begin, std::min(at_, text_.size()) - begin);
    at_ = std::min(at_ + 1, text_.size());
    return inside;
  }

  void scan_name() {
    std::size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    std::string_view name = text_.substr(begin, at_ - begin);
    if (at_ == text_.size() || text_[at_] != '(' || is_filter_or_method(begin)) return;
    if (name == "adapter.dispatch") {
      note_dispatch();
      return;
    }
    std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
      note(catalog_.find(macro_.package, name));
    } else if (const MacroNames* package = catalog_.find_package(name.substr(0, dot))) {
      auto macro = package->find(name.substr(dot + 1));
      if (macro != package->end()) note(macro->second);
    }
  }

  // `| length(…)` and `).length(…)` are no macro's.
  bool is_filter_or_method(std::size_t name) const {
    std::size_t before = text_.find_last_not_of(" \t\r\n", name - 1);
    return text_[before] == '|' || text_[before] == '.';
  }

  // dispatch('name', 'package') and dispatch(macro_name='name', macro_namespace='package')
  void note_dispatch() {
    std::string_view arguments[2];
    std::size_t given = 0;
    ++at_;
    while (at_ < text_.size() && text_[at_] != ')') {
      char c = text_[at_];
      if (c == '"' || c == '\'') {
        std::string_view text = read_text();
        if (given < 2) arguments[given++] = text;
      } else if (c == '(' || c == '[') {
        return;  // made up as it runs: nobody can tell
      } else {
        ++at_;
      }
    }
    if (given != 0) note(catalog_.dispatch(macro_.package, arguments[0], arguments[1]).macro);
  }

  void note(const CatalogMacro* macro) {
    if (macro == nullptr) return;
    if (std::find(found_.begin(), found_.end(), macro->unique_id) == found_.end()) found_.push_back(macro->unique_id);
  }

  const MacroCatalog& catalog_;
  const CatalogMacro& macro_;
  const std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> find_macro_calls(const MacroCatalog& catalog, const CatalogMacro& macro) {
  return CallScan(catalog, macro).run();
}

}  // namespace plumb::project
