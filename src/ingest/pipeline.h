// What a pipeline file says: which resources of a source go to which destinations, and how.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/document.h"
#include "config/config.h"
#include "ingest/source.h"

namespace plumb::ingest {

// One resource as the pipeline wants it: the connector's own settings, changed where the file says so.
struct PipelineResource {
  Resource resource;
  std::string table;                   // the resource's name unless given
  std::chrono::seconds cursor_lag{0};  // so much before the last cursor is read again (Merge sorts out the doubles)
  // Types for columns, over what the source says: "decimal(18,2)".
  std::map<std::string, data::Type> columns = {};
};

struct Pipeline {
  std::string name;
  Place place;
  std::string connection;                 // the source's
  std::vector<std::string> destinations;  // connections
  std::string dataset;  // schema in a destination, file in a SQLite folder; the pipeline's name unless given
  std::vector<PipelineResource> resources;
  std::shared_ptr<const Document> document;  // owns `source_options`
  Node source_options;                       // the `source:` map
};

// Reads pipelines/NAME.yml (NAME, a file's stem, or a `pipeline:` name). Checks keys, connections, resources, write
// modes against the connector, each error with its place.
Pipeline load_pipeline(const config::Project& project, std::string_view name, const std::vector<Connector>& connectors);
// All of them, by file name.
std::vector<Pipeline> load_pipelines(const config::Project& project, const std::vector<Connector>& connectors);

}  // namespace plumb::ingest
