#include "workflow/tasks/libssh.h"

#include <dlfcn.h>

#include "base/error.h"
#include "base/format.h"

namespace plumb::workflow {
namespace {

template <class Function>
void take(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    throw Error(ErrorKind::Config, format("the SSH library libssh.so.4 lacks {}", name),
                {.hint = "install libssh-4 of version 0.9 or newer"});
  }
}

}  // namespace

std::shared_ptr<const LibSsh> open_libssh() {
  // Never closed again: OpenSSL, which comes with it, has something to do when the process ends.
  void* library = dlopen("libssh.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    throw Error(ErrorKind::NotFound, "can't find the SSH library libssh.so.4",
                {.hint = "install it: apt-get install libssh-4", .cause = dlerror()});
  }
  auto ssh = std::make_shared<LibSsh>();
#define PLUMB_LIBSSH_TAKE(name) take(library, "ssh_" #name, ssh->name##_);
  PLUMB_LIBSSH_FUNCTIONS(PLUMB_LIBSSH_TAKE)
#undef PLUMB_LIBSSH_TAKE
  return ssh;
}

}  // namespace plumb::workflow
