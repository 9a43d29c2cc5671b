#include "ingest/connectors/json_file.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/format.h"
#include "ingest/connectors/chunks.h"
#include "ingest/connectors/json_rows.h"

namespace plumb::ingest {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Finds where the first object of a text ends.
class ObjectCutter {
 public:
  // The length up to and including the object's end, with blanks, commas and the array's brackets before it; empty when
  // the text does not hold all of it yet. `begin` is where the object itself starts.
  static std::optional<std::size_t> cut_line(std::string_view text, bool last, std::size_t& begin) {
    begin = 0;
    auto end = text.find('\n');
    if (end == std::string_view::npos) return last ? std::optional(text.size()) : std::nullopt;
    return end + 1;
  }

  static std::optional<std::size_t> cut_element(std::string_view text, bool last, std::size_t& begin) {
    begin = 0;
    while (begin < text.size() &&
           (is_blank(text[begin]) || text[begin] == ',' || text[begin] == '[' || text[begin] == ']'))
      ++begin;
    if (begin == text.size()) return last ? std::optional(begin) : std::nullopt;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = begin; i < text.size(); ++i) {
      const char c = text[i];
      if (quoted) {
        if (c == '\\') ++i;
        if (c == '"') quoted = false;
        continue;
      }
      if (c == '"') quoted = true;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return i + 1;
      if (depth == 0 && (c == ',' || c == ']')) return i;  // no object; the parser says so
    }
    return last ? std::optional(text.size()) : std::nullopt;
  }
};

class JsonFile : public RowFile {
 public:
  JsonFile(const std::filesystem::path& path, bool lines, const std::stop_token& stop)
      : path_(path), lines_(lines), chunks_(path) {
    JsonGuess guess;
    each_object(stop, [&](std::string_view object) { guess.add(object); });
    schema_ = guess.schema();
    if (schema_.size() == 0) throw Error(ErrorKind::Data, format("{} holds no rows", path.string()));
  }

  const data::Schema& schema() const override { return schema_; }

  void read(const std::function<void(data::Batch)>& sink, std::stop_token stop) override {
    data::BatchBuilder rows(schema_);
    JsonAppender appender(schema_);
    each_object(stop, [&](std::string_view object) {
      appender.append(object, rows);
      if (rows.full()) sink(rows.take());
    });
    if (rows.rows() > 0) sink(rows.take());
  }

 private:
  template <class Use>
  void each_object(const std::stop_token& stop, Use use) {
    chunks_.rewind();
    std::int64_t line = 1;
    bool last = !chunks_.more();
    if (chunks_.text().starts_with("\xEF\xBB\xBF")) chunks_.consume(3);
    while (true) {
      const auto text = chunks_.text();
      std::size_t done = 0;
      while (done < text.size()) {
        std::size_t begin = 0;
        auto rest = text.substr(done);
        auto length = lines_ ? ObjectCutter::cut_line(rest, last, begin) : ObjectCutter::cut_element(rest, last, begin);
        if (!length) break;
        line += std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
        auto object = rest.substr(begin, *length - begin);
        while (!object.empty() && is_blank(object.back())) object.remove_suffix(1);
        while (!object.empty() && is_blank(object.front())) object.remove_prefix(1);
        if (!object.empty()) use_object(object, line, use);
        line += lines_ ? 1 : std::count(object.begin(), object.end(), '\n');
        done += *length;
      }
      chunks_.consume(done);
      if (last) return;
      if (stop.stop_requested()) throw Error(ErrorKind::Cancelled, "the copy was stopped; nothing was changed");
      last = !chunks_.more();
    }
  }

  template <class Use>
  void use_object(std::string_view object, std::int64_t line, Use& use) {
    try {
      use(object);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Data) throw;
      throw error.at(Place{path_.string(), static_cast<int>(line), 1, ""});
    }
  }

  std::filesystem::path path_;
  bool lines_;
  Chunks chunks_;
  data::Schema schema_;
};

}  // namespace

std::unique_ptr<RowFile> open_ndjson_file(const std::filesystem::path& path, std::stop_token stop) {
  return std::make_unique<JsonFile>(path, true, stop);
}

std::unique_ptr<RowFile> open_json_file(const std::filesystem::path& path, std::stop_token stop) {
  return std::make_unique<JsonFile>(path, false, stop);
}

}  // namespace plumb::ingest
