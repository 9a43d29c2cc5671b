#include "ingest/load.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/format.h"
#include "ingest/fan_out.h"

namespace plumb::ingest {

namespace {

// "20261121T070000Z-5f0c2d9e": sorts by time, unique by chance.
std::string make_load_id(Instant now) {
  auto text = format_instant(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "-" + random_hex(4);
}

std::vector<std::unique_ptr<Destination>> make_destinations(const Pipeline& pipeline, const config::Project& project) {
  std::vector<std::unique_ptr<Destination>> destinations;
  for (const auto& name : pipeline.destinations) {
    const auto& connection = project.get_connection(name, pipeline.place);
    auto config = config::database_config(project, connection, pipeline.dataset);
    destinations.push_back(std::make_unique<Destination>(name, std::move(config), pipeline.dataset));
  }
  return destinations;
}

const Connector& get_connector(const std::vector<Connector>& connectors, const config::Connection& connection) {
  if (const auto* connector = find_connector(connectors, connection.type)) return *connector;
  throw Error(ErrorKind::Config, format("connection '{}' of type '{}' is no source", connection.name, connection.type),
              {.place = connection.place});
}

class Load {
 public:
  Load(const Pipeline& pipeline, Source& source, LoadContext& context)
      : pipeline_(pipeline),
        source_(source),
        context_(context),
        destinations_(make_destinations(pipeline, context.project)) {
    report_.started_at = context.services.clock.now();
    report_.load_id = make_load_id(report_.started_at);
    report_.pipeline = pipeline.name;
  }

  LoadReport run() {
    for (auto& destination : destinations_) destination->open();
    for (const auto& resource : pipeline_.resources) load_resource(resource);
    report_.finished_at = context_.services.clock.now();
    if (first_error_) std::rethrow_exception(first_error_);
    return report_;
  }

 private:
  // The least of all destinations, so that none misses a row; empty when one has none.
  std::optional<std::string> start_cursor(const PipelineResource& resource) {
    if (resource.resource.cursor.empty()) return std::nullopt;
    std::optional<Cursor> least;
    for (auto& destination : destinations_) {
      auto cursor = destination->find_cursor(pipeline_.name, resource.resource.name);
      if (!cursor) return std::nullopt;
      if (!least || earlier(*cursor, *least)) least = cursor;
    }
    if (!least) return std::nullopt;
    return moved_back(*least, resource.cursor_lag).text;
  }

  using PartCursors = std::map<std::string, Cursor>;

  std::vector<PartCursors> recorded_parts(const Resource& resource) {
    std::vector<PartCursors> recorded(destinations_.size());
    if (resource.cursor.empty() || resource.cursor_by.empty()) return recorded;
    for (std::size_t i = 0; i < recorded.size(); ++i)
      recorded[i] = destinations_[i]->part_cursors(pipeline_.name, resource.name);
    return recorded;
  }

  // Of the parts that every destination knows; one that is new to one of them is read from its beginning.
  static std::map<std::string, std::string> start_parts(const std::vector<PartCursors>& recorded,
                                                        std::chrono::seconds lag) {
    std::map<std::string, std::string> start;
    if (recorded.empty()) return start;
    for (const auto& [part, first] : recorded.front()) {
      std::optional<Cursor> least = first;
      for (const auto& others : recorded) {
        auto other = others.find(part);
        if (other == others.end()) {
          least.reset();
          break;
        }
        if (earlier(other->second, *least)) least = other->second;
      }
      if (least) start[part] = moved_back(*least, lag).text;
    }
    return start;
  }

  // What moved beyond what is recorded.
  static PartCursors moved_parts(PartCursors found, const PartCursors& recorded) {
    std::erase_if(found, [&](const auto& part) {
      auto known = recorded.find(part.first);
      return known != recorded.end() && !earlier(known->second, part.second);
    });
    return found;
  }

  void load_resource(const PipelineResource& resource) {
    if (context_.services.stop.stop_requested()) throw Error(ErrorKind::Cancelled, "the load was stopped");
    const auto parts = recorded_parts(resource.resource);
    ReadRequest request{.resource = resource.resource,
                        .cursor = start_cursor(resource),
                        .part_cursors = start_parts(parts, resource.cursor_lag),
                        .load_id = report_.load_id,
                        .started_at = report_.started_at};

    std::vector<std::optional<Cursor>> recorded;
    for (auto& destination : destinations_)
      recorded.push_back(destination->find_cursor(pipeline_.name, resource.resource.name));

    std::vector<std::unique_ptr<Lane>> lanes;
    const auto budget = context_.bytes_in_flight / std::max<std::size_t>(destinations_.size(), 1);
    for (auto& destination : destinations_) lanes.push_back(std::make_unique<Lane>(*destination, resource, budget));
    FanOut sink(lanes, resource, report_.load_id, context_);
    read(request, sink, lanes);

    for (std::size_t i = 0; i < lanes.size(); ++i) {
      auto cursor = sink.cursor();
      // A load that brought nothing new leaves the cursor where it was.
      if (!cursor || (recorded[i] && earlier(*cursor, *recorded[i]))) cursor = recorded[i];
      commit(*lanes[i], {.load_id = report_.load_id,
                         .pipeline = pipeline_.name,
                         .resource = resource.resource.name,
                         .started_at = report_.started_at,
                         .finished_at = context_.services.clock.now(),
                         .rows_read = sink.rows(),
                         .cursor = cursor,
                         .part_cursors = moved_parts(sink.part_cursors(), parts[i])});
    }
    std::erase_if(destinations_, [&](const auto& destination) { return failed(*destination); });
    if (destinations_.empty()) std::rethrow_exception(first_error_);
  }

  // An error of the source ends the load: nothing of this resource is committed. When all destinations failed, theirs
  // is the error to tell.
  void read(const ReadRequest& request, FanOut& sink, std::vector<std::unique_ptr<Lane>>& lanes) {
    try {
      source_.read(request, sink);
    } catch (...) {
      const bool stopped = context_.services.stop.stop_requested();
      for (auto& lane : lanes) {
        const bool was_first = lane->failed();
        auto error = lane->abandon();
        if (error && was_first && !stopped) std::rethrow_exception(error);
      }
      throw;
    }
  }

  // A destination that fails is told at the end; the others keep their rows.
  void commit(Lane& lane, LoadRecord record) {
    try {
      report_.resources.push_back(lane.commit(std::move(record)));
    } catch (...) {
      if (!first_error_) first_error_ = std::current_exception();
      failed_.push_back(lane.destination());
    }
  }

  bool failed(const Destination& destination) const {
    return std::find(failed_.begin(), failed_.end(), destination.name()) != failed_.end();
  }

  const Pipeline& pipeline_;
  Source& source_;
  LoadContext& context_;
  std::vector<std::unique_ptr<Destination>> destinations_;
  std::vector<std::string> failed_;
  std::exception_ptr first_error_;
  LoadReport report_;
};

}  // namespace

LoadReport load(const Pipeline& pipeline, const std::vector<Connector>& connectors, LoadContext context) {
  const auto& connection = context.project.get_connection(pipeline.connection, pipeline.place);
  auto source = get_connector(connectors, connection)
                    .make(context.project, connection, pipeline.source_options, context.services);
  source->open();
  auto report = Load(pipeline, *source, context).run();
  source->close();
  return report;
}

std::string plan(const Pipeline& pipeline, const LoadContext& context) {
  auto text = format("load {}: {} -> {}\n", pipeline.name, pipeline.connection, fmt::join(pipeline.destinations, ", "));
  for (const auto& entry : pipeline.resources) {
    const auto& resource = entry.resource;
    text += format("  {} -> {}.{} ({}", resource.name, pipeline.dataset, entry.table, to_string(resource.write));
    if (!resource.primary_key.empty()) text += format(" by {}", fmt::join(resource.primary_key, ", "));
    if (!resource.scope.empty()) text += format(", each {} on its own", fmt::join(resource.scope, ", "));
    if (resource.raw) text += ", raw";
    if (!resource.cursor.empty()) text += format(", from the last {}", resource.cursor);
    if (!resource.cursor.empty() && !resource.cursor_by.empty()) text += format(" of each {}", resource.cursor_by);
    if (entry.cursor_lag.count() > 0) text += format(" less {} s", entry.cursor_lag.count());
    text += ")\n";
  }
  for (const auto& name : pipeline.destinations) {
    const auto& connection = context.project.get_connection(name, pipeline.place);
    auto config = config::database_config(context.project, connection, pipeline.dataset);
    text +=
        format("  into {}: {}\n", name,
               config.path.empty() ? format("{} {}", db::to_string(config.kind), config.dbname) : config.path.string());
  }
  return text;
}

}  // namespace plumb::ingest
