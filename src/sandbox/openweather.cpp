// The weather service: who calls, what for, and the answer.
#include <memory>
#include <utility>

#include "base/format.h"
#include "sandbox/openweather_accounts.h"
#include "sandbox/openweather_answers.h"
#include "sandbox/service.h"

namespace plumb::sandbox {
namespace openweather {
namespace {

constexpr std::string_view kTimeline = "/data/4.0/onecall/timeline/";
constexpr std::string_view kAlert = "/data/4.0/onecall/alert/";

std::vector<Key> keys_of(const OpenWeatherOptions& options) {
  return {{.text = options.api_key, .account = "home", .plan = Plan::OneCall},
          {.text = options.api_key + "-2", .account = "home", .plan = Plan::OneCall},
          {.text = "free-key", .account = "free"},
          {.text = "new-key", .account = "new", .plan = Plan::OneCall, .state = KeyState::New},
          {.text = "blocked-key", .account = "blocked", .plan = Plan::OneCall, .state = KeyState::Blocked}};
}

// The words in which the service turns a caller away. Here, and on success of /weather, `cod` is a number.
Problem turned_away(Admission admission, std::string_view path) {
  switch (admission) {
    case Admission::NoSubscription: {
      std::string_view version = path.starts_with("/data/4.0/") ? "4.0" : "3.0";
      return {
          .status = 401,
          .cod_is_text = false,
          .message = format("Please note that using One Call {} requires a separate subscription to the One Call by "
                            "Call plan. Learn more here https://openweathermap.org/price. If you have a valid "
                            "subscription to the One Call by Call plan, but still receive this error, then please "
                            "see https://openweathermap.org/faq#error401 for more info.",
                            version)};
    }
    case Admission::Exhausted:
      return {.status = 429,
              .cod_is_text = false,
              .message =
                  "Your account is temporary blocked due to exceeding of requests limitation of your "
                  "subscription type. Please choose the proper subscription https://openweathermap.org/price"};
    case Admission::Granted:
    case Admission::WrongKey:
      break;
  }
  return {.status = 401,
          .cod_is_text = false,
          .message = "Invalid API key. Please see https://openweathermap.org/faq#error401 for more info."};
}

class WeatherService : public Service {
 public:
  explicit WeatherService(const OpenWeatherOptions& options)
      : model_(options.seed),
        accounts_(keys_of(options), options.calls_per_minute),
        takes_key_header_(options.takes_key_header) {}

  ServerResponse answer(const ServerRequest& request, Instant now) override;
  ServerResponse refuse(const Fault& fault, const ServerRequest& request, Instant now) override;
  bool concerns(const Fault& fault, const ServerRequest& request) const override;
  std::optional<ServerResponse> command(std::string_view name, const ServerRequest& request, Instant now) override;
  void describe(JsonWriter& state, Instant) const override {
    state.key("accounts");
    accounts_.describe(state);
  }

 private:
  std::string key_of(const ServerRequest& request) const;
  ServerResponse route(const World& world, const Query& query) const;

