// The sink of a load: what a source pushes goes to every destination's queue, each drained by a thread of its own.
#pragma once

#include <atomic>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ingest/cursor.h"
#include "ingest/destination.h"
#include "ingest/queue.h"

namespace plumb::ingest {

// One destination's thread for one resource.
class Lane {
 public:
  Lane(Destination& destination, const PipelineResource& resource, std::size_t budget);
  ~Lane();

  PieceQueue& queue() { return queue_; }
  // Commits what arrived, on the lane's thread, and waits. Throws what went wrong there.
  ResourceReport commit(LoadRecord record);
  // Ends without a commit. The error that stopped the lane, if it was the lane's own.
  std::exception_ptr abandon();
  bool failed() const { return failed_; }
  const std::string& destination() const { return destination_.name(); }

 private:
  void run();

  Destination& destination_;
  const PipelineResource& resource_;
  PieceQueue queue_;
  LoadRecord record_;  // set before finish(); read by the thread after it
  std::optional<ResourceReport> report_;
  std::exception_ptr error_;
  std::atomic<bool> failed_ = false;
  std::jthread thread_;
};

class FanOut : public Sink {
 public:
  FanOut(std::vector<std::unique_ptr<Lane>>& lanes, const PipelineResource& resource, const std::string& load_id,
         const LoadContext& context);

  void write(data::Batch batch) override;
  void replace_part(const std::vector<std::string>& scope_values) override;
  void set_cursor(std::string cursor) override { given_cursor_ = std::move(cursor); }

  std::int64_t rows() const { return rows_; }
  std::optional<Cursor> cursor() const;
  const std::map<std::string, Cursor>& part_cursors() const { return part_cursors_; }

 private:
  void push(const Piece& piece);
  data::Batch with_hints(const data::Batch& batch) const;
  data::Batch with_load_id(const data::Batch& batch) const;

  std::vector<std::unique_ptr<Lane>>& lanes_;
  const PipelineResource& resource_;
  const std::string& load_id_;
  const LoadContext& context_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
  std::optional<Cursor> greatest_;
  std::map<std::string, Cursor> part_cursors_;
  std::optional<std::string> given_cursor_;
};

}  // namespace plumb::ingest
