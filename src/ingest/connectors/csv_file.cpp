#include "ingest/connectors/csv_file.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/format.h"
#include "ingest/connectors/chunks.h"

namespace plumb::ingest {

namespace {

struct Cell {
  std::string_view text;
  bool quoted = false;  // an empty text in quotes is a text, without them a null
};

// Cuts one record off a text. Cells point into the text, or into `unquoted` where quotes had to be taken out.
class RecordCutter {
 public:
  explicit RecordCutter(char separator) : separator_(separator) {}

  enum class Result { Record, NeedMore, BadQuote };

  // `last`: there is no more text after this. On Record, length() bytes belong to it, its line end included.
  Result cut(std::string_view text, bool last, std::vector<Cell>& cells) {
    cells.clear();
    unquoted_used_ = 0;
    lines_ = 1;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
      if (at != end && *at == '"') {
        auto result = quoted_cell(at, end, last, cells);
        if (result != Result::Record) return result;
      } else {
        const char* start = at;
        while (at != end && *at != separator_ && *at != '\n') ++at;
        if (at == end && !last) return Result::NeedMore;
        const char* stop = at;
        if (stop != start && stop[-1] == '\r' && (at == end || *at == '\n')) --stop;
        cells.push_back({std::string_view(start, static_cast<std::size_t>(stop - start)), false});
      }
      if (at == end || *at == '\n') {
        length_ = static_cast<std::size_t>(at - text.data()) + (at == end ? 0 : 1);
        return Result::Record;
      }
      ++at;  // the separator
    }
  }
  std::size_t length() const { return length_; }
  std::int64_t lines() const { return lines_; }

 private:
  // From the opening quote to what follows the closing one.
  Result quoted_cell(const char*& at, const char* end, bool last, std::vector<Cell>& cells) {
    const char* start = ++at;
    std::string* copy = nullptr;
    while (true) {
      const char* quote = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
      if (quote == nullptr || (quote + 1 == end && !last)) return last ? Result::BadQuote : Result::NeedMore;
      lines_ += std::count(at, quote, '\n');
      if (quote + 1 != end && quote[1] == '"') {
        if (copy == nullptr) copy = &next_unquoted();
        copy->append(start, quote + 1);
        start = at = quote + 2;
        continue;
      }
      std::string_view text(start, static_cast<std::size_t>(quote - start));
      if (copy != nullptr) text = copy->append(text);
      cells.push_back({text, true});
      at = quote + 1;
      break;
    }
    if (at != end && *at == '\r') ++at;
    if (at == end && !last) return Result::NeedMore;
    return at == end || *at == separator_ || *at == '\n' ? Result::Record : Result::BadQuote;
  }

  std::string& next_unquoted() {
    if (unquoted_used_ == unquoted_.size()) unquoted_.push_back(std::make_unique<std::string>());
    auto& text = *unquoted_[unquoted_used_++];
    text.clear();
    return text;
  }

  char separator_;
  std::size_t length_ = 0;
  std::int64_t lines_ = 1;
  std::vector<std::unique_ptr<std::string>> unquoted_;
  std::size_t unquoted_used_ = 0;
};

// The separator that stands most often in the first line, outside of quotes.
char find_separator(std::string_view text) {
  constexpr std::string_view kCandidates = ",;\t|";
  std::size_t counts[kCandidates.size()] = {};
  bool quoted = false;
  for (char c : text) {
    if (c == '"') quoted = !quoted;
    if (c == '\n' && !quoted) break;
    auto at = kCandidates.find(c);
    if (!quoted && at != std::string_view::npos) ++counts[at];
  }
  return kCandidates[static_cast<std::size_t>(std::max_element(std::begin(counts), std::end(counts)) -
                                              std::begin(counts))];
}

class CsvFile : public RowFile {
 public:
  CsvFile(const std::filesystem::path& path, const std::stop_token& stop) : path_(path), chunks_(path) {
    find_types(stop);
  }

  const data::Schema& schema() const override { return schema_; }

  void read(const std::function<void(data::Batch)>& sink, std::stop_token stop) override {
    data::BatchBuilder rows(schema_);
    each_record(stop, [&](const std::vector<Cell>& cells) {
      for (std::size_t i = 0; i < cells.size(); ++i) append(cells[i], rows.column(i), i);
      rows.finish_row();
      if (rows.full()) sink(rows.take());
    });
    if (rows.rows() > 0) sink(rows.take());
  }

