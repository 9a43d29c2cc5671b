// The bank's post box: what lies in it, and whether it has been read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/comdirect_banking.h"

namespace plumb::sandbox {

class PostBox {
 public:
  // GET /messages/clients/user/v2/documents
  ServerResponse list(const Visit& visit) const;
  // GET /messages/v2/documents/{id}: from then on the document counts as read.
  ServerResponse open(const Visit& visit, std::string_view id);
  // GET /messages/v2/documents/{id}/predocument
  ServerResponse open_predocument(const Visit& visit, std::string_view id) const;

 private:
  struct Document {
    std::string id;
    std::string name;
    Day created = {};
    bool pdf = true;
    int category = 0;
    bool advertisement = false;
    bool predocument = false;
    std::vector<std::string> lines = {};
  };

  static std::vector<Document> documents(const Visit& visit);
  static std::optional<Document> find(const Visit& visit, std::string_view id);
  // The day on which it was read; empty when it was not. What is older than two months has been read on the web.
  std::optional<Day> read_on(const Document& document, Day today) const;
  void write(JsonWriter& json, const Document& document, Day today) const;

  std::map<std::string, Day> read_;
};

}  // namespace plumb::sandbox
