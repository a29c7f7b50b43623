/**
 * A column "x" of the float32 numbers 0.5 and −2, laid down from the specification alone:
 * https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format,
 * https://github.com/apache/arrow/blob/main/format/Message.fbs and Schema.fbs, https://flatbuffers.dev/internals/
 */
const prefix = 'ff ff ff ff  80 00 00 00'; // a continuation marker, and 128 bytes of metadata

const message = [
  '10 00 00 00', //                   0  the root table is at 16
  '0c 00 14 00', //                   4  its vtable: 12 bytes, of a table of 20
  '10 00 12 00 04 00 08 00', //          version at +16, header_type at +18, header at +4, bodyLength at +8
  '0c 00 00 00', //                  16  the vtable is 12 bytes before
];

const schemaMetadata = [
  ...message,
  '18 00 00 00', //                  20  header: 24 bytes on, at 44
  '00 00 00 00 00 00 00 00', //      24  bodyLength 0
  '04 00 01 00', //                  32  MetadataVersion V5, MessageHeader.Schema
  '08 00 08 00 00 00 04 00', //      36  vtable of Schema: no endianness (little by default), fields at +4
  '08 00 00 00', //                  44  Schema
  '04 00 00 00', //                  48  fields: at 52
  '01 00 00 00', //                  52  one field
  '14 00 00 00', //                  56  at 76
  '10 00 14 00', //                  60  vtable of Field: 16 bytes, of a table of 20
  '04 00 00 00 10 00 08 00', //          name at +4, nullable no, type_type at +16, type at +8
  '00 00 0c 00', //                      no dictionary, children at +12
  '10 00 00 00', //                  76  Field
  '10 00 00 00', //                  80  name: at 96
  '20 00 00 00', //                  84  type: at 116
  '10 00 00 00', //                  88  children: at 104
  '03 00 00 00', //                  92  Type.FloatingPoint
  '01 00 00 00 78 00 00 00', //      96  "x", ended by a zero
  '00 00 00 00', //                 104  no children
  '06 00 06 00 04 00 00 00', //     108  vtable of FloatingPoint: precision at +4
  '08 00 00 00', //                 116  FloatingPoint
  '01 00 00 00', //                 120  Precision.SINGLE
  '00 00 00 00', //                 124  padding
];

const batchMetadata = [
  ...message,
  '1c 00 00 00', //                  20  header: 28 bytes on, at 48
  '08 00 00 00 00 00 00 00', //      24  bodyLength 8
  '04 00 03 00', //                  32  MetadataVersion V5, MessageHeader.RecordBatch
  '0a 00 14 00 08 00 04 00 10 00', //36  vtable of RecordBatch: length at +8, nodes at +4, buffers at +16
  '00 00', //                        46  padding
  '0c 00 00 00', //                  48  RecordBatch
  '10 00 00 00', //                  52  nodes: at 68
  '02 00 00 00 00 00 00 00', //      56  two rows
  '1c 00 00 00', //                  64  buffers: at 92
  '01 00 00 00', //                  68  one FieldNode:
  '02 00 00 00 00 00 00 00', //      72  two values,
  '00 00 00 00 00 00 00 00', //      80  none of them null
  '00 00 00 00', //                  88  padding
  '02 00 00 00', //                  92  two Buffers:
  '00 00 00 00 00 00 00 00', //      96  no bitmap of what is not null,
  '00 00 00 00 00 00 00 00', //     104
  '00 00 00 00 00 00 00 00', //     112  and the values at the beginning of the body,
  '08 00 00 00 00 00 00 00', //     120  8 bytes
];

const body = '00 00 00 3f  00 00 00 c0';

const end = 'ff ff ff ff  00 00 00 00';

function bytesOf(parts: readonly string[]): Buffer {
  return Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
}

export const byHand = {
  schema: bytesOf([prefix, ...schemaMetadata]),
  batch: bytesOf([prefix, ...batchMetadata, body]),
  end: bytesOf([end]),
};
