// What a profile of dbt-duckdb asks for beyond the file: extensions, secrets, attached databases, settings.
#pragma once

#include <string>
#include <vector>

#include "db/db.h"
#include "jinja/jinja.h"

namespace plumb::transform {

class Warehouse;

// Whether databases are attached as the profile says, or only to be read whatever it says.
enum class Rights { AsSaid, ReadOnly };

// Once for a database: loads extensions, makes secrets, attaches databases. Throws Error(Config) for what can't be.
void prepare_duckdb(db::Connection& connection, const Warehouse& warehouse, Rights rights = Rights::AsSaid);
// On each connection: `settings`.
void apply_duckdb_settings(db::Connection& connection, const Warehouse& warehouse);

// The statements of it, for messages and tests.
std::vector<std::string> extension_statements(const jinja::Value& extension);
std::string secret_statement(const jinja::Value& secret, std::size_t number);
std::string attach_statement(const jinja::Value& entry, const Warehouse& warehouse, Rights rights = Rights::AsSaid);

}  // namespace plumb::transform
