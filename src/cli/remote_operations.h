// What people do, asked of the server that is at work in this folder: its API, over .plumb/serve.sock.
#pragma once

#include <filesystem>
#include <memory>

#include "config/config.h"
#include "store/store.h"
#include "workflow/workflow.h"

namespace plumb::cli {

// `store` is the server's own, for reading what came of it.
std::unique_ptr<workflow::Operations> remote_operations(const std::filesystem::path& socket,
                                                        const config::Project& project, store::Store& store,
                                                        Clock& clock);

}  // namespace plumb::cli
