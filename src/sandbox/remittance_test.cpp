#include "sandbox/remittance.h"

#include <gtest/gtest.h>

namespace plumb::sandbox {
namespace {

TEST(Remittance, A_booked_text_is_numbered_windows_of_37_characters) {
  EXPECT_EQ(booked_remittance({"OBK509157898", "End-to-End-Ref.:", "td5txib5a51a530cc9408d"}),
            "01OBK509157898                       "
            "02End-to-End-Ref.:                   "
            "03td5txib5a51a530cc9408d             ");
}

TEST(Remittance, A_pending_text_is_windows_of_35_characters_without_numbers) {
  EXPECT_EQ(pending_remittance({"JET-Tankstelle Wuppertal DEU", "2026-04-11T13:31:08"}),
            "JET-Tankstelle Wuppertal DEU       "
            "2026-04-11T13:31:08                ");
}

TEST(Remittance, A_long_line_goes_on_in_the_next_window_in_the_middle_of_a_word) {
  EXPECT_EQ(booked_remittance({"AMZN Mktp DE*NI22A6FP4, AMZN.COM BILL  LU"}),
            "01AMZN Mktp DE*NI22A6FP4, AMZN.COM BI"
            "02LL  LU                             ");
}

TEST(Remittance, Windows_count_characters_and_not_bytes) {
  std::string text = booked_remittance({"Größl Größl Größl Größl Größl Größl", "ä"});
  EXPECT_EQ(text.substr(0, 2), "01");
  EXPECT_EQ(text, "01Größl Größl Größl Größl Größl Größl02ä                                  ");
}

TEST(Remittance, Numbers_have_two_digits_beyond_nine_too) {
  std::string text = booked_remittance(std::vector<std::string>(11, "x"));
  EXPECT_EQ(text.size(), 11U * 37U);
  EXPECT_EQ(text.substr(10 * 37, 3), "11x");
}

}  // namespace
}  // namespace plumb::sandbox
