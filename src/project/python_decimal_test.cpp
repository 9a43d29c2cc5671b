#include "project/python_testing.h"

namespace plumb::project {
namespace {

// Expectations are what CPython 3.11 prints.
class PythonDecimal : public PythonModules {
 protected:
  PythonDecimal() {
    for (const auto& [name, text] :
         {std::pair("price", "12.30"), {"half", "2.5"}, {"big", "1E+40"}, {"zero", "0.00"}}) {
      context_.set(name, python_decimal(text));
    }
  }
};

TEST_F(PythonDecimal, computes_exactly_to_28_digits) {
  EXPECT_EQ(of("price * 3, price + 1, -price"), "(Decimal('36.90'), Decimal('13.30'), Decimal('-12.30'))");
  EXPECT_EQ(of("1 / (price - price + 3)"), "0.3333333333333333333333333333");
  EXPECT_EQ(of("big + price"), "1.000000000000000000000000000E+40");
  EXPECT_EQ(of("price // 5, price % 5, half ** 2"), "(Decimal('2'), Decimal('2.30'), Decimal('6.25'))");
  EXPECT_EQ(of("[price, 2, half]|sum, [price, 2.5, 1]|max"), "(Decimal('16.80'), Decimal('12.30'))");
  EXPECT_EQ(of("half.sqrt()"), "1.581138830084189665999446772");
}

TEST_F(PythonDecimal, compares_and_hashes_by_value) {
  EXPECT_EQ(of("half == 2.5, half < 3, zero == 0, price in [12.3]"), "(True, True, True, False)");
  EXPECT_EQ(of("[half, half * 1, price]|unique|list|length"), "2");
  EXPECT_EQ(of("1 if zero else 2"), "2");
}

TEST_F(PythonDecimal, rounds_and_converts) {
  EXPECT_EQ(of("half|round, price|round(1), price|int, price|float"), "(Decimal('2'), Decimal('12.3'), 12, 12.3)");
  EXPECT_EQ(of("half.quantize(price, 'ROUND_HALF_UP'), half.to_integral_value('ROUND_UP')"),
            "(Decimal('2.50'), Decimal('3'))");
  EXPECT_EQ(of("'{:,.3f} {:>8} {:.1e}'.format(big / 10**36, price, price)"), "10,000.000    12.30 1.2e+1");
  EXPECT_EQ(of("price.as_tuple()"), "DecimalTuple(sign=0, digits=(1, 2, 3, 0), exponent=-2)");
}

TEST_F(PythonDecimal, says_what_can_not_be_in_pythons_words) {
  EXPECT_EQ(of("price + 1.5"), "TypeError: unsupported operand type(s) for +: 'decimal.Decimal' and 'float'");
  EXPECT_EQ(of("price / 0"), "DivisionByZero: [<class 'decimal.DivisionByZero'>]");
  EXPECT_EQ(of("zero / 0"), "InvalidOperation: [<class 'decimal.DivisionUndefined'>]");
  EXPECT_EQ(of("big.quantize(price)"), "InvalidOperation: [<class 'decimal.InvalidOperation'>]");
}

}  // namespace
}  // namespace plumb::project