  Model model_;
  Accounts accounts_;
  bool takes_key_header_;
};

std::string WeatherService::key_of(const ServerRequest& request) const {
  if (const std::string* appid = request.find_query("appid")) return *appid;
  const std::string* header = takes_key_header_ ? request.headers.find("x-api-key") : nullptr;
  return header != nullptr ? *header : std::string();
}

ServerResponse WeatherService::route(const World& world, const Query& query) const {
  const std::string& path = query.request.path;
  if (path == "/data/2.5/weather") return current_weather(world, query);
  if (path == "/data/2.5/forecast") return forecast(world, query);
  if (path == "/geo/1.0/direct") return geocode_direct(query);
  if (path == "/geo/1.0/reverse") return geocode_reverse(query);
  if (path == "/geo/1.0/zip") return geocode_zip(query);
  if (path == "/data/3.0/onecall") return one_call(world, query);
  if (path == "/data/3.0/onecall/timemachine") return time_machine(world, query);
  if (path == "/data/3.0/onecall/day_summary") return day_summary(world, query);
  if (path == "/data/3.0/onecall/overview") return overview(world, query);
  if (path == "/data/4.0/onecall/current") return current_4(world, query);
  if (path.starts_with(kTimeline)) return timeline_4(world, query, std::string_view(path).substr(kTimeline.size()));
  if (path.starts_with(kAlert)) return alert_4(world, query, std::string_view(path).substr(kAlert.size()));
  return openweather::refuse({.status = 404, .message = "Internal error"}, query);
}

ServerResponse WeatherService::answer(const ServerRequest& request, Instant now) {
  Query query = read_query(request);
  query.one_call_4 = request.path.starts_with("/data/4.0/");
  // Only the 2.5 calls know other forms than JSON.
  if (!request.path.starts_with("/data/2.5/")) query.mode = Mode::Json;
  bool one_call = request.path.find("/onecall") != std::string::npos;
  Admission admission = accounts_.admit(key_of(request), one_call ? Product::OneCall : Product::Weather, now);
  if (admission != Admission::Granted) return openweather::refuse(turned_away(admission, request.path), query);
  if (request.method != "GET" && request.method != "POST" && request.method != "HEAD") {
    return openweather::refuse({.status = 405, .message = "Internal error"}, query);
  }
  const std::string* host = request.headers.find("Host");
  std::string url = "http://" + (host != nullptr ? *host : std::string("127.0.0.1"));
  return route({.model = model_, .now = seconds_of(now), .url = url}, query);
}

ServerResponse WeatherService::refuse(const Fault& fault, const ServerRequest& request, Instant) {
  Query query = read_query(request);
  if (fault.kind == FaultKind::TooManyRequests) {
    return openweather::refuse(turned_away(Admission::Exhausted, request.path), query);
  }
  if (fault.kind == FaultKind::ExpiredToken || fault.status == 401) {
    return openweather::refuse(turned_away(Admission::WrongKey, request.path), query);
  }
  if (fault.status == 404) return openweather::refuse({.status = 404, .message = "city not found"}, query);
  // 502 and its like are the gateway's, which speaks HTML.
  if (fault.status > 500) {
    return json_answer(fault.status,
                       format("<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1>"
                              "</center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n",
                              fault.status),
                       "text/html");
  }
  return openweather::refuse({.status = fault.status, .message = "Internal error"}, query);
}

bool WeatherService::concerns(const Fault& fault, const ServerRequest&) const {
  return fault.kind != FaultKind::WrongTan && fault.kind != FaultKind::LockedAccount;
}

std::optional<ServerResponse> WeatherService::command(std::string_view name, const ServerRequest& request, Instant) {
  if (name != "key") return std::nullopt;
  std::optional<Plan> plan;
  std::optional<KeyState> state;
  std::string key;
  for (const auto& [field, value] : request.query) {
    if (field == "key") {
      key = value;
    } else if (field == "plan" && (value == "free" || value == "onecall")) {
      plan = value == "free" ? Plan::Free : Plan::OneCall;
    } else if (field == "state" && (value == "active" || value == "new" || value == "blocked")) {
      state = value == "active" ? KeyState::Active : value == "new" ? KeyState::New : KeyState::Blocked;
    } else {
      return bad_command(format("{}={}: expected key, state=active|new|blocked or plan=free|onecall", field, value));
    }
  }
  if (!accounts_.change(key, plan, state)) return bad_command("no such key");
  return json_answer(200, "{\"ok\":true}");
}

}  // namespace
}  // namespace openweather

std::unique_ptr<Sandbox> start_openweather(OpenWeatherOptions options) {
  return serve(
      std::make_unique<openweather::WeatherService>(options),
      {.name = "openweather", .port = options.port, .seed = options.seed, .now = options.now, .log = options.log});
}

}  // namespace plumb::sandbox
