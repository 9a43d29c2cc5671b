#include "db/libpq.h"

#include <dlfcn.h>

#include "base/error.h"
#include "base/format.h"

namespace plumb::db {
namespace {

template <class Function>
void take(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    throw Error(ErrorKind::Config, format("the Postgres library libpq.so.5 lacks {}", name),
                {.hint = "install libpq5 of Postgres 10 or newer"});
  }
}

}  // namespace

std::shared_ptr<const LibPq> open_libpq() {
  // Never closed again: OpenSSL, which comes with it, has something to do when the process ends.
  void* library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    throw Error(ErrorKind::NotFound, "can't find the Postgres library libpq.so.5",
                {.hint = "install it: apt-get install libpq5", .cause = dlerror()});
  }
  auto pq = std::make_shared<LibPq>();
#define PLUMB_LIBPQ_TAKE(name) take(library, "PQ" #name, pq->name);
  PLUMB_LIBPQ_FUNCTIONS(PLUMB_LIBPQ_TAKE)
#undef PLUMB_LIBPQ_TAKE
  return pq;
}

}  // namespace plumb::db
