PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE store_version (version BIGINT NOT NULL);
INSERT INTO store_version VALUES(1);
CREATE TABLE workflows (
  "name" TEXT NOT NULL PRIMARY KEY, "paused" BOOLEAN NOT NULL, "active" BOOLEAN NOT NULL, "file" TEXT NOT NULL,
  "description" TEXT NOT NULL, "schedule" TEXT NOT NULL, "timezone" TEXT NOT NULL, "tags_json" TEXT NOT NULL,
  "version" BIGINT NOT NULL, "parsed_at" BIGINT,
  "last_logical_date" BIGINT, "last_interval_start" BIGINT, "last_interval_end" BIGINT, "last_run_after" BIGINT,
  "next_logical_date" BIGINT, "next_interval_start" BIGINT, "next_interval_end" BIGINT, "next_run_after" BIGINT,
  "definition_json" TEXT NOT NULL);
INSERT INTO workflows VALUES('morning',0,1,'workflows/morning.yml','','0 7 * * *','Europe/Berlin','["money"]',1,1795244400000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{}');
CREATE TABLE versions (
  "workflow" TEXT NOT NULL, "number" BIGINT NOT NULL, "hash" TEXT NOT NULL, "created_at" BIGINT NOT NULL,
  "text" TEXT NOT NULL, PRIMARY KEY (workflow, number));
INSERT INTO versions VALUES('morning',1,'00',1795244400000000,'tasks: {}');
CREATE TABLE runs (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT, "workflow" TEXT NOT NULL, "run_id" TEXT NOT NULL, "type" TEXT NOT NULL, "state" TEXT NOT NULL,
  "logical_date" BIGINT, "interval_start" BIGINT, "interval_end" BIGINT, "run_after" BIGINT NOT NULL,
  "queued_at" BIGINT NOT NULL, "started_at" BIGINT, "ended_at" BIGINT, "version" BIGINT NOT NULL,
  "triggered_by" TEXT NOT NULL, "triggering_user" TEXT NOT NULL, "note" TEXT NOT NULL, "backfill" BIGINT,
  "parent_run" BIGINT, "parent_task" TEXT NOT NULL, "parent_map_index" BIGINT NOT NULL, "owner" TEXT NOT NULL,
  "params_json" TEXT NOT NULL);
INSERT INTO runs VALUES(1,'morning','scheduled__2026-11-21T06:00:00+00:00','scheduled','success',1795244400000000,NULL,NULL,1795244400000000,1795244400000000,1795244400000000,1795244400000000,1,'scheduler','','',NULL,NULL,'',-1,'','{}');
CREATE TABLE tasks (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT, "workflow" TEXT NOT NULL, "run" BIGINT NOT NULL, "task" TEXT NOT NULL, "map_index" BIGINT NOT NULL,
  "state" TEXT NOT NULL, "try_number" BIGINT NOT NULL, "max_tries" BIGINT NOT NULL, "kind" TEXT NOT NULL,
  "pool" TEXT NOT NULL, "slots" BIGINT NOT NULL, "priority" BIGINT NOT NULL, "scheduled_at" BIGINT,
  "queued_at" BIGINT, "started_at" BIGINT, "ended_at" BIGINT, "next_try_at" BIGINT, "host" TEXT NOT NULL,
  "pid" BIGINT NOT NULL, "message" TEXT NOT NULL, "waiting_for" TEXT NOT NULL, "map_label" TEXT NOT NULL,
  "note" TEXT NOT NULL, "rendered_json" TEXT NOT NULL);
INSERT INTO tasks VALUES(1,'morning',1,'load',-1,'success',1,2,'load','default_pool',1,1,NULL,NULL,NULL,NULL,NULL,'',0,'','','','','{}');
CREATE TABLE attempts (
  "run" BIGINT NOT NULL, "task" TEXT NOT NULL, "map_index" BIGINT NOT NULL, "try_number" BIGINT NOT NULL,
  "state" TEXT NOT NULL, "queued_at" BIGINT, "started_at" BIGINT, "ended_at" BIGINT, "exit_code" BIGINT,
  "signal" BIGINT NOT NULL, "message" TEXT NOT NULL, "log" TEXT NOT NULL, "host" TEXT NOT NULL,
  "pid" BIGINT NOT NULL, "owner" TEXT NOT NULL, PRIMARY KEY (run, task, map_index, try_number)) WITHOUT ROWID;
INSERT INTO attempts VALUES(1,'load',-1,1,'success',NULL,NULL,NULL,0,0,'','morning/scheduled__2026-11-21T06:00:00+00:00/load/1.log','',0,'');
CREATE TABLE task_values (
  "run" BIGINT NOT NULL, "task" TEXT NOT NULL, "map_index" BIGINT NOT NULL, "key" TEXT NOT NULL,
  "at" BIGINT NOT NULL, "value_json" TEXT NOT NULL, PRIMARY KEY (run, task, map_index, key));
INSERT INTO task_values VALUES(1,'load',-1,'rows',1795244400000000,'3');
CREATE TABLE assets (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL UNIQUE, "uri" TEXT NOT NULL, "group" TEXT NOT NULL,
  "created_at" BIGINT NOT NULL, "extra_json" TEXT NOT NULL);
INSERT INTO assets VALUES(1,'raw.weather','','',1795244400000000,'{}');
CREATE TABLE asset_events (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT, "asset" TEXT NOT NULL, "at" BIGINT NOT NULL, "run" BIGINT, "workflow" TEXT NOT NULL,
  "run_id" TEXT NOT NULL, "task" TEXT NOT NULL, "map_index" BIGINT NOT NULL, "made_by" TEXT NOT NULL,
  "extra_json" TEXT NOT NULL);
INSERT INTO asset_events VALUES(1,'raw.weather',1795244400000000,1,'morning','scheduled__2026-11-21T06:00:00+00:00','load',-1,'task','{"rows": 3}');
CREATE TABLE news (
  "workflow" TEXT NOT NULL, "asset" TEXT NOT NULL, "event" BIGINT NOT NULL,
  PRIMARY KEY (workflow, asset, event)) WITHOUT ROWID;
INSERT INTO news VALUES('models','raw.weather',1);
CREATE TABLE run_news ("run" BIGINT NOT NULL, "event" BIGINT NOT NULL, PRIMARY KEY (run, event)) WITHOUT ROWID;
CREATE TABLE pools (
  "name" TEXT NOT NULL PRIMARY KEY, "slots" BIGINT NOT NULL, "description" TEXT NOT NULL,
  "include_deferred" BOOLEAN NOT NULL);
INSERT INTO pools VALUES('disk',2,'',0);
CREATE TABLE variables (
  "key" TEXT NOT NULL PRIMARY KEY, "value" TEXT NOT NULL, "description" TEXT NOT NULL);
INSERT INTO variables VALUES('city','Kiel','');
CREATE TABLE backfills (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT, "workflow" TEXT NOT NULL, "from" BIGINT NOT NULL, "to" BIGINT NOT NULL, "params_json" TEXT NOT NULL,
  "max_active_runs" BIGINT NOT NULL, "paused" BOOLEAN NOT NULL, "backwards" BOOLEAN NOT NULL,
  "reprocess" TEXT NOT NULL, "created_at" BIGINT NOT NULL, "completed_at" BIGINT, "created_by" TEXT NOT NULL);
CREATE TABLE users (
  "name" TEXT NOT NULL PRIMARY KEY, "password_hash" TEXT NOT NULL, "role" TEXT NOT NULL,
  "active" BOOLEAN NOT NULL, "created_at" BIGINT NOT NULL);
INSERT INTO users VALUES('anna','x','admin',1,1795244400000000);
CREATE TABLE tokens (
  "id" TEXT NOT NULL PRIMARY KEY, "user" TEXT NOT NULL, "hash" TEXT NOT NULL, "description" TEXT NOT NULL,
  "created_at" BIGINT NOT NULL, "expires_at" BIGINT, "last_used_at" BIGINT);
CREATE TABLE events (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT, "at" BIGINT NOT NULL, "event" TEXT NOT NULL, "who" TEXT NOT NULL, "workflow" TEXT NOT NULL,
  "run_id" TEXT NOT NULL, "task" TEXT NOT NULL, "map_index" BIGINT, "try_number" BIGINT,
  "extra_json" TEXT NOT NULL);
INSERT INTO events VALUES(1,1795244400000000,'pause','anna','morning','','',NULL,NULL,'{}');
CREATE TABLE schedulers (
  "id" TEXT NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "pid" BIGINT NOT NULL, "started_ticks" BIGINT NOT NULL,
  "started_at" BIGINT NOT NULL, "lease_until" BIGINT NOT NULL, "kind" TEXT NOT NULL,
  "expires_at" BIGINT NOT NULL) WITHOUT ROWID;
CREATE TABLE notes ("name" TEXT NOT NULL PRIMARY KEY, "value" TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO notes VALUES('cursor','8');
CREATE TABLE counts (
  "what" TEXT NOT NULL, "name" TEXT NOT NULL, "state" TEXT NOT NULL, "n" BIGINT NOT NULL,
  PRIMARY KEY (what, name, state)) WITHOUT ROWID;
INSERT INTO counts VALUES('asset_event','raw.weather','',1);
INSERT INTO counts VALUES('event','morning','',1);
INSERT INTO counts VALUES('run','morning','success',1);
INSERT INTO counts VALUES('task','morning','success',1);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('runs',1);
INSERT INTO sqlite_sequence VALUES('tasks',1);
INSERT INTO sqlite_sequence VALUES('assets',1);
INSERT INTO sqlite_sequence VALUES('asset_events',1);
INSERT INTO sqlite_sequence VALUES('events',1);
CREATE INDEX workflows_by_state ON workflows (active, paused, name);
CREATE UNIQUE INDEX runs_by_run_id ON runs (run_id, workflow);
CREATE UNIQUE INDEX runs_scheduled ON runs (workflow, logical_date) WHERE type = 'scheduled';
CREATE INDEX runs_by_workflow ON runs (workflow, id);
CREATE INDEX runs_by_state ON runs (state, id);
CREATE INDEX runs_by_workflow_state ON runs (workflow, state, id);
CREATE INDEX runs_by_run_after ON runs (run_after, id);
CREATE INDEX runs_by_workflow_run_after ON runs (workflow, run_after, id);
CREATE INDEX runs_by_logical_date ON runs (workflow, logical_date , id);
CREATE INDEX runs_by_start ON runs (started_at , id);
CREATE INDEX runs_by_end ON runs (ended_at , id);
CREATE INDEX runs_by_backfill ON runs (backfill, id) WHERE backfill IS NOT NULL;
CREATE UNIQUE INDEX tasks_by_run ON tasks (run, task, map_index);
CREATE INDEX tasks_by_state ON tasks (state, id);
CREATE INDEX tasks_by_workflow ON tasks (workflow, id);
CREATE INDEX tasks_by_workflow_state ON tasks (workflow, state, id);
CREATE INDEX tasks_by_start ON tasks (started_at , id);
CREATE INDEX tasks_by_task ON tasks (workflow, task, id);
CREATE INDEX asset_events_by_asset ON asset_events (asset, id);
CREATE INDEX asset_events_by_workflow ON asset_events (workflow, id);
CREATE INDEX asset_events_by_run_id ON asset_events (run_id, id) WHERE run_id <> '';
CREATE INDEX backfills_by_workflow ON backfills (workflow, id);
CREATE INDEX events_by_workflow ON events (workflow, id);
CREATE INDEX events_by_run_id ON events (run_id, id) WHERE run_id <> '';
COMMIT;
