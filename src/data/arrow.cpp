#include "data/arrow.h"

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <bit>
#include <utility>

// The metadata are FlatBuffers tables, written field by field: a comment names each table of Message.fbs and
// Schema.fbs, and field() its fields by their position there. Fields that hold their default are left out, as
// FlatBuffers wants it.

namespace plumb::data {
namespace {

static_assert(std::endian::native == std::endian::little, "column buffers are sent as they lie in memory");

using Builder = flatbuffers::FlatBufferBuilder;
using TableOffset = flatbuffers::Offset<void>;

// Where FlatBuffers keeps the n-th field of a table.
constexpr flatbuffers::voffset_t field(int position) {
  return static_cast<flatbuffers::voffset_t>(4 + 2 * position);
}

// The unions Type and MessageHeader, by their numbers.
enum class ArrowType : std::uint8_t {
  Int = 2,
  FloatingPoint = 3,
  Binary = 4,
  Utf8 = 5,
  Bool = 6,
  Decimal = 7,
  Date = 8,
  Time = 9,
  Timestamp = 10,
  List = 12,
  Struct = 13,
  FixedSizeBinary = 15,
};
enum class ArrowHeader : std::uint8_t { Schema = 1, RecordBatch = 3 };

constexpr std::int16_t kVersion5 = 4;
constexpr std::int16_t kMillisecond = 1;  // TimeUnit and DateUnit
constexpr std::int16_t kMicrosecond = 2;

// The structs of a record batch: where each column's rows and buffers are.
struct FieldNode {
  std::int64_t length;
  std::int64_t null_count;
};
struct BufferPlace {
  std::int64_t offset;
  std::int64_t length;
};

struct TypeTable {
  ArrowType type;
  TableOffset table;
};

// Tables of one or two numbers, then the nested ones' children are elsewhere: in the Field.
TypeTable write_type(Builder& builder, const Type& type) {
  auto zone = type.kind() == TypeKind::TimestampTz ? builder.CreateString("UTC") : 0;
  auto start = builder.StartTable();
  auto end = [&](ArrowType arrow) { return TypeTable{arrow, TableOffset(builder.EndTable(start))}; };
  switch (type.kind()) {
    case TypeKind::Bool:
      return end(ArrowType::Bool);
    case TypeKind::Int64:  // Int {bitWidth, is_signed}
      builder.AddElement<std::int32_t>(field(0), 64, 0);
      builder.AddElement<std::uint8_t>(field(1), 1, 0);
      return end(ArrowType::Int);
    case TypeKind::Decimal:  // Decimal {precision, scale, bitWidth = 128}
      builder.AddElement<std::int32_t>(field(0), type.precision(), 0);
      builder.AddElement<std::int32_t>(field(1), type.scale(), 0);
      return end(ArrowType::Decimal);
    case TypeKind::Double:  // FloatingPoint {precision: HALF, SINGLE, DOUBLE}
      builder.AddElement<std::int16_t>(field(0), 2, 0);
      return end(ArrowType::FloatingPoint);
    case TypeKind::Text:
    case TypeKind::Json:
      return end(ArrowType::Utf8);
    case TypeKind::Binary:
      return end(ArrowType::Binary);
    case TypeKind::Date:  // Date {unit = MILLISECOND}; ours are days
      builder.AddElement<std::int16_t>(field(0), 0, kMillisecond);
      return end(ArrowType::Date);
    case TypeKind::Time:  // Time {unit = MILLISECOND, bitWidth = 32}
      builder.AddElement<std::int16_t>(field(0), kMicrosecond, kMillisecond);
      builder.AddElement<std::int32_t>(field(1), 64, 32);
      return end(ArrowType::Time);
    case TypeKind::Timestamp:
    case TypeKind::TimestampTz:  // Timestamp {unit = SECOND, timezone}
      builder.AddElement<std::int16_t>(field(0), kMicrosecond, 0);
      if (!zone.IsNull()) builder.AddOffset(field(1), zone);
      return end(ArrowType::Timestamp);
    case TypeKind::Uuid:  // FixedSizeBinary {byteWidth}
      builder.AddElement<std::int32_t>(field(0), 16, 0);
      return end(ArrowType::FixedSizeBinary);
    case TypeKind::List:
      return end(ArrowType::List);
    case TypeKind::Struct:
      return end(ArrowType::Struct);
  }
  return end(ArrowType::Utf8);
}

// KeyValue {key, value}
TableOffset write_key_value(Builder& builder, const char* key, const char* value) {
  auto key_text = builder.CreateString(key);
  auto value_text = builder.CreateString(value);
  auto start = builder.StartTable();
  builder.AddOffset(field(0), key_text);
  builder.AddOffset(field(1), value_text);
  return TableOffset(builder.EndTable(start));
}

// The canonical extension types that tell a uuid from 16 bytes, and JSON from text; empty for the others.
const char* extension_name(TypeKind kind) {
  if (kind == TypeKind::Uuid) return "arrow.uuid";
  if (kind == TypeKind::Json) return "arrow.json";
  return nullptr;
}

// Field {name, nullable, type_type, type, dictionary, children, custom_metadata}
TableOffset write_field(Builder& builder, std::string_view name, const Type& type, bool nullable) {
  std::vector<TableOffset> children;
  if (type.kind() == TypeKind::List) children.push_back(write_field(builder, "item", type.element(), true));
  if (type.kind() == TypeKind::Struct) {
    for (const Field& child : type.fields()) {
      children.push_back(write_field(builder, child.name, child.type, child.nullable));
    }
  }
  std::vector<TableOffset> metadata;
  if (const char* extension = extension_name(type.kind())) {
    metadata.push_back(write_key_value(builder, "ARROW:extension:name", extension));
    metadata.push_back(write_key_value(builder, "ARROW:extension:metadata", ""));
  }
  auto name_text = builder.CreateString(name.data(), name.size());
  auto type_table = write_type(builder, type);
  auto children_vector = builder.CreateVector(children);
  auto metadata_vector = builder.CreateVector(metadata);
  auto start = builder.StartTable();
  builder.AddOffset(field(0), name_text);
  builder.AddElement<std::uint8_t>(field(1), nullable ? 1 : 0, 0);
  builder.AddElement<std::uint8_t>(field(2), static_cast<std::uint8_t>(type_table.type), 0);
  builder.AddOffset(field(3), type_table.table);
  builder.AddOffset(field(5), children_vector);
  if (!metadata.empty()) builder.AddOffset(field(6), metadata_vector);
  return TableOffset(builder.EndTable(start));
}

// Schema {endianness = Little, fields}
TableOffset write_schema(Builder& builder, const Schema& schema) {
  std::vector<TableOffset> fields;
  for (const Field& each : schema) fields.push_back(write_field(builder, each.name, each.type, each.nullable));
  auto vector = builder.CreateVector(fields);
  auto start = builder.StartTable();
  builder.AddOffset(field(1), vector);
  return TableOffset(builder.EndTable(start));
}

constexpr std::size_t padded(std::size_t size) {
  return (size + 7) / 8 * 8;
}

// Message {version, header_type, header, bodyLength}, in its envelope: a mark, the padded length, the message.
void send_message(Builder& builder, ArrowHeader kind, TableOffset header, std::size_t body_length,
                  const std::function<void(std::string_view)>& sink) {
  auto start = builder.StartTable();
  builder.AddElement<std::int16_t>(field(0), kVersion5, 0);
  builder.AddElement<std::uint8_t>(field(1), static_cast<std::uint8_t>(kind), 0);
  builder.AddOffset(field(2), header);
  builder.AddElement<std::int64_t>(field(3), static_cast<std::int64_t>(body_length), 0);
  builder.Finish(TableOffset(builder.EndTable(start)));

  std::string envelope(8, '\0');
  std::uint32_t words[2] = {0xFFFFFFFF, static_cast<std::uint32_t>(padded(builder.GetSize()))};
  std::memcpy(envelope.data(), words, sizeof(words));
  envelope.append(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  envelope.resize(8 + padded(builder.GetSize()));
  sink(envelope);
}

// A batch taken apart: columns depth first, each with its node and its buffers, as the format orders them.
struct Body {
  std::vector<FieldNode> nodes;
  std::vector<BufferPlace> places;
  std::vector<std::string_view> pieces;  // the bytes of the buffers, unpadded
  std::size_t length = 0;

  void add_buffer(const Buffer& buffer, std::size_t size) {
    std::string_view bytes;
    if (buffer && size != 0) bytes = {reinterpret_cast<const char*>(buffer->data()), size};
    places.push_back({static_cast<std::int64_t>(length), static_cast<std::int64_t>(bytes.size())});
    pieces.push_back(bytes);
    length += padded(bytes.size());
  }

  void add_column(const Column& column) {
    std::size_t rows = column.rows();
    TypeKind kind = column.type().kind();
    nodes.push_back({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(column.null_count())});
    add_buffer(column.null_count() == 0 ? nullptr : column.validity_buffer(), (rows + 7) / 8);
    if (column.offsets_buffer()) {
      add_buffer(column.offsets_buffer(), (rows + 1) * 4);
      if (kind != TypeKind::List) add_buffer(column.values_buffer(), static_cast<std::size_t>(column.offsets()[rows]));
    } else if (kind == TypeKind::Bool) {
      add_buffer(column.values_buffer(), (rows + 7) / 8);
    } else if (kind != TypeKind::Struct) {
      std::size_t width = kind == TypeKind::Date ? 4 : kind == TypeKind::Decimal || kind == TypeKind::Uuid ? 16 : 8;
      add_buffer(column.values_buffer(), rows * width);
    }
    for (const Column& child : column.children()) add_column(child);
  }
};

}  // namespace

ArrowStreamWriter::ArrowStreamWriter(const Schema& schema, std::function<void(std::string_view)> sink)
    : schema_(schema), sink_(std::move(sink)) {
  Builder builder;
  auto header = write_schema(builder, schema_);
  send_message(builder, ArrowHeader::Schema, header, 0, sink_);
}

void ArrowStreamWriter::write(const Batch& batch) {
  assert(batch.schema() == schema_ && "a stream has one schema");
  Body body;
  for (std::size_t i = 0; i < batch.columns(); ++i) body.add_column(batch.column(i));

  // RecordBatch {length, nodes, buffers}
  Builder builder;
  auto nodes = builder.CreateVectorOfStructs(body.nodes);
  auto places = builder.CreateVectorOfStructs(body.places);
  auto start = builder.StartTable();
  builder.AddElement<std::int64_t>(field(0), static_cast<std::int64_t>(batch.rows()), 0);
  builder.AddOffset(field(1), nodes);
  builder.AddOffset(field(2), places);
  auto header = TableOffset(builder.EndTable(start));
  send_message(builder, ArrowHeader::RecordBatch, header, body.length, sink_);

  constexpr std::array<char, 8> kPadding{};
  for (std::string_view piece : body.pieces) {
    if (piece.empty()) continue;
    sink_(piece);
    if (std::size_t gap = padded(piece.size()) - piece.size(); gap != 0) sink_({kPadding.data(), gap});
  }
}

void ArrowStreamWriter::finish() {
  constexpr std::array<char, 8> kEnd = {'\xFF', '\xFF', '\xFF', '\xFF', 0, 0, 0, 0};
  sink_({kEnd.data(), kEnd.size()});
}

}  // namespace plumb::data
