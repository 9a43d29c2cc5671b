// The keys of a workflow's file, and of the sections of plumb.yml that are about workflows: see shape.h.
//
// Inside the room.
#pragma once

#include "workflow/shape.h"

namespace plumb::workflow {

const Shape& workflow_shape();
const Shape& task_shape();
const Shape& param_shape();
// `defaults:` of a workflow's file, and of plumb.yml.
const Shape& task_defaults_shape();
const Shape& project_defaults_shape();
const Shape& pools_shape();
const Shape& retention_shape();
// What a key is called here that people know by another name: "needs" is "after". Empty: no such.
std::string_view find_other_word(std::string_view key);

}  // namespace plumb::workflow
