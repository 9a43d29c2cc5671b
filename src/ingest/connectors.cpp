#include "ingest/source.h"

#include <algorithm>

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

}  // namespace plumb::ingest
