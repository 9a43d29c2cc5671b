#include "ingest/fan_out.h"

#include "base/format.h"

namespace plumb::ingest {

Lane::Lane(Destination& destination, const PipelineResource& resource, std::size_t budget)
    : destination_(destination), resource_(resource), queue_(budget), thread_([this] { run(); }) {}

Lane::~Lane() {
  queue_.abandon();
}

// The lane's thread. Whatever is thrown here is handed to the load, which decides.
void Lane::run() {
  try {
    ResourceWriter writer(destination_, resource_);
    while (auto piece = queue_.pop()) {
      if (const auto* batch = std::get_if<data::Batch>(&*piece)) {
        writer.write(*batch);
      } else {
        writer.replace_part(std::get<Part>(*piece).values);
      }
    }
    if (!queue_.abandoned()) report_ = writer.commit(record_);
  } catch (...) {
    error_ = std::current_exception();
    failed_ = true;
    queue_.leave();
  }
}

ResourceReport Lane::commit(LoadRecord record) {
  record_ = std::move(record);
  queue_.finish();
  thread_.join();
  if (error_) std::rethrow_exception(error_);
  return *report_;
}

std::exception_ptr Lane::abandon() {
  queue_.abandon();
  if (thread_.joinable()) thread_.join();
  return error_;
}

FanOut::FanOut(std::vector<std::unique_ptr<Lane>>& lanes, const PipelineResource& resource, const std::string& load_id,
               const LoadContext& context)
    : lanes_(lanes), resource_(resource), load_id_(load_id), context_(context) {}

void FanOut::write(data::Batch batch) {
  if (batch.rows() == 0) return;
  if (!resource_.columns.empty()) batch = with_hints(batch);
  const auto* column = resource_.resource.cursor.empty() ? nullptr : batch.find_column(resource_.resource.cursor);
  if (column != nullptr) {
    if (auto found = greatest(*column); found && (!greatest_ || earlier(*greatest_, *found))) greatest_ = *found;
    const auto* parts =
        resource_.resource.cursor_by.empty() ? nullptr : batch.find_column(resource_.resource.cursor_by);
    if (parts != nullptr) raise_parts(part_cursors_, *parts, *column);
  }
  if (!resource_.resource.raw) batch = with_load_id(batch);
  rows_ += static_cast<std::int64_t>(batch.rows());
  bytes_ += static_cast<std::int64_t>(batch.bytes());
  push(std::move(batch));
  if (context_.progress) context_.progress({resource_.resource.name, rows_, bytes_});
}

void FanOut::replace_part(const std::vector<std::string>& scope_values) {
  push(Part{scope_values});
}

// A destination that failed is left behind; the others get their rows. With none left there is no reason to go on
// reading.
void FanOut::push(const Piece& piece) {
  if (context_.services.stop.stop_requested()) throw Error(ErrorKind::Cancelled, "the load was stopped");
  bool taken = false;
  for (auto& lane : lanes_) taken |= lane->queue().push(piece);
  if (!taken) throw Error(ErrorKind::Cancelled, "no destination takes rows any more");
}

std::optional<Cursor> FanOut::cursor() const {
  if (given_cursor_) return Cursor{*given_cursor_, data::Type::text()};
  return greatest_;
}

data::Batch FanOut::with_hints(const data::Batch& batch) const {
  auto fields = batch.schema().fields();
  std::vector<data::Column> columns;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto hint = resource_.columns.find(fields[i].name);
    if (hint == resource_.columns.end() || hint->second == fields[i].type) {
      columns.push_back(batch.column(i));
      continue;
    }
    data::ColumnBuilder builder(hint->second);
    std::string text;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (batch.column(i).null_at(row)) {
        builder.append_null();
        continue;
      }
      text.clear();
      data::append_text(batch.column(i), row, text);
      if (!data::parse_text(text, builder)) {
        throw Error(ErrorKind::Data,
                    format("'{}' in column '{}' of resource '{}' is no {}", text, fields[i].name,
                           resource_.resource.name, hint->second.to_string()),
                    {.hint = "change or remove the column's type in the pipeline"});
      }
    }
    columns.push_back(builder.take());
    fields[i].type = hint->second;
  }
  return data::Batch(data::Schema(std::move(fields)), std::move(columns));
}

data::Batch FanOut::with_load_id(const data::Batch& batch) const {
  auto fields = batch.schema().fields();
  fields.push_back({"_plumb_load_id", data::Type::text(), true});
  std::vector<data::Column> columns;
  for (std::size_t i = 0; i < batch.columns(); ++i) columns.push_back(batch.column(i));
  data::ColumnBuilder ids(data::Type::text());
  for (std::size_t row = 0; row < batch.rows(); ++row) ids.append_text(load_id_);
  columns.push_back(ids.take());
  return data::Batch(data::Schema(std::move(fields)), std::move(columns));
}

}  // namespace plumb::ingest
