#include <utf8proc.h>

#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

char32_t simple_lower(char32_t code_point) {
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code_point)));
}
char32_t simple_upper(char32_t code_point) {
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(code_point)));
}
char32_t simple_title(char32_t code_point) {
  return static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(code_point)));
}

// Unicode's full case folding: one to three code points.
struct Folded {
  utf8proc_int32_t code_points[4] = {};
  std::size_t count = 0;
};
Folded fold(char32_t code_point) {
  Folded folded;
  int boundary = 0;
  const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), folded.code_points, 4,
                                             UTF8PROC_CASEFOLD, &boundary);
  folded.count = count > 0 && count <= 4 ? static_cast<std::size_t>(count) : 0;
  if (folded.count == 0) {
    folded.code_points[0] = static_cast<utf8proc_int32_t>(code_point);
    folded.count = 1;
  }
  return folded;
}

// What has no single upper case letter ("ß", "ﬁ") has the upper case of the letters it folds to.
void append_upper(std::string& out, char32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point >= 'a' && code_point <= 'z' ? code_point - 32 : code_point);
    return;
  }
  if (!is_upper(code_point)) {
    const Folded folded = fold(code_point);
    if (folded.count > 1) {
      for (std::size_t i = 0; i < folded.count; ++i) {
        append_code_point(out, simple_upper(static_cast<char32_t>(folded.code_points[i])));
      }
      return;
    }
  }
  append_code_point(out, simple_upper(code_point));
}

void append_title(std::string& out, char32_t code_point) {
  constexpr char32_t kIota = 0x3B9, kIotaBelow = 0x345, kApostropheN = 0x149;
  const char32_t title = simple_title(code_point);
  if (code_point < 0x80 || is_upper(code_point) || is_title(title)) {
    append_code_point(out, title);
    return;
  }
  const Folded folded = fold(code_point);
  if (folded.count == 1) {
    append_code_point(out, title);
    return;
  }
  append_code_point(out, simple_title(static_cast<char32_t>(folded.code_points[0])));
  for (std::size_t i = 1; i < folded.count; ++i) {
    const auto next = static_cast<char32_t>(folded.code_points[i]);
    if (code_point == kApostropheN) {
      append_code_point(out, simple_upper(next));
    } else {
      append_code_point(out, next == kIota ? kIotaBelow : next);
    }
  }
}

// Is the capital sigma from `begin` to `end` the last letter of a word?
bool ends_word(std::string_view text, std::size_t begin, std::size_t end) {
  bool after_letter = false;
  while (begin > 0) {
    const char32_t before = previous_code_point(text, begin);
    if (is_case_ignorable(before)) continue;
    after_letter = is_cased(before);
    break;
  }
  if (!after_letter) return false;
  while (end < text.size()) {
    const char32_t after = next_code_point(text, end);
    if (!is_case_ignorable(after)) return !is_cased(after);
  }
  return true;
}

void append_lower(std::string& out, std::string_view text, std::size_t begin, std::size_t end, char32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point);
  } else if (code_point == 0x3A3) {
    append_code_point(out, ends_word(text, begin, end) ? 0x3C2 : 0x3C3);
  } else if (code_point == 0x130) {
    out += "i\u0307";
  } else {
    append_code_point(out, simple_lower(code_point));
  }
}

// Calls map(out, begin, end, code point) for each code point; bytes that are no text stay as they are.
template <class Map>
std::string map_code_points(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t begin = position;
    const char32_t code_point = next_code_point(text, position);
    if (code_point == 0xFFFD) {
      out += text.substr(begin, position - begin);
    } else {
      map(out, begin, position, code_point);
    }
  }
  return out;
}

}  // namespace

std::string to_lower(std::string_view text) {
  if (is_ascii(text)) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
  }
  return map_code_points(text, [text](std::string& out, std::size_t begin, std::size_t end, char32_t code_point) {
    append_lower(out, text, begin, end, code_point);
  });
}

std::string to_upper(std::string_view text) {
  if (is_ascii(text)) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return out;
  }
  return map_code_points(
      text, [](std::string& out, std::size_t, std::size_t, char32_t code_point) { append_upper(out, code_point); });
}

std::string to_title(std::string_view text) {
  bool in_word = false;
  return map_code_points(text, [&](std::string& out, std::size_t begin, std::size_t end, char32_t code_point) {
    if (in_word) {
      append_lower(out, text, begin, end, code_point);
    } else {
      append_title(out, code_point);
    }
    in_word = is_cased(code_point);
  });
}

std::string to_capitalized(std::string_view text) {
  return map_code_points(text, [text](std::string& out, std::size_t begin, std::size_t end, char32_t code_point) {
    if (begin == 0) {
      append_title(out, code_point);
    } else {
      append_lower(out, text, begin, end, code_point);
    }
  });
}

std::string to_swapped_case(std::string_view text) {
  return map_code_points(text, [text](std::string& out, std::size_t begin, std::size_t end, char32_t code_point) {
    if (is_upper(code_point)) {
      append_lower(out, text, begin, end, code_point);
    } else if (is_lower(code_point)) {
      append_upper(out, code_point);
    } else {
      append_code_point(out, code_point);
    }
  });
}

std::string to_casefold(std::string_view text) {
  if (is_ascii(text)) return to_lower(text);
  return map_code_points(text, [](std::string& out, std::size_t, std::size_t, char32_t code_point) {
    const Folded folded = fold(code_point);
    for (std::size_t i = 0; i < folded.count; ++i) {
      append_code_point(out, static_cast<char32_t>(folded.code_points[i]));
    }
  });
}

}  // namespace plumb::jinja
