// Loads: source → pipeline → destinations.
//
// A Source reads a service, a file or a database, one Resource (a stream of rows) at a time, and pushes batches. A
// Pipeline says which resources go where and how: append, replace, or merge by key. load() carries it out: the source
// runs on the calling thread, each destination on a thread of its own behind a bounded queue of batches, so that rows
// are fetched once and nothing holds a whole table.
//
//     Pipeline pipeline = load_pipeline(project, "pipelines/weather.yml");
//     LoadReport report = load(pipeline, connectors(), context);
//
// Each resource is one transaction in each destination. With its rows, that transaction writes the resource's cursor
// and a record of the load (_plumb_state, _plumb_loads, _plumb_columns), so a load that dies in the middle leaves
// nothing behind and the next one starts where the last finished. When the source grows, columns are added; when a
// value does not fit, its column is widened. One destination has one writer at a time.
//
// load() throws Error; what was committed before stays. It stops within a second when its stop_token says so, throwing
// Error(Cancelled). A Source and its Services belong to one load; connectors() may be shared.
#pragma once

#include "ingest/connectors/comdirect.h"
#include "ingest/connectors/files.h"
#include "ingest/connectors/openweather.h"
#include "ingest/load.h"
#include "ingest/pipeline.h"
#include "ingest/source.h"
