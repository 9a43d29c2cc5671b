#include "jinja/case.h"

#include <regex>

#include "base/file.h"
#include "base/format.h"
#include "jinja/jinja.h"

namespace plumb::jinja_story {

namespace {

std::string joined(const std::vector<std::string>& lines, std::size_t from = 0) {
  std::string text;
  for (std::size_t i = from; i < lines.size(); ++i) text += (i > from ? "\n" : "") + lines[i];
  return text;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  for (auto end = text.find('\n'); end != std::string::npos; at = end + 1, end = text.find('\n', at)) {
    lines.push_back(text.substr(at, end - at));
  }
  lines.push_back(text.substr(at));
  return lines;
}

struct Section {
  std::string heading;  // without the dashes
  std::vector<std::string> lines;

  std::string text(std::size_t from = 0) const {
    if (!heading.ends_with(" (json)")) return joined(lines, from);
    return parse_json(joined(lines, from), heading).root().as_text();
  }
  bool is(std::string_view kind) const { return heading == kind || heading == std::string(kind) + " (json)"; }
};

bool is_heading(const std::string& line) {
  static const std::regex pattern(R"(--- (main|context|options|prints|fails|template \S+)( \(json\))?)");
  return line.starts_with("--- ") && std::regex_match(line, pattern);
}

void apply(Case& subject, const Section& section) {
  if (section.is("main")) {
    subject.templates["main"] = section.text();
  } else if (section.heading.starts_with("template ")) {
    auto name = section.heading.substr(9);
    if (name.ends_with(" (json)")) name.resize(name.size() - 7);
    subject.templates[name] = section.text();
  } else if (section.is("context")) {
    subject.context = section.text();
  } else if (section.is("options")) {
    for (const auto& line : section.lines) {
      auto colon = line.find(": ");
      subject.options[line.substr(0, colon)] = line.substr(colon + 2);
    }
  } else if (section.is("prints")) {
    subject.expected = {.prints = section.text()};
  } else {
    auto in = section.lines.at(0).find(" in ");
    subject.expected = {
        .error = section.lines[0].substr(0, in), .message = section.text(1), .where = section.lines[0].substr(in + 4)};
  }
}

// The lines of a case: its template, unless the first section says otherwise, then sections.
void read_sections(Case& subject, const std::vector<std::string>& lines) {
  std::vector<Section> sections = {{"main", {}}};
  for (const auto& line : lines) {
    if (is_heading(line)) {
      sections.push_back({line.substr(4), {}});
    } else {
      sections.back().lines.push_back(line);
    }
  }
  const bool main_follows = sections.size() > 1 && sections[1].is("main");
  for (std::size_t i = main_follows ? 1 : 0; i < sections.size(); ++i) apply(subject, sections[i]);
}

jinja::UndefinedKind undefined_kind(const std::string& name) {
  if (name == "strict") return jinja::UndefinedKind::Strict;
  if (name == "debug") return jinja::UndefinedKind::Debug;
  return name == "chainable" ? jinja::UndefinedKind::Chainable : jinja::UndefinedKind::Lenient;
}

std::string newline(const std::string& written) {
  if (written == "\\r\\n") return "\r\n";
  return written == "\\r" ? "\r" : "\n";
}

jinja::Options read_options(const std::map<std::string, std::string>& words) {
  jinja::Options options;
  auto& syntax = options.syntax;
  const std::map<std::string, bool*> flags = {{"trim_blocks", &syntax.trim_blocks},
                                              {"lstrip_blocks", &syntax.lstrip_blocks},
                                              {"keep_trailing_newline", &syntax.keep_trailing_newline},
                                              {"autoescape", &options.autoescape},
                                              {"sandboxed", &options.sandboxed}};
  const std::map<std::string, std::string*> texts = {{"block_start", &syntax.block_start},
                                                     {"block_end", &syntax.block_end},
                                                     {"variable_start", &syntax.variable_start},
                                                     {"variable_end", &syntax.variable_end},
                                                     {"comment_start", &syntax.comment_start},
                                                     {"comment_end", &syntax.comment_end},
                                                     {"line_statement_prefix", &syntax.line_statement_prefix},
                                                     {"line_comment_prefix", &syntax.line_comment_prefix}};
  for (const auto& [name, value] : words) {
    if (auto flag = flags.find(name); flag != flags.end()) *flag->second = value == "true";
    if (auto text = texts.find(name); text != texts.end()) *text->second = value;
    if (name == "undefined") options.undefined = undefined_kind(value);
    if (name == "newline_sequence") syntax.newline_sequence = newline(value);
  }
  return options;
}

std::string repr_of(const jinja::Value& value) {
  jinja::Environment plain;
  return plain.parse("{{ '%r' % (x,) }}")->render(jinja::Context().set("x", value));
}

std::string without_addresses(const std::string& text) {
  static const std::regex address("0[xX][0-9a-fA-Fo]{6,}");
  return text.find_first_of("xX") == std::string::npos ? text : std::regex_replace(text, address, "0x…");
}

std::string render_text(const Case& subject, const jinja::Environment& environment, const jinja::Context& context) {
  auto is_on = [&](const char* name) {
    auto option = subject.options.find(name);
    return option != subject.options.end() && option->second == "true";
  };
  if (is_on("expression")) return repr_of(environment.evaluate(subject.templates.at("main"), context));
  auto main = environment.get_template("main");
  return is_on("native") ? repr_of(main->render_native(context)) : main->render(context);
}

}  // namespace

std::string describe(const Answer& answer) {
  if (answer.error.empty()) return "--- prints\n" + answer.prints;
  return format("--- fails\n{} in {}\n{}", answer.error, answer.where, answer.message);
}

std::vector<Case> read_cases(const std::filesystem::path& file) {
  std::vector<std::vector<std::string>> blocks(1);
  for (auto& line : split_lines(read_file(file))) {
    const bool comment = blocks.size() == 1 && (line == "#" || line.starts_with("# "));
    if (line.starts_with("=== ")) blocks.emplace_back();
    if (!comment) blocks.back().push_back(std::move(line));
  }
  for (auto& block : blocks) {
    if (!block.empty() && block.back().empty()) block.pop_back();
  }
  Case shared;
  if (!blocks[0].empty()) read_sections(shared, blocks[0]);
  std::vector<Case> cases;
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    cases.push_back(shared);
    cases.back().name = blocks[i].front().substr(4);
    blocks[i].erase(blocks[i].begin());
    read_sections(cases.back(), blocks[i]);
  }
  return cases;
}

