#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

struct Range {
  char32_t first, last;
};
template <std::size_t N>
bool among(const Range (&ranges)[N], char32_t code_point) {
  const Range* range = std::upper_bound(std::begin(ranges), std::end(ranges), code_point,
                                        [](char32_t wanted, const Range& each) { return wanted < each.first; });
  return range != std::begin(ranges) && code_point <= std::prev(range)->last;
}

// utf8proc knows categories, of Unicode 15. The rest is told here, as differences from what the categories say.
// clang-format off
// New in Unicode 15.
constexpr Range kNotYetAssigned[] = {
    {0xCF3, 0xCF3}, {0xECE, 0xECE}, {0x10EFD, 0x10EFF}, {0x1123F, 0x11241}, {0x11B00, 0x11B09}, {0x11F00, 0x11F10},
    {0x11F12, 0x11F3A}, {0x11F3E, 0x11F59}, {0x1342F, 0x1342F}, {0x13439, 0x13455}, {0x1B132, 0x1B132}, {0x1B155,
    0x1B155}, {0x1D2C0, 0x1D2D3}, {0x1DF25, 0x1DF2A}, {0x1E030, 0x1E06D}, {0x1E08F, 0x1E08F}, {0x1E4D0, 0x1E4F9},
    {0x1F6DC, 0x1F6DC}, {0x1F774, 0x1F776}, {0x1F77B, 0x1F77F}, {0x1F7D9, 0x1F7D9}, {0x1FA75, 0x1FA77}, {0x1FA87,
    0x1FA88}, {0x1FAAD, 0x1FAAF}, {0x1FABB, 0x1FABD}, {0x1FABF, 0x1FABF}, {0x1FACE, 0x1FACF}, {0x1FADA, 0x1FADB},
    {0x1FAE8, 0x1FAE8}, {0x1FAF7, 0x1FAF8}, {0x2B739, 0x2B739}, {0x31350, 0x323AF}};
// Lowercase, but not of category Ll.
constexpr Range kOtherLower[] = {
    {0xAA, 0xAA}, {0xBA, 0xBA}, {0x2B0, 0x2B8}, {0x2C0, 0x2C1}, {0x2E0, 0x2E4}, {0x345, 0x345}, {0x37A, 0x37A},
    {0x1D2C, 0x1D6A}, {0x1D78, 0x1D78}, {0x1D9B, 0x1DBF}, {0x2071, 0x2071}, {0x207F, 0x207F}, {0x2090, 0x209C},
    {0x2170, 0x217F}, {0x24D0, 0x24E9}, {0x2C7C, 0x2C7D}, {0xA69C, 0xA69D}, {0xA770, 0xA770}, {0xA7F8, 0xA7F9},
    {0xAB5C, 0xAB5F}, {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}};
