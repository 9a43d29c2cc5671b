// The bodies of frames: jobs and their ends as JSON, and the greeting.
#pragma once

#include <string>

#include "engine/job.h"

namespace plumb::engine {

struct Greeting {
  int protocol = 0;
  int pid = 0;
  bool folders = false;  // jobs may run in folders of their own
};

std::string greeting_json(const Greeting& greeting);
// Throw Error(Data) for what is no such thing; keys that are not known are left alone.
Greeting read_greeting(const std::string& json);

std::string job_json(const Job& job);
Job read_job(std::uint64_t id, const std::string& json);

std::string started_json(const Started& started);
Started read_started(std::uint64_t job, const std::string& json);

std::string ended_json(const Ended& ended);
Ended read_ended(std::uint64_t job, const std::string& json);

}  // namespace plumb::engine
