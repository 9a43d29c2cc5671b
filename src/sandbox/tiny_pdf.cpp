#include "sandbox/tiny_pdf.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/format.h"

namespace plumb::sandbox {
namespace {

constexpr std::size_t kMostLines = 50;

// A PDF string: brackets and backslashes escaped, umlauts by their Latin-1 number in octal.
std::string pdf_text(std::string_view text) {
  std::string result = "(";
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if (byte == '(' || byte == ')' || byte == '\\') result += '\\';
      result += text[i];
    } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text.size()) {
      unsigned latin = (byte & 0x03U) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3FU);
      result += format("\\{:03o}", latin);
    } else if (byte >= 0xC0) {
      result += '?';
    }
  }
  return result + ")";
}

std::string page_content(const std::vector<std::string>& lines) {
  std::string content = "BT /F1 11 Tf 14 TL 60 780 Td\n";
  for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) content += pdf_text(lines[i]) + " Tj T*\n";
  return content + "ET\n";
}

}  // namespace

std::string tiny_pdf(const std::vector<std::string>& lines) {
  std::string content = page_content(lines);
  const std::string page =
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>";
  std::vector<std::string> objects = {
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      page,
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
      format("<< /Length {} >>\nstream\n{}endstream", content.size(), content),
  };
  // The binary comment tells file transfers that this is no plain text.
  std::string pdf = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
  std::string table = format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += format("{:010} 00000 n \n", pdf.size());
    pdf += format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  std::size_t start = pdf.size();
  return pdf + table + format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", objects.size() + 1, start);
}

}  // namespace plumb::sandbox
