#include "jinja/undefined.h"

#include "jinja/errors.h"
#include "jinja/object.h"
#include "jinja/state.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

std::string quoted_name(const UndefinedInfo& info) {
  return info.name_is_text ? repr_text(info.name) : info.name;
}

std::string debug_text(const UndefinedInfo* info) {
  if (!info) return "{{ None }}";
  if (!info->hint.empty()) return "{{ undefined value printed: " + info->hint + " }}";
  if (!info->has_object) return "{{ " + info->name + " }}";
  return "{{ no such element: " + info->object_type + "[" + quoted_name(*info) + "] }}";
}

}  // namespace

std::string UndefinedInfo::message() const {
  if (!hint.empty()) return hint;
  if (!has_object) return quoted_name(*this) + " is undefined";
  if (!name_is_text) return object_type + " has no element " + name;
  return repr_text(object_type) + " has no attribute " + repr_text(name);
}

Value undefined_name(UndefinedKind kind, std::string_view name) {
  Ref<UndefinedInfo> info = make<UndefinedInfo>();
  info->kind = kind;
  info->name = name;
  info->grown();
  return info;
}

Value undefined_member(State& state, const Value& object, const Value& member) {
  Ref<UndefinedInfo> info = make<UndefinedInfo>();
  info->kind = state.undefined_kind();
  info->name_is_text = member.is_string();
  info->name = member.is_string() ? std::string(member.as_string()) : repr(state, member);
  info->has_object = true;
  info->object_type = describe_type(object);
  info->grown();
  return info;
}

Value undefined_hint(UndefinedKind kind, std::string hint) {
  Ref<UndefinedInfo> info = make<UndefinedInfo>();
  info->kind = kind;
  info->hint = std::move(hint);
  info->grown();
  return info;
}

std::string describe_type(const Value& object) {
  if (object.is_none()) return "None";
  std::string description;
  if (object.is_markup()) description = "markupsafe.";
  if (object.is_undefined()) description = "jinja2.runtime.";
  if (object.kind() == Kind::Object && object.as_object().module_name() != "builtins") {
    description = std::string(object.as_object().module_name()) + ".";
  }
  description += type_name(object);
  return description + " object";
}

std::string undefined_text(const Value& undefined) {
  forbid_strict(undefined);
  return undefined_kind(undefined) == UndefinedKind::Debug ? debug_text(undefined.find_undefined()) : std::string();
}

std::string_view undefined_type_name(const Value& undefined) {
  switch (undefined_kind(undefined)) {
    case UndefinedKind::Lenient:
      return "Undefined";
    case UndefinedKind::Chainable:
      return "ChainableUndefined";
    case UndefinedKind::Forgiving:
      return "ForgivingUndefined";
    case UndefinedKind::Debug:
      return "DebugUndefined";
    case UndefinedKind::Strict:
      return "StrictUndefined";
  }
  return "Undefined";
}

UndefinedKind undefined_kind(const Value& undefined) {
  const UndefinedInfo* info = undefined.find_undefined();
  return info ? info->kind : UndefinedKind::Lenient;
}

void raise_undefined(const Value& undefined) {
  const UndefinedInfo* info = undefined.find_undefined();
  if (!info) raise("UndefinedError", "missing");
  raise(info->error_type, info->message());
}

void forbid_strict(const Value& value) {
  if (value.is_undefined() && undefined_kind(value) == UndefinedKind::Strict) raise_undefined(value);
}

}  // namespace plumb::jinja
