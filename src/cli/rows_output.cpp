#include "cli/rows_output.h"

#include <algorithm>

#include "base/document.h"
#include "base/format.h"

namespace plumb::cli {

namespace {

constexpr std::size_t kFlushBytes = 1u << 16;

class CsvOutput : public RowsOutput {
 public:
  CsvOutput(const data::Schema& schema, TextSink sink) : sink_(std::move(sink)) {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      if (i > 0) out_ += ',';
      append_cell(schema[i].name);
    }
    out_ += '\n';
  }

  void write(const data::Batch& batch) override {
    std::string cell;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      for (std::size_t i = 0; i < batch.columns(); ++i) {
        if (i > 0) out_ += ',';
        if (batch.column(i).null_at(row)) continue;
        cell.clear();
        data::append_text(batch.column(i), row, cell);
        // An empty text is told from null by its quotes.
        if (cell.empty()) {
          out_ += "\"\"";
        } else {
          append_cell(cell);
        }
      }
      out_ += '\n';
      if (out_.size() > kFlushBytes) flush();
    }
  }
  void finish() override { flush(); }

 private:
  void append_cell(std::string_view cell) {
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
      out_ += cell;
      return;
    }
    out_ += '"';
    for (char c : cell) {
      if (c == '"') out_ += '"';
      out_ += c;
    }
    out_ += '"';
  }
  void flush() {
    sink_(out_);
    out_.clear();
  }
  TextSink sink_;
  std::string out_;
};

// A list of objects, or an object a line.
class JsonOutput : public RowsOutput {
 public:
  JsonOutput(const data::Schema& schema, TextSink sink, bool lines) : sink_(std::move(sink)), lines_(lines) {
    for (const auto& field : schema) keys_.push_back(json_quote(field.name) + ":");
    if (!lines_) out_ = "[";
  }
  void write(const data::Batch& batch) override {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (!lines_) out_ += first_ ? "\n" : ",\n";
      first_ = false;
      out_ += '{';
      for (std::size_t i = 0; i < batch.columns(); ++i) {
        if (i > 0) out_ += ',';
        out_ += keys_[i];
        data::append_json(batch.column(i), row, out_);
      }
      out_ += lines_ ? "}\n" : "}";
      if (out_.size() > kFlushBytes) flush();
    }
  }
  void finish() override {
    if (!lines_) out_ += first_ ? "]\n" : "\n]\n";
    flush();
  }

 private:
  void flush() {
    sink_(out_);
    out_.clear();
  }
  TextSink sink_;
  bool lines_;
  bool first_ = true;
  std::vector<std::string> keys_;
  std::string out_;
};

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool right_aligned(data::TypeKind kind) {
  return kind == data::TypeKind::Int64 || kind == data::TypeKind::Decimal || kind == data::TypeKind::Double;
}

class TableOutput : public RowsOutput {
 public:
  TableOutput(const data::Schema& schema, TextSink sink, int width)
      : schema_(schema), sink_(std::move(sink)), limit_(width > 0 ? static_cast<std::size_t>(width) : 0) {
    for (const auto& field : schema_) widths_.push_back(columns_of(field.name));
  }

  void write(const data::Batch& batch) override {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      std::vector<std::string> cells;
      for (std::size_t i = 0; i < batch.columns(); ++i) cells.push_back(cell(batch.column(i), row));
      ++rows_;
      if (!headed_) {
        for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], columns_of(cells[i]));
        ahead_.push_back(std::move(cells));
        if (ahead_.size() >= kLookAhead) head();
      } else {
        print(cells);
      }
    }
  }
  void finish() override {
    if (!headed_) head();
    out_ += rows_ == 1 ? "(1 row)\n" : format("({} rows)\n", rows_);
    sink_(out_);
  }

 private:
  static constexpr std::size_t kLookAhead = 1000;

  static std::string cell(const data::Column& column, std::size_t row) {
    if (column.null_at(row)) return "";
    std::string text;
    data::append_text(column, row, text);
    for (char& c : text) {
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';  // a line break or an escape must not break the table
    }
    return text;
  }

  // Widths are known: long text columns give way until the line fits the terminal.
  void head() {
    headed_ = true;
    shrink();
    std::string line;
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      append(schema_[i].name, i);
      line += (i > 0 ? "-+-" : "");
      for (std::size_t n = 0; n < widths_[i]; ++n) line += '-';
    }
    end_line();
    out_ += line + "\n";
    for (const auto& cells : ahead_) print(cells);
    ahead_.clear();
  }

  void shrink() {
    if (limit_ == 0 || widths_.empty()) return;
    auto total = [&] {
      std::size_t sum = 3 * (widths_.size() - 1);
      for (auto width : widths_) sum += width;
      return sum;
    };
    while (total() > limit_) {
      auto widest = std::max_element(widths_.begin(), widths_.end());
      if (*widest <= 12) return;
      --*widest;
    }
  }

  void print(const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) append(cells[i], i);
    end_line();
    if (out_.size() > kFlushBytes) {
      sink_(out_);
      out_.clear();
    }
  }

  void append(std::string_view text, std::size_t column) {
    if (column > 0) out_ += " | ";
    auto width = columns_of(text);
    std::string cut;
    if (width > widths_[column]) {
      std::size_t seen = 0;
      std::size_t end = 0;
      while (end < text.size() && (seen < widths_[column] - 1 || (text[end] & 0xC0) == 0x80)) {
        if ((text[end] & 0xC0) != 0x80) ++seen;
        ++end;
      }
      while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
      cut = std::string(text.substr(0, end)) + "…";
      text = cut;
      width = widths_[column];
    }
    const std::string blanks(widths_[column] - width, ' ');
    out_ += right_aligned(schema_[column].type.kind()) ? blanks : "";
    out_ += text;
    out_ += right_aligned(schema_[column].type.kind()) ? "" : blanks;
  }

  void end_line() {
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
  }

  data::Schema schema_;
  TextSink sink_;
  std::size_t limit_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> ahead_;
  bool headed_ = false;
  std::size_t rows_ = 0;
  std::string out_;
};

class ArrowOutput : public RowsOutput {
 public:
  ArrowOutput(const data::Schema& schema, TextSink sink) : writer_(schema, std::move(sink)) {}
  void write(const data::Batch& batch) override { writer_.write(batch); }
  void finish() override { writer_.finish(); }

 private:
  data::ArrowStreamWriter writer_;
};

}  // namespace

std::unique_ptr<RowsOutput> make_rows_output(std::string_view format, const data::Schema& schema, TextSink sink,
                                             int width) {
  if (format == "csv") return std::make_unique<CsvOutput>(schema, std::move(sink));
  if (format == "json") return std::make_unique<JsonOutput>(schema, std::move(sink), false);
  if (format == "ndjson") return std::make_unique<JsonOutput>(schema, std::move(sink), true);
  if (format == "arrow") return std::make_unique<ArrowOutput>(schema, std::move(sink));
  return std::make_unique<TableOutput>(schema, std::move(sink), width);
}

}  // namespace plumb::cli
