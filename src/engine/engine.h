// The engine: a child process that works on data, so that the server stays small and no two works meet at a lock.
//
// `plumb serve` never opens a database of the user's. It gives whole command lines ("load bank", "build --select
// tag:daily") to an engine: the same program as a child, `plumb engine`, one for each project folder, started with the
// first job and gone when it has been idle for a minute. It carries several jobs out at a time, each on a thread with
// a stop, streams and a working folder of its own; as they share one process they share its DuckDB files too.
//
//     EngineClient engine({.folder = project.folder});
//     engine.start_job({.id = 7, .arguments = {"load", "bank"}, .log_file = log});
//     // … when poll() says that engine.descriptor() can be read:
//     for (const Event& event : engine.receive()) std::visit(…, event);
//
// If the engine dies, the event Lost names the jobs that went with it, and the next job starts another. If its owner
// dies, however suddenly, the engine's connection closes: it stops the owner's jobs and ends.
//
// A command that is typed in the project's folder meanwhile, and needs a file that the engine holds, is carried out
// there as a guest: Guest::find() connects to .plumb/engine.sock, and carry_out() brings its output here.
//
// Protocol: docs/engine.md. What a command line means the engine does not know: `cli` hands host() a function for that.
#pragma once

#include "engine/client.h"
#include "engine/guest.h"
#include "engine/host.h"
#include "engine/job.h"
#include "engine/leftovers.h"
