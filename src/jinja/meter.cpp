#include "jinja/meter.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "jinja/errors.h"

namespace plumb::jinja {
namespace {

thread_local constinit Meter* current = nullptr;

}  // namespace

Meter::Scope::Scope(Meter& meter) : before_(std::exchange(current, &meter)) {}
Meter::Scope::~Scope() {
  current = before_;
}

void Meter::refuse() const {
  constexpr double kMiB = 1024.0 * 1024.0;
  raise("LimitError", format("the template's values need more than {:.4g} MiB of memory", double(limit_) / kMiB));
}

void Charge::resize(std::size_t bytes) {
  Meter* meter = current;
  if (!meter || bytes == bytes_) return;
  if (bytes > bytes_) {
    meter->reserve(bytes - bytes_);
    meter->used_ += bytes - bytes_;
  } else {
    meter->used_ -= std::min(meter->used_, bytes_ - bytes);
  }
  bytes_ = bytes;
}

void Charge::release() noexcept {
  if (bytes_ == 0) return;
  if (Meter* meter = current) meter->used_ -= std::min(meter->used_, bytes_);
}

}  // namespace plumb::jinja
