#include "transform/runner.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <thread>

#include "base/format.h"
#include "transform/freshness.h"
#include "transform/node_relation.h"
#include "transform/query_comment.h"
#include "transform/run_node.h"

namespace plumb::transform {

using jinja::State;
using jinja::Value;
using project::Node;
using project::ResourceType;

bool Outcome::successful() const {
  if (cancelled) return false;
  return std::none_of(results.begin(), results.end(), troubled);
}

// The threads, and what they share.
class Runner::Pool {
 public:
  Pool(Runner& runner, NodeQueue& queue, const RunSettings& settings, Outcome& outcome)
      : runner_(runner), queue_(queue), settings_(settings), outcome_(outcome) {}

  void run() {
    std::stop_callback on_stop(runner_.invocation_.stop, [this] { cancel(); });
    std::vector<std::jthread> threads;
    auto count = std::min<std::size_t>(static_cast<std::size_t>(std::max(1, settings_.threads)), queue_.size());
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this, i] { work(i + 1); });
    threads.clear();
    if (failed_fast_) skip_rest();
    if (internal_) std::rethrow_exception(internal_);
    outcome_.cancelled = runner_.invocation_.stop.stop_requested();
  }

 private:
  void work(std::size_t number) try {
    Session session(runner_.invocation_.warehouse(), "worker");
    std::string thread = plumb::format("Thread-{} (worker)", number);
    RunContext context(runner_.invocation_, session, thread);
    std::unique_lock lock(mutex_);
    sessions_.push_back(&session);
    while (true) {
      changed_.wait(lock, [&] { return ended() || has_ready(); });
      if (ended()) break;
      const Node* node = next_ ? std::exchange(next_, nullptr) : queue_.take();
      if (node == nullptr) continue;
      Progress::Step step{++started_, queue_.size()};
      if (skipped_.contains(node)) {
        finish(skip(*node, thread), step);
        continue;
      }
      if (settings_.kind != RunKind::Compile) runner_.progress_.started(*node, step);
      lock.unlock();
      RunResult result = run_one(context, *node);
      lock.lock();
      result.thread = thread;
      finish(std::move(result), step);
    }
    std::erase(sessions_, &session);
    changed_.notify_all();
  } catch (...) {
    std::lock_guard lock(mutex_);
    if (!internal_) internal_ = std::current_exception();
    stopped_ = true;
    changed_.notify_all();
  }

  RunResult run_one(RunContext& context, const Node& node) {
    try {
      return settings_.kind == RunKind::Compile ? compile_node(context, runner_.compiler_, node)
                                                : run_node(context, runner_.compiler_, node, runner_.progress_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Cancelled) throw;
      RunResult result;
      result.node = &node;
      result.unique_id = node.unique_id;
      result.status = Status::Error;
      result.message = describe_error(error, node, runner_.invocation_.engine());
      return result;
    }
  }

  // With the lock held:
  bool ended() const { return stopped_ || queue_.finished(); }
  bool has_ready() {
    if (next_ == nullptr) next_ = queue_.take();
    return next_ != nullptr;
  }

  static RunResult skip(const Node& node, const std::string& thread) {
    RunResult result;
    result.node = &node;
    result.unique_id = node.unique_id;
    result.status = Status::Skipped;
    result.thread = thread;
    return result;
  }

  void finish(RunResult result, Progress::Step step) {
    bool bad = troubled(result);
    // A test that fails stops what stands behind it only where tests are waited for.
    if (bad) {
      for (const Node* successor : queue_.successors(*result.node)) skipped_.insert(successor);
    }
    queue_.done(*result.node);
    if (settings_.kind != RunKind::Compile || bad) runner_.progress_.finished(result, step);
    outcome_.results.push_back(std::move(result));
    if (bad && settings_.fail_fast) {
      failed_fast_ = true;
      stop_all();
    }
    if (runner_.invocation_.stop.stop_requested()) stopped_ = true;
    changed_.notify_all();
  }

  // What --fail-fast has left over is told as skipped.
  void skip_rest() {
    std::set<const Node*> told;
    for (const RunResult& result : outcome_.results) told.insert(result.node);
    for (const Node* node : queue_.nodes()) {
      if (told.contains(node)) continue;
      RunResult result = skip(*node, "MainThread");
      result.message = "Skipping due to fail_fast";
      outcome_.results.push_back(std::move(result));
    }
  }

  void stop_all() {
    stopped_ = true;
    for (Session* session : sessions_) session->cancel();
  }

  void cancel() {
    std::lock_guard lock(mutex_);
    stop_all();
    changed_.notify_all();
  }

  Runner& runner_;
  NodeQueue& queue_;
  const RunSettings& settings_;
  Outcome& outcome_;
  std::mutex mutex_;  // guards everything, the queue and the outcome as well
  std::condition_variable changed_;
  std::vector<Session*> sessions_;
  std::set<const Node*> skipped_;
  const Node* next_ = nullptr;
  std::size_t started_ = 0;
  bool stopped_ = false, failed_fast_ = false;
  std::exception_ptr internal_;
};

