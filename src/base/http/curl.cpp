#include "base/http/curl.h"

#include <dlfcn.h>

#include "base/error.h"
#include "base/format.h"

namespace plumb {
namespace {

void* open_library() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = dlerror();
    throw Error(ErrorKind::NotFound, "libcurl can't be opened, and without it no service can be reached",
                {.hint = "install it: apt-get install libcurl4", .cause = reason ? reason : ""});
  }
  return library;
}

template <class Function>
void find_function(void* library, const char* name, Function& function) {
  void* symbol = dlsym(library, name);
  if (!symbol) {
    throw Error(ErrorKind::NotFound, format("libcurl has no function {}", name),
                {.hint = "it is older than 7.68: install a newer libcurl4"});
  }
  function = reinterpret_cast<Function>(symbol);
}

// It stays open until the program ends: handles and threads of its own may outlive any owner we could name.
Curl load_curl() {
  void* library = open_library();
  Curl curl{};
  find_function(library, "curl_global_init", curl.global_init);
  find_function(library, "curl_easy_init", curl.easy_init);
  find_function(library, "curl_easy_cleanup", curl.easy_cleanup);
  find_function(library, "curl_easy_perform", curl.easy_perform);
  find_function(library, "curl_easy_reset", curl.easy_reset);
  find_function(library, "curl_easy_setopt", curl.easy_setopt);
  find_function(library, "curl_easy_getinfo", curl.easy_getinfo);
  find_function(library, "curl_easy_strerror", curl.easy_strerror);
  find_function(library, "curl_multi_init", curl.multi_init);
  find_function(library, "curl_multi_cleanup", curl.multi_cleanup);
  find_function(library, "curl_multi_add_handle", curl.multi_add_handle);
  find_function(library, "curl_multi_remove_handle", curl.multi_remove_handle);
  find_function(library, "curl_multi_perform", curl.multi_perform);
  find_function(library, "curl_multi_poll", curl.multi_poll);
  find_function(library, "curl_multi_wakeup", curl.multi_wakeup);
  find_function(library, "curl_multi_info_read", curl.multi_info_read);
  find_function(library, "curl_multi_strerror", curl.multi_strerror);
  find_function(library, "curl_slist_append", curl.slist_append);
  find_function(library, "curl_slist_free_all", curl.slist_free_all);
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw Error(ErrorKind::Internal, "libcurl can't be initialised");
  }
  return curl;
}

}  // namespace

const Curl& get_curl() {
  static const Curl curl = load_curl();
  return curl;
}

}  // namespace plumb