Case case_from_json(const Node& node) {
  Case subject;
  auto read_texts = [](const Node& map) {
    std::map<std::string, std::string> texts;
    for (std::size_t i = 0; i < map.size(); ++i) texts[std::string(map.key_at(i))] = map.at(i).as_text();
    return texts;
  };
  subject.templates = read_texts(node.get("templates"));
  subject.options = read_texts(node.find("options"));
  if (auto context = node.find("context"); !context.null()) subject.context = context.to_json();
  return subject;
}

std::string to_json(const Answer& answer) {
  JsonWriter json;
  json.begin_object();
  if (answer.error.empty()) {
    json.field("prints", answer.prints);
  } else {
    const auto colon = answer.where.rfind(':');
    json.field("error", answer.error).field("message", answer.message).field("template", answer.where.substr(0, colon));
    json.key("line").raw(answer.where.substr(colon + 1));
  }
  return json.end_object().take();
}

Answer render(const Case& subject) {
  // Here a failing template is an answer.
  try {
    jinja::Environment environment(read_options(subject.options));
    environment.set_loader(jinja::load_from_map(subject.templates));
    jinja::Context context;
    if (!subject.context.empty()) {
      context.add_layer(jinja::to_value(parse_json(subject.context, "context").root()));
    }
    return {.prints = without_addresses(render_text(subject, environment, context))};
  } catch (const Error& error) {
    const auto* place = error.find_place();
    return {.error = error.type(),
            .message = without_addresses(error.message()),
            .where = place == nullptr ? "main:0" : format("{}:{}", place->file, place->line)};
  }
}

}  // namespace plumb::jinja_story
