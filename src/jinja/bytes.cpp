#include "jinja/bytes.h"

#include "base/format.h"
#include "jinja/encodings.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/string_search.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

const std::string& bytes_of(const Value& self) {
  return self.find_object<Bytes>()->bytes();
}

Value decode(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"encoding", "errors"};
  Value bound[2];
  bind_parameters({"decode", kNames}, arguments, bound);
  const std::string_view encoding = given(bound[0]) ? checked_text("decode() argument 'encoding'", bound[0]) : "utf-8";
  const std::string_view errors = given(bound[1]) ? checked_text("decode() argument 'errors'", bound[1]) : "strict";
  return decode_text(bytes_of(self), encoding, errors);
}

// A separator stands between groups, counted from the end unless the group's size is negative.
Value hex(State& state, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"sep", "bytes_per_sep"};
  Value bound[2];
  bind_parameters({"hex", kNames}, arguments, bound);
  std::string separator;
  if (given(bound[0])) {
    if (length(state, bound[0]) != 1) raise_value_error("sep must be length 1.");
    separator = text_argument(bound[0], "sep must be str or bytes.");
  }
  const std::int64_t group = given(bound[1]) ? int_argument(bound[1]) : 1;
  const std::string& bytes = bytes_of(self);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto size = static_cast<std::size_t>(group < 0 ? -group : group);
    const std::size_t distance = group < 0 ? i : bytes.size() - i;
    if (i > 0 && size > 0 && distance % size == 0) out += separator;
    out += "0123456789abcdef"[static_cast<unsigned char>(bytes[i]) >> 4];
    out += "0123456789abcdef"[bytes[i] & 15];
  }
  return out;
}

constexpr Method kMethods[] = {
    {"decode", decode, Takes::Everything},
    {"hex", hex, Takes::Everything},
};

class BytesIterator final : public Iterator {
 public:
  explicit BytesIterator(Value bytes) : bytes_(std::move(bytes)) {}
  std::optional<Value> next(State&) override {
    const std::string& bytes = bytes_of(bytes_);
    if (position_ == bytes.size()) return std::nullopt;
    return Value(static_cast<int>(static_cast<unsigned char>(bytes[position_++])));
  }

 private:
  const Value bytes_;
  std::size_t position_ = 0;
};

}  // namespace

std::optional<Value> Bytes::find_attribute(State&, std::string_view name) {
  const Method* method = find_method(kMethods, name);
  if (method == nullptr) return std::nullopt;
  return bind_method(*method, "bytes", Ref<Object>(this));
}

std::optional<Value> Bytes::find_item(State&, const Value& key) {
  if (!key.is_integral()) return std::nullopt;
  std::int64_t index = clip_to_int64(key);
  if (index < 0) index += static_cast<std::int64_t>(bytes_.size());
  if (index < 0 || std::cmp_greater_equal(index, bytes_.size())) return std::nullopt;
  return Value(static_cast<int>(static_cast<unsigned char>(bytes_[static_cast<std::size_t>(index)])));
}

std::optional<Value> Bytes::slice(State& state, const Value& start, const Value& stop, const Value& step) {
  const Value items = Value::list(to_vector(state, Ref<Object>(this)));
  std::string cut;
  for (const Value& byte : jinja::slice(state, items, start, stop, step).items()) {
    cut += static_cast<char>(byte.as_int());
  }
  return make<Bytes>(std::move(cut));
}

std::unique_ptr<Iterator> Bytes::iterate(State&) {
  return std::make_unique<BytesIterator>(Ref<Object>(this));
}

std::optional<std::size_t> Bytes::length(State&) {
  return bytes_.size();
}

std::optional<bool> Bytes::contains(State&, const Value& item) {
  if (const auto* part = item.find_object<Bytes>()) return find_text(bytes_, part->bytes_) != std::string_view::npos;
  if (!item.is_integral()) {
    raise_type_error(plumb::format("a bytes-like object is required, not '{}'", jinja::type_name(item)));
  }
  const std::int64_t byte = clip_to_int64(item);
  if (byte < 0 || byte > 255) raise_value_error("byte must be in range(0, 256)");
  return bytes_.find(static_cast<char>(byte)) != std::string::npos;
}

std::optional<bool> Bytes::equals(State&, const Value& other) {
  const auto* bytes = other.find_object<Bytes>();
  return bytes != nullptr && bytes->bytes_ == bytes_;
}

std::optional<std::partial_ordering> Bytes::compare(State&, const Value& other) {
  const auto* bytes = other.find_object<Bytes>();
  if (bytes == nullptr) return std::nullopt;
  return std::partial_ordering(bytes_ <=> bytes->bytes_);
}

std::optional<std::size_t> Bytes::hash() const {
  return std::hash<std::string>()(bytes_);
}

std::optional<Value> Bytes::operate(State& state, BinaryOperator op, const Value& other, bool reflected) {
  if (op == BinaryOperator::Add && !reflected) {
    const auto* bytes = other.find_object<Bytes>();
    if (bytes == nullptr) raise_type_error(plumb::format("can't concat {} to bytes", jinja::type_name(other)));
    return make<Bytes>(bytes_ + bytes->bytes_);
  }
  if (op != BinaryOperator::Multiply || !other.is_integral()) return std::nullopt;
  const std::int64_t times = bytes_.empty() ? 0 : std::max<std::int64_t>(clip_to_int64(other), 0);
  const auto count = static_cast<std::size_t>(times);
  state.reserve(count > SIZE_MAX / 2 / (bytes_.size() + 1) ? SIZE_MAX / 2 : bytes_.size() * count);
  std::string repeated;
  for (std::size_t i = 0; i < count; ++i) repeated += bytes_;
  return make<Bytes>(std::move(repeated));
}

bool Bytes::truth(State&) {
  return !bytes_.empty();
}

std::string Bytes::repr(State&) {
  const bool has_single = bytes_.find('\'') != std::string::npos;
  const char quote = has_single && bytes_.find('"') == std::string::npos ? '"' : '\'';
  std::string out = std::string("b") + quote;
  for (const char c : bytes_) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < ' ' || byte >= 0x7F) {
      out += plumb::format("\\x{:02x}", static_cast<unsigned>(byte));
    } else {
      out += c;
    }
  }
  return out + quote;
}

}  // namespace plumb::jinja
