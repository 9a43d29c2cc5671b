#include "serve/schemas.h"

#include <array>

#include "base/error.h"

namespace plumb::serve {

namespace {

constexpr Schema kSchemas[] = {
    {"AppBuilderMenuItemResponse", "category?:~string href:string name:string"},
    {"AppBuilderViewResponse", "category?:~string label?:~string name?:~string view?:~string"},
    {"AssetAliasCollectionResponse", "asset_aliases:[AssetAliasResponse] total_entries:integer"},
    {"AssetAliasResponse", "group:string id:integer name:string"},
    {"AssetCollectionResponse", "assets:[AssetResponse] total_entries:integer"},
    {"AssetEventCollectionResponse", "asset_events:[AssetEventResponse] total_entries:integer"},
    {"AssetEventResponse",
     "asset_id:integer created_dagruns:[DagRunAssetReference] extra?:~object group?:~string id:integer "
     "name?:~string source_dag_id?:~string source_map_index:integer source_run_id?:~string "
     "source_task_id?:~string timestamp:date-time uri?:~string"},
    {"AssetResponse",
     "aliases:[AssetAliasResponse] consuming_tasks:[TaskInletAssetReference] created_at:date-time "
     "extra?:~object group:string id:integer last_asset_event?:~LastAssetEventResponse name:string "
     "producing_tasks:[TaskOutletAssetReference] scheduled_dags:[DagScheduleAssetReference] "
     "updated_at:date-time uri:string"},
    {"BackfillCollectionResponse", "backfills:[BackfillResponse] total_entries:integer"},
    {"BackfillPostBody",
     "dag_id:string dag_run_conf?:object from_date:date-time max_active_runs?:integer "
     "reprocess_behavior?:~ReprocessBehavior run_backwards?:boolean run_on_latest_version?:boolean "
     "to_date:date-time"},
    {"BackfillResponse",
     "completed_at?:~date-time created_at:date-time dag_display_name:string dag_id:string dag_run_conf:object "
     "from_date:date-time id:integer is_paused:boolean max_active_runs:integer "
     "reprocess_behavior:ReprocessBehavior to_date:date-time updated_at:date-time"},
    {"BaseInfoResponse", "status?:~string"},
    {"BulkActionResponse", "errors?:[any] success?:[string]"},
    {"BulkBody", "actions:[any]"},
    {"BulkResponse", "create?:~BulkActionResponse delete?:~BulkActionResponse update?:~BulkActionResponse"},
    {"ClearTaskInstancesBody",
     "dag_run_id?:~string dry_run?:boolean end_date?:~date-time include_downstream?:boolean "
     "include_future?:boolean include_past?:boolean include_upstream?:boolean only_failed?:boolean "
     "only_running?:boolean reset_dag_runs?:boolean run_on_latest_version?:boolean start_date?:~date-time "
     "task_ids?:~[string|[any]]"},
    {"Config", "sections:[ConfigSection]"},
    {"ConfigOption", "key:string value:string|[any]"},
    {"ConfigSection", "name:string options:[ConfigOption]"},
    {"ConnectionBody",
     "conn_type:string connection_id:string description?:~string extra?:~string host?:~string login?:~string "
     "password?:~string port?:~integer schema?:~string"},
    {"ConnectionCollectionResponse", "connections:[ConnectionResponse] total_entries:integer"},
    {"ConnectionResponse",
     "conn_type:string connection_id:string description?:~string extra?:~string host?:~string login?:~string "
     "password?:~string port?:~integer schema?:~string"},
    {"ConnectionTestResponse", "message:string status:boolean"},
    {"CreateAssetEventsBody", "asset_id:integer extra?:object"},
    {"DAGCollectionResponse", "dags:[DAGResponse] total_entries:integer"},
    {"DAGDetailsResponse",
     "asset_expression?:~object bundle_name?:~string bundle_version?:~string catchup:boolean "
     "concurrency:integer dag_display_name:string dag_id:string dag_run_timeout?:~duration "
     "default_args?:~object description?:~string doc_md?:~string end_date?:~date-time file_token:string "
     "fileloc:string has_import_errors:boolean has_task_concurrency_limits:boolean is_favorite?:boolean "
     "is_paused:boolean is_paused_upon_creation?:~boolean is_stale:boolean last_expired?:~date-time "
     "last_parse_duration?:~number last_parsed?:~date-time last_parsed_time?:~date-time "
     "latest_dag_version?:~DagVersionResponse max_active_runs?:~integer max_active_tasks:integer "
     "max_consecutive_failed_dag_runs:integer next_dagrun_data_interval_end?:~date-time "
     "next_dagrun_data_interval_start?:~date-time next_dagrun_logical_date?:~date-time "
     "next_dagrun_run_after?:~date-time owner_links?:~object owners:[string] params?:~object "
     "relative_fileloc?:~string render_template_as_native_obj:boolean start_date?:~date-time "
     "tags:[DagTagResponse] template_search_path?:~[string] timetable_description?:~string "
     "timetable_summary?:~string timezone?:~string"},
    {"DAGPatchBody", "is_paused:boolean"},
    {"DAGResponse",
     "bundle_name?:~string bundle_version?:~string dag_display_name:string dag_id:string description?:~string "
     "file_token:string fileloc:string has_import_errors:boolean has_task_concurrency_limits:boolean "
     "is_paused:boolean is_stale:boolean last_expired?:~date-time last_parse_duration?:~number "
     "last_parsed_time?:~date-time max_active_runs?:~integer max_active_tasks:integer "
     "max_consecutive_failed_dag_runs:integer next_dagrun_data_interval_end?:~date-time "
     "next_dagrun_data_interval_start?:~date-time next_dagrun_logical_date?:~date-time "
     "next_dagrun_run_after?:~date-time owners:[string] relative_fileloc?:~string tags:[DagTagResponse] "
     "timetable_description?:~string timetable_summary?:~string"},
    {"DAGRunClearBody", "dry_run?:boolean only_failed?:boolean run_on_latest_version?:boolean"},
    {"DAGRunCollectionResponse", "dag_runs:[DAGRunResponse] total_entries:integer"},
    {"DAGRunPatchBody", "note?:~string state?:~DAGRunPatchStates"},
    {"DAGRunPatchStates", "{queued success failed}"},
    {"DAGRunResponse",
     "bundle_version?:~string conf?:~object dag_display_name:string dag_id:string dag_run_id:string "
     "dag_versions:[DagVersionResponse] data_interval_end?:~date-time data_interval_start?:~date-time "
     "duration?:~number end_date?:~date-time last_scheduling_decision?:~date-time logical_date?:~date-time "
     "note?:~string queued_at?:~date-time run_after:date-time run_type:DagRunType start_date?:~date-time "
     "state:DagRunState triggered_by?:~DagRunTriggeredByType triggering_user_name?:~string"},
    {"DAGRunsBatchBody",
     "dag_ids?:~[string] end_date_gt?:~date-time end_date_gte?:~date-time end_date_lt?:~date-time "
     "end_date_lte?:~date-time logical_date_gt?:~date-time logical_date_gte?:~date-time "
     "logical_date_lt?:~date-time logical_date_lte?:~date-time order_by?:~string page_limit?:integer "
     "page_offset?:integer run_after_gt?:~date-time run_after_gte?:~date-time run_after_lt?:~date-time "
     "run_after_lte?:~date-time start_date_gt?:~date-time start_date_gte?:~date-time start_date_lt?:~date-time "
     "start_date_lte?:~date-time states?:~[DagRunState]"},
    {"DAGSourceResponse", "content?:~string dag_display_name:string dag_id:string version_number?:~integer"},
    {"DAGTagCollectionResponse", "tags:[string] total_entries:integer"},
    {"DAGVersionCollectionResponse", "dag_versions:[DagVersionResponse] total_entries:integer"},
    {"DAGWarningCollectionResponse", "dag_warnings:[DAGWarningResponse] total_entries:integer"},
    {"DAGWarningResponse",
     "dag_display_name:string dag_id:string message:string timestamp:date-time warning_type:DagWarningType"},
    {"DagProcessorInfoResponse", "latest_dag_processor_heartbeat?:~string status?:~string"},
    {"DagRunAssetReference",
     "dag_id:string data_interval_end?:~date-time data_interval_start?:~date-time end_date?:~date-time "
     "logical_date?:~date-time run_id:string start_date:date-time state:string"},
    {"DagRunState", "{queued running success failed}"},
    {"DagRunTriggeredByType", "{cli operator rest_api ui test timetable asset backfill}"},
    {"DagRunType", "{backfill scheduled manual asset_triggered}"},
    {"DagScheduleAssetReference", "created_at:date-time dag_id:string updated_at:date-time"},
    {"DagStatsCollectionResponse", "dags:[DagStatsResponse] total_entries:integer"},
    {"DagStatsResponse", "dag_display_name:string dag_id:string stats:[DagStatsStateResponse]"},
    {"DagStatsStateResponse", "count:integer state:DagRunState"},
    {"DagTagResponse", "dag_display_name:string dag_id:string name:string"},
    {"DagVersionResponse",
     "bundle_name?:~string bundle_url?:~string bundle_version?:~string created_at:date-time "
     "dag_display_name:string dag_id:string id:uuid version_number:integer"},
    {"DagWarningType", "{asset conflict non-existent pool}"},
    {"DryRunBackfillCollectionResponse", "backfills:[DryRunBackfillResponse] total_entries:integer"},
    {"DryRunBackfillResponse", "logical_date:date-time"},
    {"EventLogCollectionResponse", "event_logs:[EventLogResponse] total_entries:integer"},
    {"EventLogResponse",
     "dag_display_name?:~string dag_id?:~string event:string event_log_id:integer extra?:~string "
     "logical_date?:~date-time map_index?:~integer owner?:~string run_id?:~string task_display_name?:~string "
     "task_id?:~string try_number?:~integer when:date-time"},
    {"ExternalLogUrlResponse", "url:string"},
    {"ExternalViewResponse",
     "category?:~string destination?:string href:string icon?:~string icon_dark_mode?:~string name:string "
     "url_route?:~string"},
    {"ExtraLinkCollectionResponse", "extra_links:object total_entries:integer"},
    {"FastAPIAppResponse", "app:string name:string url_prefix:string"},
    {"FastAPIRootMiddlewareResponse", "middleware:string name:string"},
    {"HITLDetail",
     "assigned_users?:[HITLUser] body?:~string chosen_options?:~[string] created_at:date-time "
     "defaults?:~[string] multiple?:boolean options:[string] params?:object params_input?:object "
     "responded_at?:~date-time responded_by_user?:~HITLUser response_received?:boolean subject:string "
     "task_instance:TaskInstanceResponse"},
    {"HITLDetailCollection", "hitl_details:[HITLDetail] total_entries:integer"},
    {"HITLDetailResponse", "chosen_options:[string] params_input?:object responded_at:date-time responded_by:HITLUser"},
    {"HITLUser", "id:string name:string"},
    {"HealthInfoResponse",
     "dag_processor?:~DagProcessorInfoResponse metadatabase:BaseInfoResponse scheduler:SchedulerInfoResponse "
     "triggerer:TriggererInfoResponse"},
    {"ImportErrorCollectionResponse", "import_errors:[ImportErrorResponse] total_entries:integer"},
    {"ImportErrorResponse",
     "bundle_name?:~string filename:string import_error_id:integer stack_trace:string timestamp:date-time"},
    {"JobCollectionResponse", "jobs:[JobResponse] total_entries:integer"},
    {"JobResponse",
     "dag_display_name?:~string dag_id?:~string end_date?:~date-time executor_class?:~string hostname?:~string "
     "id:integer job_type?:~string latest_heartbeat?:~date-time start_date?:~date-time state?:~string "
     "unixname?:~string"},
    {"JsonValue", "any"},
    {"LastAssetEventResponse", "id?:~integer timestamp?:~date-time"},
    {"PatchTaskInstanceBody",
     "include_downstream?:boolean include_future?:boolean include_past?:boolean include_upstream?:boolean "
     "new_state?:~TaskInstanceState note?:~string"},
    {"PluginCollectionResponse", "plugins:[PluginResponse] total_entries:integer"},
    {"PluginImportErrorCollectionResponse", "import_errors:[PluginImportErrorResponse] total_entries:integer"},
    {"PluginImportErrorResponse", "error:string source:string"},
    {"PluginResponse",
     "appbuilder_menu_items:[AppBuilderMenuItemResponse] appbuilder_views:[AppBuilderViewResponse] "
     "external_views:[ExternalViewResponse] fastapi_apps:[FastAPIAppResponse] "
     "fastapi_root_middlewares:[FastAPIRootMiddlewareResponse] flask_blueprints:[string] "
     "global_operator_extra_links:[string] listeners:[string] macros:[string] name:string "
     "operator_extra_links:[string] react_apps:[ReactAppResponse] source:string timetables:[string]"},
    {"PoolBody", "description?:~string include_deferred?:boolean name:string slots:integer"},
    {"PoolCollectionResponse", "pools:[PoolResponse] total_entries:integer"},
    {"PoolPatchBody", "description?:~string include_deferred?:~boolean pool?:~string slots?:~integer"},
    {"PoolResponse",
     "deferred_slots:integer description?:~string include_deferred:boolean name:string occupied_slots:integer "
     "open_slots:integer queued_slots:integer running_slots:integer scheduled_slots:integer slots:integer"},
    {"ProviderCollectionResponse", "providers:[ProviderResponse] total_entries:integer"},
    {"ProviderResponse", "description:string documentation_url?:~string package_name:string version:string"},
    {"QueuedEventCollectionResponse", "queued_events:[QueuedEventResponse] total_entries:integer"},
    {"QueuedEventResponse", "asset_id:integer created_at:date-time dag_display_name:string dag_id:string"},
    {"ReactAppResponse",
     "bundle_url:string category?:~string destination?:string icon?:~string icon_dark_mode?:~string "
     "name:string url_route?:~string"},
    {"ReprocessBehavior", "{failed completed none}"},
    {"SchedulerInfoResponse", "latest_scheduler_heartbeat?:~string status?:~string"},
    {"StructuredLogMessage", "event:string timestamp?:date-time"},
    {"TaskCollectionResponse", "tasks:[TaskResponse] total_entries:integer"},
    {"TaskDependencyCollectionResponse", "dependencies:[TaskDependencyResponse]"},
    {"TaskDependencyResponse", "name:string reason:string"},
    {"TaskInletAssetReference", "created_at:date-time dag_id:string task_id:string updated_at:date-time"},
    {"TaskInstanceCollectionResponse", "task_instances:[TaskInstanceResponse] total_entries:integer"},
    {"TaskInstanceHistoryCollectionResponse", "task_instances:[TaskInstanceHistoryResponse] total_entries:integer"},
    {"TaskInstanceHistoryResponse",
     "dag_display_name:string dag_id:string dag_run_id:string dag_version?:~DagVersionResponse "
     "duration?:~number end_date?:~date-time executor?:~string executor_config:string hostname?:~string "
     "map_index:integer max_tries:integer operator?:~string operator_name?:~string pid?:~integer pool:string "
     "pool_slots:integer priority_weight?:~integer queue?:~string queued_when?:~date-time "
     "scheduled_when?:~date-time start_date?:~date-time state?:~TaskInstanceState task_display_name:string "
     "task_id:string try_number:integer unixname?:~string"},
    {"TaskInstanceResponse",
     "dag_display_name:string dag_id:string dag_run_id:string dag_version?:~DagVersionResponse "
     "duration?:~number end_date?:~date-time executor?:~string executor_config:string hostname?:~string "
     "id:string logical_date?:~date-time map_index:integer max_tries:integer note?:~string operator?:~string "
     "operator_name?:~string pid?:~integer pool:string pool_slots:integer priority_weight?:~integer "
     "queue?:~string queued_when?:~date-time rendered_fields?:object rendered_map_index?:~string "
     "run_after:date-time scheduled_when?:~date-time start_date?:~date-time state?:~TaskInstanceState "
     "task_display_name:string task_id:string trigger?:~TriggerResponse triggerer_job?:~JobResponse "
     "try_number:integer unixname?:~string"},
    {"TaskInstanceState",
     "{removed scheduled queued running success restarting failed up_for_retry up_for_reschedule "
     "upstream_failed skipped deferred}"},
    {"TaskInstancesBatchBody",
     "dag_ids?:~[string] dag_run_ids?:~[string] duration_gt?:~number duration_gte?:~number "
     "duration_lt?:~number duration_lte?:~number end_date_gt?:~date-time end_date_gte?:~date-time "
     "end_date_lt?:~date-time end_date_lte?:~date-time executor?:~[string] logical_date_gt?:~date-time "
     "logical_date_gte?:~date-time logical_date_lt?:~date-time logical_date_lte?:~date-time order_by?:~string "
     "page_limit?:integer page_offset?:integer pool?:~[string] queue?:~[string] run_after_gt?:~date-time "
     "run_after_gte?:~date-time run_after_lt?:~date-time run_after_lte?:~date-time start_date_gt?:~date-time "
     "start_date_gte?:~date-time start_date_lt?:~date-time start_date_lte?:~date-time "
     "state?:~[TaskInstanceState] task_ids?:~[string]"},
    {"TaskInstancesLogResponse", "content:[StructuredLogMessage]|[string] continuation_token?:~string"},
    {"TaskOutletAssetReference", "created_at:date-time dag_id:string task_id:string updated_at:date-time"},
    {"TaskResponse",
     "class_ref?:~object depends_on_past:boolean doc_md?:~string downstream_task_ids?:~[string] "
     "end_date?:~date-time execution_timeout?:~TimeDelta extra_links:[string] is_mapped?:~boolean "
     "operator_name?:~string owner?:~string params?:~object pool?:~string pool_slots?:~number "
     "priority_weight?:~number queue?:~string retries?:~number retry_delay?:~TimeDelta "
     "retry_exponential_backoff:boolean start_date?:~date-time task_display_name?:~string task_id?:~string "
     "template_fields?:~[string] trigger_rule?:~string ui_color?:~string ui_fgcolor?:~string "
     "wait_for_downstream:boolean weight_rule?:~string"},
    {"TimeDelta", "__type?:string days:integer microseconds:integer seconds:integer"},
    {"TriggerDAGRunPostBody",
     "conf?:~object dag_run_id?:~string data_interval_end?:~date-time data_interval_start?:~date-time "
     "logical_date?:~date-time note?:~string run_after?:~date-time"},
    {"TriggerResponse", "classpath:string created_date:date-time id:integer kwargs:string triggerer_id?:~integer"},
    {"TriggererInfoResponse", "latest_triggerer_heartbeat?:~string status?:~string"},
    {"UpdateHITLDetailPayload", "chosen_options:[string] params_input?:object"},
    {"VariableBody", "description?:~string key:string value:JsonValue"},
    {"VariableCollectionResponse", "total_entries:integer variables:[VariableResponse]"},
    {"VariableResponse", "description?:~string is_encrypted:boolean key:string value:string"},
    {"VersionInfo", "git_version?:~string version:string"},
    {"XComCollectionResponse", "total_entries:integer xcom_entries:[XComResponse]"},
    {"XComResponse",
     "dag_display_name:string dag_id:string key:string logical_date?:~date-time map_index:integer "
     "run_after:date-time run_id:string task_display_name:string task_id:string timestamp:date-time"},
    {"XComResponseNative",
     "dag_display_name:string dag_id:string key:string logical_date?:~date-time map_index:integer "
     "run_after:date-time run_id:string task_display_name:string task_id:string timestamp:date-time value:any"},
    {"XComResponseString",
     "dag_display_name:string dag_id:string key:string logical_date?:~date-time map_index:integer "
     "run_after:date-time run_id:string task_display_name:string task_id:string timestamp:date-time "
     "value?:~string"},
    // Our own.
    {"AssetNewsBody", "asset:string extra?:object"},
    {"ApproveBody", "task?:~string map_index?:~integer approved:boolean note?:~string"},
    {"ChangeUserBody", "password?:~string role?:~string"},
    {"DefinitionsCheck", "workflows:integer faults:[Fault]"},
    {"Edge", "from:string to:string task:~string"},
    {"EngineStatus", "running:boolean pid:integer bytes:integer"},
    {"Fault", "file:string line:integer column:integer message:string hint:string text:string"},
    {"Lineage", "nodes:[LineageNode] edges:[Edge]"},
    {"LineageNode", "id:string kind:string name:string"},
    {"LoginBody", "username:string password:string"},
    {"NewSession", "user:string csrf_token:string"},
    {"NewTokenBody", "user?:~string description?:~string days?:~integer"},
    {"NewUserBody", "name:string password:string role?:~string"},
    {"PlainHealth", "status:string"},
    {"Session", "user:~string role:string csrf_token:~string"},
    {"Status",
     "version:string started_at:date-time last_round:date-time open_runs:integer running_tasks:integer "
     "queued_tasks:integer lag_seconds:number engine:EngineStatus"},
    {"Token",
     "id:string user:string description:string created_at:date-time expires_at:~date-time last_used_at:~date-time "
     "token?:string"},
    {"TokenCollection", "tokens:[Token] total_entries:integer"},
    {"TokenResponse", "access_token:string"},
    {"User", "name:string role:string created_at:date-time"},
    {"UserCollection", "users:[User] total_entries:integer"},
    {"Waiting",
     "workflow:string run_id:string task:string map_index:integer waiting_for:string message:string since:~date-time "
     "until:~date-time"},
    {"WaitingCollection", "waiting:[Waiting] total_entries:integer"},
    // Of what went wrong.
    {"HTTPExceptionResponse", "detail:string|object"},
    {"HTTPValidationError", "detail:[ValidationError]"},
    {"ValidationError", "loc:[string|integer] msg:string type:string"},
};

// The end of a type that begins the text: up to "|" or the end, lists in it whole.
std::size_t single_end(std::string_view type) {
  int depth = 0;
  for (std::size_t i = 0; i < type.size(); ++i) {
    depth += type[i] == '[' ? 1 : type[i] == ']' ? -1 : 0;
    if (type[i] == '|' && depth == 0) return i;
  }
  return type.size();
}

void write_single(JsonWriter& json, std::string_view type) {
  json.begin_object();
  if (type.starts_with('[')) {
    json.field("type", "array").key("items");
    write_type(json, type.substr(1, type.size() - 2));
  } else if (type.front() >= 'A' && type.front() <= 'Z') {
    json.field("$ref", "#/components/schemas/" + std::string(type));
  } else if (type == "date-time" || type == "uuid" || type == "duration") {
    json.field("type", "string").field("format", type);
  } else if (type != "any") {
    json.field("type", type);
  }
  json.end_object();
}

std::string_view take_word(std::string_view& text) {
  std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace

std::span<const Schema> schemas() {
  return kSchemas;
}

void write_type(JsonWriter& json, std::string_view type) {
  bool nullable = type.starts_with('~');
  if (nullable) type.remove_prefix(1);
  std::size_t end = single_end(type);
  if (!nullable && end == type.size()) return write_single(json, type);
  json.begin_object().key("anyOf").begin_array();
  while (!type.empty()) {
    end = single_end(type);
    write_single(json, type.substr(0, end));
    type.remove_prefix(std::min(end + 1, type.size()));
  }
  if (nullable) json.begin_object().field("type", "null").end_object();
  json.end_array().end_object();
}

void write_schema(JsonWriter& json, const Schema& schema) {
  std::string_view rest = schema.fields;
  json.begin_object();
  if (rest == "any") {
    json.end_object();
    return;
  }
  if (rest.starts_with('{')) {
    rest = rest.substr(1, rest.size() - 2);
    json.field("type", "string").key("enum").begin_array();
    while (!rest.empty()) json.text(take_word(rest));
    json.end_array().end_object();
    return;
  }
  json.field("type", "object").key("properties").begin_object();
  std::vector<std::string_view> required;
  while (!rest.empty()) {
    std::string_view word = take_word(rest);
    std::size_t colon = word.find(':');
    std::string_view name = word.substr(0, colon);
    bool optional = name.ends_with('?');
    if (optional) name.remove_suffix(1);
    if (!optional) required.push_back(name);
    json.key(name);
    write_type(json, word.substr(colon + 1));
  }
  json.end_object().key("required").begin_array();
  for (std::string_view name : required) json.text(name);
  json.end_array().end_object();
}

}  // namespace plumb::serve
