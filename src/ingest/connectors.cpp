#include "ingest/source.h"

#include <algorithm>

#include "base/format.h"
#include "ingest/connectors/comdirect.h"
#include "ingest/connectors/openweather.h"

namespace plumb::ingest {

std::vector<Connector> connectors() {
  return {comdirect::connector(), openweather::connector()};
}

const Connector* find_connector(const std::vector<Connector>& all, std::string_view type) {
  auto it = std::find_if(all.begin(), all.end(), [&](const Connector& connector) { return connector.type == type; });
  return it == all.end() ? nullptr : &*it;
}

void expect_known_type(const config::Connection& connection, const std::vector<Connector>& all) {
  auto known = config::database_types();
  for (const auto& connector : all) known.push_back(connector.type);
  if (std::find(known.begin(), known.end(), connection.type) != known.end()) return;
  auto nearest = find_nearest(connection.type, known);
  throw Error(ErrorKind::Config, format("'{}' is no type of connection", connection.type),
              {.place = connection.type_place,
               .hint = nearest.empty() ? format("there are {}", fmt::join(known, ", "))
                                       : format("did you mean '{}'?", nearest)});
}

}  // namespace plumb::ingest