 private:
  void find_types(const std::stop_token& stop) {
    std::vector<data::TypeGuess> guesses;
    each_record(stop, [&](const std::vector<Cell>& cells) {
      if (guesses.empty()) guesses.resize(cells.size());
      for (std::size_t i = 0; i < cells.size(); ++i) guesses[i].add(cells[i].text);
    });
    guesses.resize(names_.size());
    std::vector<data::Field> fields;
    for (std::size_t i = 0; i < names_.size(); ++i) fields.push_back({names_[i], guesses[i].type(), true});
    schema_ = data::Schema(std::move(fields));
  }

  void append(const Cell& cell, data::ColumnBuilder& column, std::size_t index) const {
    if (cell.text.empty() && !(cell.quoted && column.type().kind() == data::TypeKind::Text)) {
      column.append_null();
    } else if (!data::parse_text(cell.text, column)) {
      // The file was read before, and every value fitted.
      throw Error(ErrorKind::Data,
                  format("'{}' in column '{}' is no {}: the file has changed while it was read", cell.text,
                         schema_[index].name, column.type().to_string()),
                  {.place = Place{path_.string(), static_cast<int>(line_), 1, ""}});
    }
  }

  // Calls `use` for each record after the header, from the start of the file.
  template <class Use>
  void each_record(const std::stop_token& stop, Use use) {
    chunks_.rewind();
    bool last = !chunks_.more();
    if (chunks_.text().starts_with("\xEF\xBB\xBF")) chunks_.consume(3);
    RecordCutter cutter(find_separator(chunks_.text()));
    line_ = 1;
    bool header = true;
    std::vector<Cell> cells;
    while (true) {
      const auto text = chunks_.text();
      std::size_t done = 0;
      const auto first_line = line_;
      auto result = RecordCutter::Result::NeedMore;
      while (done < text.size()) {
        result = cutter.cut(text.substr(done), last, cells);
        if (result != RecordCutter::Result::Record) break;
        // Checked piece by piece: before the first record of a chunk, the chunk.
        if (done == 0) check_utf8(whole_lines(text, last), first_line, path_);
        if (!blank(cells)) {
          if (header) {
            read_header(cells);
            header = false;
          } else {
            check_width(cells);
            use(cells);
          }
        }
        done += cutter.length();
        line_ += cutter.lines();
      }
      if (result == RecordCutter::Result::BadQuote) fail_quote();
      chunks_.consume(done);
      if (last) break;
      if (stop.stop_requested()) throw Error(ErrorKind::Cancelled, "the copy was stopped; nothing was changed");
      last = !chunks_.more();
    }
    if (header) throw Error(ErrorKind::Data, format("{} is empty: there is no header line", path_.string()));
  }

  // Up to the last line end, so that no character is cut in two.
  static std::string_view whole_lines(std::string_view text, bool last) {
    return last ? text : text.substr(0, text.rfind('\n') + 1);
  }
  static bool blank(const std::vector<Cell>& cells) {
    return cells.size() == 1 && cells[0].text.empty() && !cells[0].quoted;
  }

  void read_header(const std::vector<Cell>& cells) {
    names_.clear();
    for (const auto& cell : cells) {
      std::string name = cell.text.empty() ? format("column_{}", names_.size() + 1) : std::string(cell.text);
      for (int n = 2; std::find(names_.begin(), names_.end(), name) != names_.end(); ++n)
        name = format("{}_{}", cell.text, n);
      names_.push_back(std::move(name));
    }
  }
  void check_width(const std::vector<Cell>& cells) const {
    if (cells.size() == names_.size()) return;
    throw Error(ErrorKind::Data, format("this row has {} fields, the header has {}", cells.size(), names_.size()),
                {.place = Place{path_.string(), static_cast<int>(line_), 1, ""},
                 .hint = "quote fields that hold the separator or a line break"});
  }
  [[noreturn]] void fail_quote() const {
    throw Error(ErrorKind::Data, "a quoted field is not closed, or text follows its closing quote",
                {.place = Place{path_.string(), static_cast<int>(line_), 1, ""},
                 .hint = "write a quote inside a quoted field twice"});
  }

  std::filesystem::path path_;
  Chunks chunks_;
  std::vector<std::string> names_;
  data::Schema schema_;
  std::int64_t line_ = 1;
};

}  // namespace

std::unique_ptr<RowFile> open_csv_file(const std::filesystem::path& path, std::stop_token stop) {
  return std::make_unique<CsvFile>(path, stop);
}

}  // namespace plumb::ingest
