// Exposures, groups, metrics, semantic models, saved queries and functions: read and linked, but nothing is built of
// them here.
#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Ref;
using jinja::Value;

namespace {

Value get(const Dict& dict, std::string_view key, Value fallback = Value::none()) {
  const Value* found = dict.find(key);
  return found ? *found : fallback;
}

// {email, name, …} with both keys there.
Value owner_of(const Value& written) {
  Value owner = Value::dict({{"email", Value::none()}, {"name", Value::none()}});
  if (written.kind() != jinja::Kind::Dict) return owner;
  std::size_t position = 0;
  while (const Value::Entry* entry = written.as_dict().next(position)) owner.as_dict().set(entry->key, entry->value);
  return owner;
}

class OtherMaker {
 public:
  OtherMaker(Parse& parse, const LoadedProperties& properties, const OtherPatch& patch)
      : parse_(parse), properties_(properties), patch_(patch) {}

  void make() {
    other_.type = patch_.type;
    other_.name = patch_.name;
    other_.package = properties_.file->package;
    other_.unique_id = format("{}.{}.{}", to_string(patch_.type), other_.package, patch_.name);
    other_.origin = origin_of(properties_, patch_.node);
    other_.fqn = fqn_of(*properties_.file, {other_.name});
    other_.created_at = parse_.now;
    other_.body = jinja::make<Dict>();
    describe();
    if (other_.enabled) {
      claim(parse_, other_);
      parse_.manifest.others.push_back(std::move(other_));
    } else {
      parse_.manifest.disabled_others.push_back(std::move(other_));
    }
  }

 private:
  const Dict& written() const { return *patch_.body; }
  void set(std::string_view key, Value value) { other_.body->set(key, std::move(value)); }
  std::string description() {
    std::vector<std::string> blocks;
    return parse_.docs.render(patch_.description, other_.package, patch_.node.place(), blocks);
  }

  void describe() {
    switch (patch_.type) {
      case ResourceType::Exposure:
        return describe_exposure();
      case ResourceType::Group:
        return describe_group();
      default:
        return describe_open();
    }
  }

  // config, with the keys beside it, over the tree.
  void configure(bool with_tags) {
    auto layer = jinja::make<Dict>();
    if (Value config = get(written(), "config"); config.kind() == jinja::Kind::Dict) {
      merge_config(*layer, config.as_dict());
    }
    for (std::string_view key : {"meta", "tags", "enabled", "group"}) {
      if (const Value* said = written().find(key); said && !layer->find(key)) layer->set(key, *said);
    }
    auto complete =
        parse_.bench->configs.complete(patch_.type, other_.package, other_.fqn, {.properties = layer.get()});
    Value enabled = get(*complete.config, "enabled", true);
    other_.enabled = enabled.kind() != jinja::Kind::Bool || enabled.as_bool();
    if (with_tags) {
      set("meta", get(*complete.config, "meta", Value::dict()));
      set("tags", get(*complete.config, "tags", Value::list()));
    }
    set("config", Value(complete.config));
    auto only_written = jinja::make<Dict>();
    if (Value config = get(written(), "config"); config.kind() == jinja::Kind::Dict) {
      merge_config(*only_written, config.as_dict());
    }
    set("unrendered_config", Value(only_written));
  }

  void describe_exposure() {
    set("type", get(written(), "type"));
    set("owner", owner_of(get(written(), "owner")));
    set("description", description());
    set("label", get(written(), "label"));
    set("maturity", get(written(), "maturity"));
    configure(true);
    set("url", get(written(), "url"));
    Value depends = get(written(), "depends_on");
    if (depends.kind() == jinja::Kind::List) {
      for (const Value& entry : depends.items()) note(python_text(entry));
    }
  }

  // ref('x') and source('a', 'b') as text.
  void note(const std::string& call) {
    Node node;
    node.package = other_.package;
    parse_.bench->context.begin(node);
    parse_.bench->context.prepare = nullptr;
    Origin origin = other_.origin;
    parse_.bench->context.render("{{ " + call + " }}", origin);
    other_.refs.insert(other_.refs.end(), node.refs.begin(), node.refs.end());
    other_.sources.insert(other_.sources.end(), node.sources.begin(), node.sources.end());
    other_.metrics.insert(other_.metrics.end(), node.metrics.begin(), node.metrics.end());
    say(parse_, std::exchange(parse_.bench->said, {}));
  }

  void describe_group() {
    set("owner", owner_of(get(written(), "owner")));
    set("description", patch_.description.empty() ? Value::none() : Value(description()));
    auto complete = parse_.bench->configs.complete(patch_.type, other_.package, other_.fqn, {});
    Value config = Value::dict({{"meta", Value::dict()}});
    std::size_t position = 0;
    while (const Value::Entry* entry = complete.unrendered->next(position)) {
      std::string_view key = entry->key.as_string();
      if (key != "pre-hook" && key != "post-hook") config.as_dict().set(entry->key, entry->value);
    }
    if (Value own = get(written(), "config"); own.kind() == jinja::Kind::Dict)
      merge_config(config.as_dict(), own.as_dict());
    set("config", config);
  }

  // What is passed on as it is written.
  void describe_open() {
    std::size_t position = 0;
    while (const Value::Entry* entry = written().next(position)) {
      if (entry->key.as_string() != "name") set(entry->key.as_string(), entry->value);
    }
    set("description", description());
    configure(true);
    if (const Value* model = written().find("model"); model && model->is_string())
      note(std::string(model->as_string()));
  }

  Parse& parse_;
  const LoadedProperties& properties_;
  const OtherPatch& patch_;
  Other other_;
};

}  // namespace

void parse_others(Parse& parse, const LoadedPackage& package) {
  for (const LoadedProperties& properties : package.properties) {
    for (const OtherPatch& patch : properties.content.others) OtherMaker(parse, properties, patch).make();
  }
}

}  // namespace plumb::project
