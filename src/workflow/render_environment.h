// The Jinja environment of workflows' templates: strict about names that are not there, with the filters and macros
// that Airflow's templates have. (render_environment.cpp says which.)
//
// Inside the room.
#pragma once

#include <memory>

#include "base/clock.h"
#include "jinja/jinja.h"

namespace plumb::workflow {

// `clock` is what macros.datetime.now() tells; it has to outlive the environment.
std::unique_ptr<const jinja::Environment> make_environment(const Clock& clock);

// An instant as "2026-11-21", "20261121", "2026-11-21T07:00:00+00:00", "20261121T070000": in UTC, as Airflow's ds,
// ds_nodash, ts and ts_nodash.
std::string ds_text(Instant instant);
std::string ds_nodash_text(Instant instant);
std::string ts_text(Instant instant);
std::string ts_nodash_text(Instant instant);

}  // namespace plumb::workflow
