// Templates in a program of your own: values in, text out, and a thing of the program's as an object in templates.
//
//     jinja_render                       prints an invoice
//     jinja_render '{{ 6 * 7 }}'         renders its argument, with `order` in reach
#include <cstdio>

#include "jinja/jinja.h"

using namespace plumb::jinja;

namespace {

// Money knows its currency, adds up and formats itself: a template sees it as Python would a class of yours.
class Money final : public Object {
 public:
  Money(std::int64_t cents, std::string currency) : cents_(cents), currency_(std::move(currency)) {}

  std::string_view type_name() const override { return "Money"; }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "cents") return Value(cents_);
    if (name == "currency") return Value(currency_);
    return std::nullopt;
  }
  using Object::operate;  // the unary ones stay as they are
  std::optional<Value> operate(State&, BinaryOperator op, const Value& other, bool) override {
    if (op == BinaryOperator::Multiply && other.is_int()) return money(cents_ * other.as_int());
    auto* more = other.find_object<Money>();
    if (op == BinaryOperator::Add && more != nullptr) return money(cents_ + more->cents_);
    return std::nullopt;  // "unsupported operand type(s) for -: 'Money' and 'int'"
  }
  std::string str(State&) override {
    const auto text =
        std::to_string(cents_ / 100) + "." + (cents_ % 100 < 10 ? "0" : "") + std::to_string(cents_ % 100);
    return text + " " + currency_;
  }

 private:
  Value money(std::int64_t cents) const { return make<Money>(cents, currency_); }
  std::int64_t cents_;
  std::string currency_;
};

Value line(const char* what, int count, std::int64_t cents) {
  return Value::dict({{"what", what}, {"count", count}, {"price", make<Money>(cents, "EUR")}});
}

constexpr const char* kInvoice = R"({% set sum = namespace(total=none) -%}
Invoice for {{ order.customer|title }}
{% for line in order.lines %}
{%- set amount = line.price * line.count %}
{{ "%2d x %-12s %s"|format(line.count, line.what, amount) }}
{%- set sum.total = amount if sum.total is none else sum.total + amount %}
{%- endfor %}
Total {{ sum.total }}, due {{ in_days(14) }}
)";

}  // namespace

int main(int count, char** words) {
  Environment environment;
  environment.set_global("in_days", make_function("in_days", [](State&, Arguments arguments) {
                           static const Signature kInDays{"in_days", {"days"}, 1};
                           auto [days] = bind<1>(kInDays, arguments);
                           return Value("in " + std::to_string(days.as_int()) + " days");
                         }));
  auto order =
      Value::dict({{"customer", "ada lovelace"}, {"lines", Value::list({line("tea", 2, 350), line("cups", 6, 899)})}});
  try {
    auto page = environment.parse(count > 1 ? words[1] : kInvoice, "invoice");
    std::puts(page->render(Context().set("order", order)).c_str());
  } catch (const plumb::Error& error) {
    std::fprintf(stderr, "%s\n", error.render().c_str());
    return 1;
  }
}