// Uppercase, but not of category Lu.
constexpr Range kOtherUpper[] = {
    {0x2160, 0x216F}, {0x24B6, 0x24CF}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
// Digits that make no decimal number: superscripts, circled ones.
constexpr Range kOtherDigits[] = {
    {0xB2, 0xB3}, {0xB9, 0xB9}, {0x1369, 0x1371}, {0x19DA, 0x19DA}, {0x2070, 0x2070}, {0x2074, 0x2079}, {0x2080,
    0x2089}, {0x2460, 0x2468}, {0x2474, 0x247C}, {0x2488, 0x2490}, {0x24EA, 0x24EA}, {0x24F5, 0x24FD}, {0x24FF,
    0x24FF}, {0x2776, 0x277E}, {0x2780, 0x2788}, {0x278A, 0x2792}, {0x10A40, 0x10A43}, {0x10E60, 0x10E68}, {0x11052,
    0x1105A}, {0x1F100, 0x1F10A}};
// Letters that are numbers, mostly Chinese.
constexpr Range kNumericLetters[] = {
    {0x3405, 0x3405}, {0x3483, 0x3483}, {0x382A, 0x382A}, {0x3B4D, 0x3B4D}, {0x4E00, 0x4E00}, {0x4E03, 0x4E03},
    {0x4E07, 0x4E07}, {0x4E09, 0x4E09}, {0x4E5D, 0x4E5D}, {0x4E8C, 0x4E8C}, {0x4E94, 0x4E94}, {0x4E96, 0x4E96},
    {0x4EBF, 0x4EC0}, {0x4EDF, 0x4EDF}, {0x4EE8, 0x4EE8}, {0x4F0D, 0x4F0D}, {0x4F70, 0x4F70}, {0x5104, 0x5104},
    {0x5146, 0x5146}, {0x5169, 0x5169}, {0x516B, 0x516B}, {0x516D, 0x516D}, {0x5341, 0x5341}, {0x5343, 0x5345},
    {0x534C, 0x534C}, {0x53C1, 0x53C4}, {0x56DB, 0x56DB}, {0x58F1, 0x58F1}, {0x58F9, 0x58F9}, {0x5E7A, 0x5E7A},
    {0x5EFE, 0x5EFF}, {0x5F0C, 0x5F0E}, {0x5F10, 0x5F10}, {0x62FE, 0x62FE}, {0x634C, 0x634C}, {0x67D2, 0x67D2},
    {0x6F06, 0x6F06}, {0x7396, 0x7396}, {0x767E, 0x767E}, {0x8086, 0x8086}, {0x842C, 0x842C}, {0x8CAE, 0x8CAE},
    {0x8CB3, 0x8CB3}, {0x8D30, 0x8D30}, {0x9621, 0x9621}, {0x9646, 0x9646}, {0x964C, 0x964C}, {0x9678, 0x9678},
    {0x96F6, 0x96F6}, {0xF96B, 0xF96B}, {0xF973, 0xF973}, {0xF978, 0xF978}, {0xF9B2, 0xF9B2}, {0xF9D1, 0xF9D1},
    {0xF9D3, 0xF9D3}, {0xF9FD, 0xF9FD}, {0x20001, 0x20001}, {0x20064, 0x20064}, {0x200E2, 0x200E2}, {0x20121,
    0x20121}, {0x2092A, 0x2092A}, {0x20983, 0x20983}, {0x2098C, 0x2098C}, {0x2099C, 0x2099C}, {0x20AEA, 0x20AEA},
    {0x20AFD, 0x20AFD}, {0x20B19, 0x20B19}, {0x22390, 0x22390}, {0x22998, 0x22998}, {0x23B1B, 0x23B1B}, {0x2626D,
    0x2626D}, {0x2F890, 0x2F890}};
// Beyond letters and letter numbers, and the letters that are none in identifiers: their normal form has a space.
constexpr Range kOtherStart[] = {
    {0x5F, 0x5F}, {0x1885, 0x1886}, {0x2118, 0x2118}, {0x212E, 0x212E}};
constexpr Range kNotStart[] = {
    {0x37A, 0x37A}, {0xE33, 0xE33}, {0xEB3, 0xEB3}, {0x2E2F, 0x2E2F}, {0xFC5E, 0xFC63}, {0xFDFA, 0xFDFB}, {0xFE70,
    0xFE70}, {0xFE72, 0xFE72}, {0xFE74, 0xFE74}, {0xFE76, 0xFE76}, {0xFE78, 0xFE78}, {0xFE7A, 0xFE7A}, {0xFE7C,
    0xFE7C}, {0xFE7E, 0xFE7E}, {0xFF9E, 0xFF9F}};
constexpr Range kOtherPart[] = {
    {0xB7, 0xB7}, {0x387, 0x387}, {0x1369, 0x1371}, {0x19DA, 0x19DA}, {0x2118, 0x2118}, {0x212E, 0x212E}};
constexpr Range kNotPart[] = {
    {0x37A, 0x37A}, {0x2E2F, 0x2E2F}, {0xFC5E, 0xFC63}, {0xFDFA, 0xFDFB}, {0xFE70, 0xFE70}, {0xFE72, 0xFE72},
    {0xFE74, 0xFE74}, {0xFE76, 0xFE76}, {0xFE78, 0xFE78}, {0xFE7A, 0xFE7A}, {0xFE7C, 0xFE7C}, {0xFE7E, 0xFE7E}};
// clang-format on

utf8proc_category_t category(char32_t code_point) {
  if (code_point >= kNotYetAssigned[0].first && among(kNotYetAssigned, code_point)) return UTF8PROC_CATEGORY_CN;
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
}
bool in_ascii(char32_t code_point, char first, char last) {
  return code_point >= static_cast<unsigned char>(first) && code_point <= static_cast<unsigned char>(last);
}
bool is_letter(utf8proc_category_t category) {
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

}  // namespace

bool is_space(char32_t code_point) {
  if (code_point < 0x80) return code_point == ' ' || in_ascii(code_point, 9, 13) || in_ascii(code_point, 28, 31);
  return code_point == 0x85 || category(code_point) == UTF8PROC_CATEGORY_ZS || code_point == 0x2028 ||
         code_point == 0x2029;
}

bool is_alpha(char32_t code_point) {
  if (code_point < 0x80) return in_ascii(code_point | 0x20, 'a', 'z');
  return is_letter(category(code_point));
}

bool is_decimal(char32_t code_point) {
  if (code_point < 0x80) return in_ascii(code_point, '0', '9');
  return category(code_point) == UTF8PROC_CATEGORY_ND;
}

bool is_digit(char32_t code_point) {
  return is_decimal(code_point) || (code_point >= 0x80 && among(kOtherDigits, code_point));
}

bool is_numeric(char32_t code_point) {
  if (code_point < 0x80) return in_ascii(code_point, '0', '9');
  const utf8proc_category_t found = category(code_point);
  if (found == UTF8PROC_CATEGORY_LO) return among(kNumericLetters, code_point);
  return found == UTF8PROC_CATEGORY_ND || found == UTF8PROC_CATEGORY_NL || found == UTF8PROC_CATEGORY_NO;
}

bool is_printable(char32_t code_point) {
  if (code_point < 0x80) return in_ascii(code_point, ' ', '~');
  switch (category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

bool is_lower(char32_t code_point) {
  if (code_point < 0x80) return in_ascii(code_point, 'a', 'z');
  return category(code_point) == UTF8PROC_CATEGORY_LL || among(kOtherLower, code_point);
}

bool is_upper(char32_t code_point) {
  if (code_point < 0x80) return in_ascii(code_point, 'A', 'Z');
  return category(code_point) == UTF8PROC_CATEGORY_LU || among(kOtherUpper, code_point);
}

bool is_title(char32_t code_point) {
  return code_point >= 0x80 && category(code_point) == UTF8PROC_CATEGORY_LT;
}

bool is_cased(char32_t code_point) {
  return is_lower(code_point) || is_upper(code_point) || is_title(code_point);
}

bool is_case_ignorable(char32_t code_point) {
  switch (code_point) {
    case 0x27:
    case 0x2E:
    case 0x3A:
    case 0xB7:
    case 0x387:
    case 0x55F:
    case 0x5F4:
    case 0x2018:
    case 0x2019:
    case 0x2024:
    case 0x2027:
    case 0xFE13:
    case 0xFE52:
    case 0xFE55:
    case 0xFF07:
    case 0xFF0E:
    case 0xFF1A:
      return true;
    default:
      break;
  }
  switch (category(code_point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return false;
  }
}

bool is_identifier_start(char32_t code_point) {
  if (code_point < 0x80) return in_ascii(code_point | 0x20, 'a', 'z') || code_point == '_';
  const utf8proc_category_t found = category(code_point);
  if (is_letter(found) || found == UTF8PROC_CATEGORY_NL) return !among(kNotStart, code_point);
  return among(kOtherStart, code_point);
}

bool is_identifier_part(char32_t code_point) {
  if (code_point < 0x80) return is_identifier_start(code_point) || in_ascii(code_point, '0', '9');
  const utf8proc_category_t found = category(code_point);
  if (is_letter(found) || found == UTF8PROC_CATEGORY_NL || found == UTF8PROC_CATEGORY_MN ||
      found == UTF8PROC_CATEGORY_MC || found == UTF8PROC_CATEGORY_ND || found == UTF8PROC_CATEGORY_PC) {
    return !among(kNotPart, code_point);
  }
  return among(kOtherPart, code_point);
}

int decimal_value(char32_t code_point) {
  if (in_ascii(code_point, '0', '9')) return static_cast<int>(code_point - '0');
  if (code_point < 0x80 || !is_decimal(code_point)) return -1;
  // The digits of a script stand together, ten by ten, 0 first; the mathematical ones are five such rows.
  if (code_point >= 0x1D7CE && code_point <= 0x1D7FF) return static_cast<int>((code_point - 0x1D7CE) % 10);
  char32_t zero = code_point;
  while (code_point - zero < 9 && is_decimal(zero - 1)) --zero;
  return static_cast<int>(code_point - zero);
}

}  // namespace plumb::jinja
