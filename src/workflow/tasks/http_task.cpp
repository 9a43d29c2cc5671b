// A request, and what its answer has to be.
#include <algorithm>
#include <array>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "base/http_client.h"
#include "base/text.h"
#include "workflow/tasks/kinds.h"

namespace plumb::workflow {
namespace {

using std::chrono::milliseconds;

// A larger answer is no value; `save` keeps it.
constexpr std::size_t kLargestValue = 48u << 10;
constexpr std::size_t kShownOfAnswer = 2000;
// Answers that another try will not change: the request itself is wrong, or forbidden.
constexpr std::array<int, 8> kTerminal = {400, 401, 403, 405, 410, 413, 414, 422};

std::vector<std::pair<std::string, std::string>> fields_of(Node map) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (std::size_t i = 0; i < map.size(); ++i) fields.emplace_back(map.key_at(i), map.at(i).scalar());
  return fields;
}

void set_body(HttpRequest& request, Node settings) {
  auto add_type = [&](std::string_view type) {
    if (request.headers.find("Content-Type") == nullptr) request.headers.add("Content-Type", std::string(type));
  };
  if (Node json = settings.find("json")) {
    request.body = json.to_json();
    add_type("application/json");
  } else if (Node form = settings.find("form")) {
    request.body = form_encode(fields_of(form));
    add_type("application/x-www-form-urlencoded");
  } else {
    request.body = settings.find("body").text_or("");
  }
}

HttpRequest make_request(Node settings) {
  HttpRequest request;
  request.url = needed_text(setting(settings, "url", "url"), "url");
  if (settings.kind() != NodeKind::Map) return request;
  if (Node params = settings.find("params"); params.size() > 0)
    request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + form_encode(fields_of(params));
  for (auto& [name, value] : fields_of(settings.find("headers"))) request.headers.add(name, value);
  set_body(request, settings);
  request.method = settings.find("method").text_or(request.body.empty() ? "GET" : "POST");
  std::string user = settings.find("user").text_or(""), token = settings.find("token").text_or("");
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  if (!user.empty()) {
    std::string both = user + ":" + settings.find("password").text_or("");
    request.headers.add("Authorization", "Basic " + base64_encode(both));
  }
  return request;
}

bool status_is_right(Node wanted, int status) {
  if (wanted.null()) return status >= 200 && status < 300;
  std::vector<std::string> list = texts_of(wanted);
  return std::find(list.begin(), list.end(), std::to_string(status)) != list.end();
}

// RFC 6901. A missing node when nothing stands there.
Node find_pointer(Node node, std::string_view pointer) {
  while (!pointer.empty() && !node.missing()) {
    if (pointer.front() != '/')
      throw Error(ErrorKind::Config, format("'{}' is no JSON pointer", pointer), {.hint = "write /data/0/state"});
    pointer.remove_prefix(1);
    std::size_t end = std::min(pointer.find('/'), pointer.size());
    std::string key;
    for (std::size_t i = 0; i < end; ++i) {
      bool escape = pointer[i] == '~' && i + 1 < end;
      if (escape) ++i;
      key += escape ? (pointer[i] == '1' ? '/' : '~') : pointer[i];
    }
    pointer.remove_prefix(end);
    bool digits = !key.empty() && key.size() < 9 && key.find_first_not_of("0123456789") == std::string::npos;
    if (node.kind() != NodeKind::List) {
      node = node.find(key);
    } else {
      std::size_t index = digits ? std::stoul(key) : node.size();
      node = index < node.size() ? node.at(index) : Node();
    }
  }
  return node;
}

bool is_number(Node node) {
  return node.kind() == NodeKind::Int || node.kind() == NodeKind::Float;
}

bool same(Node a, Node b) {
  if (is_number(a) && is_number(b)) return a.scalar() == b.scalar() || a.as_double() == b.as_double();
  if (a.kind() != b.kind()) return false;
  if (a.kind() == NodeKind::Text) return a.as_text() == b.as_text();
  return a.to_json() == b.to_json();
}

// What is not as it has to be; empty when all is.
std::string find_fault(Node settings, const HttpResponse& answer) {
  std::string wanted = settings.find("contains").text_or("");
  if (!wanted.empty() && answer.body.find(wanted) == std::string::npos)
    return format("the answer does not contain '{}'", wanted);
  Node expected = settings.find("expect");
  if (expected.size() == 0) return {};
  Document document;
  try {
    document = parse_json(answer.body, "the answer");
  } catch (const Error& error) {
    return format("the answer is no JSON: {}", error.message());
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Node found = find_pointer(document.root(), expected.key_at(i));
    if (same(found, expected.at(i))) continue;
    return format("at {} the answer has {}, not {}", expected.key_at(i), found.missing() ? "nothing" : found.to_json(),
                  expected.at(i).to_json());
  }
  return {};
}

// JSON as it is, any other text as a JSON text; empty when it is too large to be a value.
std::string value_of(const HttpResponse& answer) {
  if (answer.body.size() > kLargestValue) return {};
  const std::string* type = answer.headers.find("Content-Type");
  if (type != nullptr && type->find("json") != std::string::npos) {
    try {
      return parse_json(answer.body, "the answer").root().to_json();
    } catch (const Error&) {
      // It says so and is none: then it is text.
    }
  }
  return json_quote(answer.body);
}

void show_answer(const HttpResponse& answer, const TaskWorld& world) {
  if (answer.body.empty()) return;
  world.say(answer.body.substr(0, kShownOfAnswer));
  if (answer.body.size() > kShownOfAnswer) world.say(format("… ({} bytes in all)", answer.body.size()));
}

}  // namespace

TaskResult do_http(Node settings, const TaskWorld& world) {
  HttpRequest request = make_request(settings);
  milliseconds timeout = duration_or(settings.find("timeout"), std::chrono::seconds(60));
  HttpClientOptions options{.connect_timeout = std::min(timeout, milliseconds(10'000)),
                            .attempt_timeout = timeout,
                            .deadline = timeout,
                            .log = world.log};
  options.retry.attempts = 1;  // trying again is the workflow's business
  auto begin = std::chrono::steady_clock::now();
  HttpResponse answer = HttpClient(options, world.clock).send(request, world.stop);
  auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
  world.say(format("{} {} → {} in {} ms, {} bytes", request.method, request.url, answer.status, took.count(),
                   answer.body.size()));

  TaskResult result;
  if (!status_is_right(settings.find("status"), answer.status)) {
    show_answer(answer, world);
    if (const std::string* place = answer.headers.find("Location")) world.say(format("it points to {}", *place));
    bool terminal = std::find(kTerminal.begin(), kTerminal.end(), answer.status) != kTerminal.end();
    result.end = terminal ? TaskEnd::Terminal : TaskEnd::Failed;
    return result;
  }
  if (std::string fault = find_fault(settings, answer); !fault.empty()) {
    show_answer(answer, world);
    world.say(fault);
    result.end = TaskEnd::Failed;
    return result;
  }
  if (std::string file = settings.find("save").text_or(""); !file.empty()) {
    std::filesystem::path folder = std::filesystem::path(file).parent_path();
    std::error_code ignored;  // write_file says what is wrong
    if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
    write_file(file, answer.body);
  }
  result.values["status"] = std::to_string(answer.status);
  std::string value = value_of(answer);
  if (value.empty()) {
    world.say("the answer is too large to be kept as a value");
  } else {
    result.values[settings.find("value").text_or("answer")] = value;
  }
  return result;
}

}  // namespace plumb::workflow
