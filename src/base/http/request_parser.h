// Puts a request together as Beast reads it. (Private to base. Beast's own message can't hold a header of 64 kB, and
// throws.)
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <string>
#include <utility>

#include "base/http/form.h"
#include "base/http_server.h"

namespace plumb {

class RequestParser : public boost::beast::http::basic_parser<true> {
 public:
  ServerRequest take() { return std::move(request_); }
  bool awaits_continue() const {
    const std::string* expect = request_.headers.find("Expect");
    return expect && same_name(*expect, "100-continue");
  }
  bool knows_chunks() const { return version_ >= 11; }

 private:
  using Text = boost::beast::string_view;
  using error_code = boost::system::error_code;
  static std::string own(Text text) { return {text.data(), text.size()}; }

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, error_code&) override {
    request_.method = own(method);
    request_.target = own(target);
    version_ = version;
  }
  // Beast refuses a length beside chunks. Here: what two readers could take for two different requests.
  void on_field_impl(boost::beast::http::field field, Text name, Text value, error_code& error) override {
    namespace http = boost::beast::http;
    if (in_body_) return;  // a trailer: it must not pass for a header
    bool once = field == http::field::content_length || field == http::field::host ||
                field == http::field::transfer_encoding || field == http::field::authorization;
    if (once && request_.headers.find(own(name))) error = http::error::bad_field;
    if (field == http::field::content_length && own(value).find_first_not_of("0123456789") != std::string::npos) {
      error = http::error::bad_content_length;
    }
    if (field == http::field::transfer_encoding && !same_name(own(value), "chunked")) {
      error = http::error::bad_transfer_encoding;
    }
    if (version_ < 11 && field == http::field::transfer_encoding) error = http::error::bad_transfer_encoding;
    request_.headers.add(own(name), own(value));
  }
  void on_header_impl(error_code& error) override {
    in_body_ = true;
    if (version_ >= 11 && !request_.headers.find("Host")) error = boost::beast::http::error::bad_field;
  }
  std::size_t on_body_impl(Text piece, error_code&) override {
    request_.body.append(piece.data(), piece.size());
    return piece.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Text piece, error_code& error) override {
    return on_body_impl(piece, error);
  }
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  ServerRequest request_;
  int version_ = 11;
  bool in_body_ = false;
};

}  // namespace plumb
