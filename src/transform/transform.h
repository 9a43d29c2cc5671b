// A dbt project made real: nodes become tables in the target's database.
//
// This room joins three others: project's Manifest says what there is, jinja renders its SQL, db runs it. A Warehouse
// (connection.h) is the profile's target: one database, opened as dbt's keys say, with a cache of what is in it. An
// Invocation (invocation.h) is one command on one project, as far as all nodes share it. A Runner (runner.h) takes
// nodes from a NodeQueue (node_queue.h) with some threads, each with a Session with the database and a RunContext
// (run_context.h): the names that templates see, among them the Adapter (adapter.h) that they ask the database by. A
// Compiler (compile.h) makes SQL of a node, run_node.h carries it out by its materialization, and what came of it is a
// RunResult (results.h), which a Progress (progress.h) tells. What adapters hand out is here too: relations
// (relation.h), columns (column.h), rows (result_table.h), and the named results of statements (result_store.h).
//
//     Warehouse warehouse(settings.target, settings.folder, log);
//     Invocation invocation(settings, manifest, warehouse, clock);
//     Compiler compiler;
//     LineProgress progress(settings, [](const Event& event) { … });
//     Outcome outcome = Runner(invocation, compiler, progress).run(chosen, {.kind = RunKind::Build, .threads = 4});
//
// Templates can be rendered without a runner as well:
//
//     Session session(warehouse, "model.shop.orders");
//     auto adapter = make_adapter(session, {.call_macro = …, .dispatch = …, .project_name = "shop"});
//     context.set("adapter", Value(adapter)).set("api", make_api(warehouse.kind()));
//     template->render(context);                       // {{ adapter.get_relation('shop', 'main', 'orders') }}
//
// The measure is dbt 1.11 with dbt-duckdb 1.11 and dbt-postgres. Errors are Error with dbt's words and, as type(), the
// name of dbt's exception ("CompilationError", "DbtRuntimeError", …); the database's own come as db throws them.
// A Warehouse may be used from any thread; a Session and what hangs on it belong to one.
#pragma once

#include "transform/adapter.h"         // IWYU pragma: export
#include "transform/attach_profile.h"  // IWYU pragma: export
#include "transform/catalog.h"         // IWYU pragma: export
#include "transform/column.h"          // IWYU pragma: export
#include "transform/compile.h"         // IWYU pragma: export
#include "transform/connection.h"      // IWYU pragma: export
#include "transform/event.h"           // IWYU pragma: export
#include "transform/freshness.h"       // IWYU pragma: export
#include "transform/invocation.h"      // IWYU pragma: export
#include "transform/node_files.h"      // IWYU pragma: export
#include "transform/node_queue.h"      // IWYU pragma: export
#include "transform/node_relation.h"   // IWYU pragma: export
#include "transform/progress.h"        // IWYU pragma: export
#include "transform/record.h"          // IWYU pragma: export
#include "transform/relation.h"        // IWYU pragma: export
#include "transform/relation_cache.h"  // IWYU pragma: export
#include "transform/result_store.h"    // IWYU pragma: export
#include "transform/result_table.h"    // IWYU pragma: export
#include "transform/results.h"         // IWYU pragma: export
#include "transform/run_context.h"     // IWYU pragma: export
#include "transform/run_node.h"        // IWYU pragma: export
#include "transform/runner.h"          // IWYU pragma: export
#include "transform/seed_table.h"      // IWYU pragma: export
#include "transform/show.h"            // IWYU pragma: export
#include "transform/table_diff.h"      // IWYU pragma: export
