import { arrowWriter } from './arrow/write.ts';
import { readArrow, readArrowFile } from './arrow/read.ts';
import { readCsv } from './csv/read.ts';
import { csvWriter } from './csv/write.ts';
import { readJson, readJsonTensor } from './json/read.ts';
import { jsonWriter } from './json/write.ts';
import { createMultipartReader } from './multipart/read.ts';
import { readNdjson } from './ndjson/read.ts';
import { ndjsonWriter } from './ndjson/write.ts';
import { readNpy } from './npy/read.ts';
import { npyWriter } from './npy/write.ts';
import { readParquet } from './parquet/read.ts';
import { parquetWriter } from './parquet/write.ts';
import { readNpz } from './npz/read.ts';
import { npzWriter } from './npz/write.ts';
import { oipBinaryWriter, oipJsonWriter } from './oip/write.ts';
import type { FormatReader } from './reader.ts';
import { createFileReader } from './sniff.ts';
import { svgWriter } from './svg/write.ts';
import type { AnswerWriter } from './writer.ts';

interface FormatEntry {
  type: string;
  read?: FormatReader;
  write?: AnswerWriter;
}

const json = { type: 'application/json', read: readJson, write: jsonWriter };
const npy = { type: 'application/x-npy', read: readNpy, write: npyWriter };
const npz = { type: 'application/x-npz', read: readNpz, write: npzWriter };
const arrow = { type: 'application/vnd.apache.arrow.stream', read: readArrow, write: arrowWriter };
const arrowFile = { type: 'application/vnd.apache.arrow.file', read: readArrowFile };
const parquet = { type: 'application/vnd.apache.parquet', read: readParquet, write: parquetWriter };
const csv = { type: 'text/csv', read: readCsv, write: csvWriter };
const ndjson = { type: 'application/x-ndjson', read: readNdjson, write: ndjsonWriter };
const fileReaders = {
  npy: readNpy,
  npz: readNpz,
  arrow: readArrow,
  arrow_file: readArrowFile,
  parquet: readParquet,
  json: readJson,
  ndjson: readNdjson,
  csv: readCsv,
};
/** Whatever its first bytes say. */
const file = { type: 'application/octet-stream', read: createFileReader(fileReaders) };
const filePart = { type: file.type, read: createFileReader({ ...fileReaders, json: readJsonTensor }) };
const multipart = {
  type: 'multipart/form-data',
  read: createMultipartReader([
    { type: json.type, read: readJsonTensor },
    npy,
    npz,
    arrow,
    arrowFile,
    parquet,
    csv,
    ndjson,
    filePart,
  ]),
};
const svg = { type: 'image/svg+xml', write: svgWriter };
/** The report of a comparison, which its route writes. */
const html = { type: 'text/html' };

/**
 * Every format that data come and go in: its media type, what reads requests in it and what writes answers in it. What each call
 * serves, what a 406 or 415 names and what the OpenAPI document lists are taken from here. Adding a format touches its folder
 * and this table.
 */
export const formats = {
  json,
  npy,
  npz,
  arrow,
  arrowFile,
  parquet,
  csv,
  ndjson,
  multipart,
  file,
  svg,
  html,
} satisfies Record<string, FormatEntry>;

export type Format = keyof typeof formats;

/** The formats of requests. */
export type ReadFormat = {
  [Name in Format]: (typeof formats)[Name] extends { read: FormatReader } ? Name : never;
}[Format];

/** The formats of answers. */
export type WrittenFormat = {
  [Name in Format]: (typeof formats)[Name] extends { write: AnswerWriter } ? Name : never;
}[Format];

/** All that requests are read in. */
export const readFormats = (Object.keys(formats) as Format[]).filter(
  (name): name is ReadFormat => 'read' in formats[name],
);

/** The formats that whole answers of data are written in, the default first. */
export const dataFormats = ['json', 'npy', 'npz', 'arrow', 'parquet', 'csv', 'ndjson'] as const;

/** The formats that clients name, and those of the Open Inference Protocol, which its route frames. */
export type AnswerFormat = WrittenFormat | keyof typeof inferenceWriters;

const inferenceWriters = { oip_binary: oipBinaryWriter, oip_json: oipJsonWriter };

export function writerOf(format: AnswerFormat): AnswerWriter {
  return format in inferenceWriters
    ? inferenceWriters[format as keyof typeof inferenceWriters]
    : formats[format as WrittenFormat].write;
}