// ---- Before and after

void Runner::prepare_schemas(RunContext& context, const NodeQueue& queue, const RunSettings& settings) {
  std::set<std::pair<std::string, std::string>> wanted;
  for (const Node* node : queue.nodes()) {
    bool makes = node->type == ResourceType::Model || node->type == ResourceType::Seed ||
                 node->type == ResourceType::Snapshot ||
                 (node->type == ResourceType::Test && !node->relation_name.empty());
    if (makes) wanted.emplace(node->database, node->schema);
  }
  if (wanted.empty()) return;
  context.work([&](State& state) {
    std::map<std::string, std::vector<std::string>> there;
    for (const auto& place : wanted) {
      const std::string& database = place.first;
      const std::string& schema = place.second;
      if (!there.contains(database)) {
        there[database] =
            context.adapter().list_schemas(state, database.empty() ? std::nullopt : std::optional(database));
      }
      auto same = [&](const std::string& known) {
        return std::equal(known.begin(), known.end(), schema.begin(), schema.end(),
                          [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
      };
      bool known = std::any_of(there[database].begin(), there[database].end(), same);
      auto relation = context.adapter().make_relation(
          {database.empty() ? std::nullopt : std::optional(database), schema, std::nullopt});
      if (!known && settings.kind != RunKind::Compile) context.adapter().create_schema(state, *relation);
    }
  });
  context.session().commit_if_open();
}

namespace {

Value texts(const std::set<std::string>& list) {
  std::vector<Value> items(list.begin(), list.end());
  return Value::list(std::move(items));
}

// What on-run-end sees of the run.
Value results_names(const Outcome& outcome) {
  std::vector<Value> results;
  std::set<std::string> schemas;
  std::set<std::pair<std::string, std::string>> places;
  for (const RunResult& result : outcome.results) {
    const Node* node = result.node;
    if (node && node->type == ResourceType::Operation) continue;
    results.push_back(result_value(result));
    bool placed = node && (node->type == ResourceType::Model || node->type == ResourceType::Seed ||
                           node->type == ResourceType::Snapshot);
    if (!placed || failed(result.status) || result.status == Status::Skipped) continue;
    schemas.insert(node->schema);
    places.emplace(node->database, node->schema);
  }
  std::vector<Value> pairs;
  pairs.reserve(places.size());
  for (const auto& [database, schema] : places) pairs.push_back(Value::tuple({Value(database), Value(schema)}));
  return Value::dict({{"results", Value::list(std::move(results))},
                      {"schemas", texts(schemas)},
                      {"database_schemas", Value::list(std::move(pairs))}});
}

}  // namespace

bool Runner::run_hooks(RunContext& context, std::string_view when, Outcome& outcome) {
  std::vector<const Node*> hooks;
  for (const Node& node : invocation_.manifest().nodes) {
    bool fits = node.type == ResourceType::Operation &&
                std::find(node.tags().begin(), node.tags().end(), when) != node.tags().end();
    if (fits) hooks.push_back(&node);
  }
  if (hooks.empty()) return true;
  const std::string& root = invocation_.settings().root.name;
  std::stable_sort(hooks.begin(), hooks.end(), [&](const Node* a, const Node* b) {
    auto key = [&](const Node* node) { return std::tuple(node->package == root, node->package, node->index); };
    return key(a) < key(b);
  });
  bool good = true;
  const Value names = results_names(outcome);
  std::size_t index = 0;
  for (const Node* hook : hooks) {
    Progress::Step step{++index, hooks.size()};
    progress_.started(*hook, step);
    RunResult result;
    if (good) {
      result = run_hook(context, compiler_, *hook, names);
      if (result.status == Status::Success) {
        result.message = plumb::format("{}.{}.{} passed", hook->package, when, hook->index);
      }
    } else {
      result.node = hook;
      result.unique_id = hook->unique_id;
      result.status = Status::Skipped;
    }
    if (result.status != Status::Success) result.failures = 1;
    good = good && !failed(result.status);
    progress_.finished(result, step);
    outcome.results.push_back(std::move(result));
  }
  progress_.gap();
  return good;
}

// An ephemeral model is compiled with what refers to it; those that nothing did are compiled for the sake of their
// files and their errors.
void Runner::compile_ephemerals(RunContext& context, const std::set<std::string>& chosen, Outcome& outcome) {
  std::set<std::string> failed_ids;
  for (const RunResult& result : outcome.results) {
    if (failed(result.status) || result.status == Status::Skipped) failed_ids.insert(result.unique_id);
  }
  const auto& parents = invocation_.manifest().parents;
  std::function<bool(const std::string&)> waits_in_vain = [&](const std::string& id) {
    auto found = parents.find(id);
    return found != parents.end() && std::any_of(found->second.begin(), found->second.end(), [&](const auto& parent) {
             const Node* node = invocation_.manifest().find_node(parent);
             return failed_ids.contains(parent) || (node && node->ephemeral() && waits_in_vain(parent));
           });
  };
  for (const Node& node : invocation_.manifest().nodes) {
    bool left = node.ephemeral() && chosen.contains(node.unique_id) && !compiler_.find(node.unique_id) &&
                !compiler_.failed(node.unique_id);
    if (!left || waits_in_vain(node.unique_id)) continue;
    RunResult result = compile_node(context, compiler_, node);
    if (!failed(result.status)) continue;
    progress_.finished(result, {});
    outcome.results.push_back(std::move(result));
  }
}

Outcome Runner::run(const std::set<std::string>& chosen, const RunSettings& settings) {
  Instant begin = invocation_.clock().now();
  Outcome outcome;
  NodeQueue queue(invocation_.manifest(), chosen, settings.kind == RunKind::Build);
  progress_.concurrency(settings.threads);
  Session session(invocation_.warehouse(), "master");
  RunContext context(invocation_, session);
  comment_statements(context);
  prepare_schemas(context, queue, settings);
  bool hooks = settings.hooks && settings.kind != RunKind::Compile;
  bool started = !hooks || run_hooks(context, "on-run-start", outcome);
  if (started || !invocation_.flag("SKIP_NODES_IF_ON_RUN_START_FAILS")) {
    Pool(*this, queue, settings, outcome).run();
    if (!outcome.cancelled) compile_ephemerals(context, chosen, outcome);
  }
  if (settings.kind != RunKind::Compile) progress_.gap();
  if (hooks && !outcome.cancelled) run_hooks(context, "on-run-end", outcome);
  outcome.seconds = std::chrono::duration<double>(invocation_.clock().now() - begin).count();
  return outcome;
}

void Runner::measure_sources(const std::vector<const project::Source*>& sources, int threads, Outcome& outcome) {
  std::mutex mutex;  // guards what follows, the outcome as well
  std::size_t begun = 0;
  std::exception_ptr internal;
  auto work = [&](std::size_t number) {
    try {
      std::string thread = plumb::format("Thread-{} (worker)", number);
      Session session(invocation_.warehouse(), "worker");
      RunContext context(invocation_, session, thread);
      std::unique_lock lock(mutex);
      while (begun < sources.size() && !internal && !invocation_.stop.stop_requested()) {
        const project::Source& source = *sources[begun];
        Progress::Step step{++begun, sources.size()};
        progress_.started(source, step);
        lock.unlock();
        RunResult result = measure_freshness(context, source);
        lock.lock();
        result.thread = thread;
        progress_.finished(result, step);
        outcome.results.push_back(std::move(result));
      }
    } catch (...) {
      std::lock_guard lock(mutex);
      if (!internal) internal = std::current_exception();
    }
  };
  std::vector<std::jthread> workers;
  auto count = std::min<std::size_t>(static_cast<std::size_t>(std::max(1, threads)), sources.size());
  for (std::size_t i = 0; i < count; ++i) workers.emplace_back(work, i + 1);
  workers.clear();
  if (internal) std::rethrow_exception(internal);
  outcome.cancelled = invocation_.stop.stop_requested();
}

Outcome Runner::run_freshness(const std::vector<const project::Source*>& sources, const RunSettings& settings) {
  Instant begin = invocation_.clock().now();
  Outcome outcome, hooks;
  progress_.concurrency(settings.threads);
  Session session(invocation_.warehouse(), "master");
  RunContext context(invocation_, session);
  comment_statements(context);
  bool with_hooks = settings.hooks && invocation_.flag("SOURCE_FRESHNESS_RUN_PROJECT_HOOKS");
  if (with_hooks) run_hooks(context, "on-run-start", hooks);
  measure_sources(sources, settings.threads, outcome);
  progress_.gap();
  hooks.results.insert(hooks.results.end(), outcome.results.begin(), outcome.results.end());  // on-run-end sees them
  if (with_hooks) run_hooks(context, "on-run-end", hooks);
  outcome.seconds = std::chrono::duration<double>(invocation_.clock().now() - begin).count();
  return outcome;
}

}  // namespace plumb::transform
