// Carrying a pipeline out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "ingest/pipeline.h"
#include "ingest/source.h"

namespace plumb::ingest {

// What has happened so far, for a progress line. Called from the load's own threads, a few times a second.
struct Progress {
  std::string resource;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

struct LoadContext {
  const config::Project& project;
  Services services;
  std::function<void(const Progress&)> progress = {};
  std::size_t bytes_in_flight = 32u << 20;  // of batches between source and destinations
};

struct ResourceReport {
  std::string resource;
  std::string destination;
  std::string table;  // "raw_bank.transactions"
  std::int64_t rows_read = 0;
  std::int64_t rows_written = 0;  // inserted or replaced
  std::int64_t columns_added = 0;
};

struct LoadReport {
  std::string load_id;
  std::string pipeline;
  Instant started_at;
  Instant finished_at;
  std::vector<ResourceReport> resources;
};

// A printable plan, for --dry-run: source, resources, tables, write modes, last cursors. Touches nothing.
std::string plan(const Pipeline& pipeline, const LoadContext& context);

LoadReport load(const Pipeline& pipeline, const std::vector<Connector>& connectors, LoadContext context);

// `plumb copy`: one table or file into another, types found in the data, no columns added; the target is replaced in
// one transaction.
struct CopyOptions {
  std::function<void(const Progress&)> progress = {};
  std::stop_token stop = {};
  Log log = {};
  std::size_t bytes_in_flight = 8u << 20;
};
struct CopyReport {
  std::int64_t rows = 0;
  std::string source;
  std::string target;
  data::Schema schema;
};
CopyReport copy(std::string_view source_uri, std::string_view target_uri, const CopyOptions& options);

}  // namespace plumb::ingest
