// The columns of each record: in one place what is written, read and asked for, in the order of the record.
//
//     each_column(run, [&](std::string_view name, auto& member) { … });
//
// A column is called as the record's member. The tables have a few more, which are the store's own (schema.cpp).
#pragma once

#include <array>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "db/db.h"
#include "store/records.h"

namespace plumb::store {

// Row, or Row that may only be read.
template <class Row, class Record>
concept Of = std::same_as<std::remove_const_t<Row>, Record>;

template <Of<WorkflowRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("name", row.name);
  visit("paused", row.paused);
  visit("active", row.active);
  visit("file", row.file);
  visit("description", row.description);
  visit("schedule", row.schedule);
  visit("timezone", row.timezone);
  visit("tags_json", row.tags_json);
  visit("definition_json", row.definition_json);
  visit("version", row.version);
  visit("parsed_at", row.parsed_at);
  visit("last_logical_date", row.last_logical_date);
  visit("last_interval_start", row.last_interval_start);
  visit("last_interval_end", row.last_interval_end);
  visit("last_run_after", row.last_run_after);
  visit("next_logical_date", row.next_logical_date);
  visit("next_interval_start", row.next_interval_start);
  visit("next_interval_end", row.next_interval_end);
  visit("next_run_after", row.next_run_after);
}

template <Of<VersionRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("workflow", row.workflow);
  visit("number", row.number);
  visit("hash", row.hash);
  visit("text", row.text);
  visit("created_at", row.created_at);
}

template <Of<RunRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("workflow", row.workflow);
  visit("run_id", row.run_id);
  visit("type", row.type);
  visit("state", row.state);
  visit("logical_date", row.logical_date);
  visit("interval_start", row.interval_start);
  visit("interval_end", row.interval_end);
  visit("run_after", row.run_after);
  visit("queued_at", row.queued_at);
  visit("started_at", row.started_at);
  visit("ended_at", row.ended_at);
  visit("version", row.version);
  visit("params_json", row.params_json);
  visit("triggered_by", row.triggered_by);
  visit("triggering_user", row.triggering_user);
  visit("note", row.note);
  visit("backfill", row.backfill);
  visit("parent_run", row.parent_run);
  visit("parent_task", row.parent_task);
  visit("parent_map_index", row.parent_map_index);
  visit("owner", row.owner);
}

template <Of<TaskRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("run", row.run);
  visit("task", row.task);
  visit("map_index", row.map_index);
  visit("state", row.state);
  visit("try_number", row.try_number);
  visit("max_tries", row.max_tries);
  visit("kind", row.kind);
  visit("pool", row.pool);
  visit("slots", row.slots);
  visit("priority", row.priority);
  visit("scheduled_at", row.scheduled_at);
  visit("queued_at", row.queued_at);
  visit("started_at", row.started_at);
  visit("ended_at", row.ended_at);
  visit("next_try_at", row.next_try_at);
  visit("host", row.host);
  visit("pid", row.pid);
  visit("message", row.message);
  visit("waiting_for", row.waiting_for);
  visit("rendered_json", row.rendered_json);
  visit("map_label", row.map_label);
  visit("note", row.note);
}

template <Of<AttemptRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("run", row.run);
  visit("task", row.task);
  visit("map_index", row.map_index);
  visit("try_number", row.try_number);
  visit("state", row.state);
  visit("queued_at", row.queued_at);
  visit("started_at", row.started_at);
  visit("ended_at", row.ended_at);
  visit("exit_code", row.exit_code);
  visit("signal", row.signal);
  visit("message", row.message);
  visit("log", row.log);
  visit("host", row.host);
  visit("pid", row.pid);
  visit("owner", row.owner);
}

template <Of<ValueRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("run", row.run);
  visit("task", row.task);
  visit("map_index", row.map_index);
  visit("key", row.key);
  visit("value_json", row.value_json);
  visit("at", row.at);
}

template <Of<AssetRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("name", row.name);
  visit("uri", row.uri);
  visit("group", row.group);
  visit("extra_json", row.extra_json);
  visit("created_at", row.created_at);
}

template <Of<AssetEventRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("asset", row.asset);
  visit("at", row.at);
  visit("extra_json", row.extra_json);
  visit("run", row.run);
  visit("workflow", row.workflow);
  visit("run_id", row.run_id);
  visit("task", row.task);
  visit("map_index", row.map_index);
  visit("made_by", row.made_by);
}

template <Of<PoolRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("name", row.name);
  visit("slots", row.slots);
  visit("description", row.description);
  visit("include_deferred", row.include_deferred);
}

template <Of<VariableRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("key", row.key);
  visit("value", row.value);
  visit("description", row.description);
}

template <Of<BackfillRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("workflow", row.workflow);
  visit("from", row.from);
  visit("to", row.to);
  visit("params_json", row.params_json);
  visit("max_active_runs", row.max_active_runs);
  visit("paused", row.paused);
  visit("backwards", row.backwards);
  visit("reprocess", row.reprocess);
  visit("created_at", row.created_at);
  visit("completed_at", row.completed_at);
  visit("created_by", row.created_by);
}

template <Of<UserRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("name", row.name);
  visit("password_hash", row.password_hash);
  visit("role", row.role);
  visit("active", row.active);
  visit("created_at", row.created_at);
}

template <Of<TokenRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("user", row.user);
  visit("hash", row.hash);
  visit("description", row.description);
  visit("created_at", row.created_at);
  visit("expires_at", row.expires_at);
  visit("last_used_at", row.last_used_at);
}

template <Of<EventRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("at", row.at);
  visit("event", row.event);
  visit("who", row.who);
  visit("workflow", row.workflow);
  visit("run_id", row.run_id);
  visit("task", row.task);
  visit("map_index", row.map_index);
  visit("try_number", row.try_number);
  visit("extra_json", row.extra_json);
}

template <Of<SchedulerRow> Row, class Visit>
void each_column(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("host", row.host);
  visit("pid", row.pid);
  visit("started_ticks", row.started_ticks);
  visit("started_at", row.started_at);
  visit("lease_until", row.lease_until);
  visit("kind", row.kind);
}

template <class Row>
std::vector<std::string> column_names() {
  std::vector<std::string> names;
  Row row{};
  each_column(row, [&](std::string_view name, auto&) { names.emplace_back(name); });
  return names;
}

}  // namespace plumb::store
