// libcurl, opened when the first request is made. (Private to base.)
//
// Linked, it would cost every start of the program 3 ms and 6 MB (it brings LDAP, Kerberos, SSH and their like), which
// is half of what `plumb --version` may take. So its functions are found by name, in one small table whose types are
// those of curl's own header.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace plumb {

struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_reset) easy_reset;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_wakeup) multi_wakeup;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_strerror) multi_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
};

// Opens and initialises it at the first call, from whichever thread. Throws Error(NotFound) when it is not there.
const Curl& get_curl();

struct EasyDeleter {
  void operator()(CURL* easy) const { get_curl().easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { get_curl().multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { get_curl().slist_free_all(list); }
};

}  // namespace plumb
