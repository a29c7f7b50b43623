import type { ColumnDataType, Kysely, RawBuilder, Transaction } from 'kysely';

/** Times are ISO 8601 in UTC, with milliseconds: they sort as text. */
type Time = string;

/** How the bytes of a document are packed (see compress-document.ts). */
type Coding = 'identity' | 'zstd';

/** The last number that was given to a version of each name; it stays when all versions are deleted. */
interface NameRow {
  name: string;
  last_version: number;
}

interface VersionRow {
  name: string;
  version: number;
  method: string;
  /** SHA-256 of the document, base64url. */
  digest: string;
  created_at: Time;
  coding: Coding;
  document: Uint8Array;
  description: string | null;
  /** JSON of an object of strings, its keys in order. */
  tags: string;
  /** The name of the key or token that stored it; null where no key was asked for, and for versions of earlier releases. */
  created_by: string | null;
  /** JSON of what lists tell of the document; null until somebody asks about a version of an earlier release. */
  summary: string | null;
}

interface AliasRow {
  name: string;
  alias: string;
  version: number;
  updated_at: Time;
  updated_by: string | null;
}

/** What a replica counted of the transforms by a version, in one span of time. */
interface TransformCountRow {
  name: string;
  version: number;
  started_at: Time;
  replica: string;
  expires_at: Time;
  counts: Uint8Array;
}

interface FitRow {
  id: string;
  /** JSON. */
  normalizer: string;
  created_at: Time;
  expires_at: Time;
  /** Counts the changes of the parts. */
  revision: number;
  /** The name of the key or token that began it; null where no key was asked for, and for fits of earlier releases. */
  created_by: string | null;
  /** What was committed; null until then. */
  committed_at: Time | null;
  name: string | null;
  version: number | null;
  coding: Coding | null;
  document: Uint8Array | null;
}

interface PartRow {
  fit_id: string;
  part: string;
  /** JSON of the shape of the input, with null where another part may differ. */
  shape: string;
  /** How many samples the part has. */
  samples: number;
  created_at: Time;
  coding: Coding;
  /** The part's fitted document with its state; empty once the fit is committed. */
  document: Uint8Array;
}

/** What was answered under an Idempotency-Key. */
interface AnswerRow {
  key: string;
  /** Of the request. */
  digest: string;
  expires_at: Time;
  status: number;
  location: string | null;
  coding: Coding;
  body: Uint8Array;
}

export interface Tables {
  norma_migrations: { step: number };
  norma_names: NameRow;
  norma_versions: VersionRow;
  norma_aliases: AliasRow;
  norma_transform_counts: TransformCountRow;
  norma_fits: FitRow;
  norma_parts: PartRow;
  norma_answers: AnswerRow;
}

export interface StoreSize {
  bytes: number;
  freeBytes?: number;
}

/** A database, and what differs between one kind and another. */
export interface Database {
  db: Kysely<Tables>;
  /** Column types: bytes, and text that is compared byte by byte. */
  types: { bytes: ColumnDataType; text: ColumnDataType | RawBuilder<unknown> };
  /** SQL of the database's own clock: replicas whose clocks differ agree on what has expired. */
  time: { now: RawBuilder<Time>; in(seconds: number): RawBuilder<Time> };
  /** Whether rows that are read to be changed have to be locked one by one: where a transaction does not lock the whole. */
  locksRows: boolean;
  /** Keeps other replicas from migrating until the transaction ends. */
  lockMigrations(tx: Transaction<Tables>): Promise<void>;
  /** Tables of somebody else that no new tables are put beside; absent where databases are shared. */
  findForeignTables?(): Promise<string[]>;
  /** Whether an error says that a table is not there. */
  isMissingTable(error: unknown): boolean;
  /** Whether an error says that the database cannot be reached or used now, and not that the query is wrong. */
  isAway(error: unknown): boolean;
  /** Whether such an error says that the disk is full, or that nothing may be written: reading goes on then. */
  isFull(error: unknown): boolean;
  isReadOnly(error: unknown): boolean;
  /** Gives up room that was kept for a full disk, so that a deletion can be tried again; false if there is none. */
  giveUpReserve(): Promise<boolean>;
  /** Bytes that the database takes, and the bytes that are free where it is; undefined where nobody can tell. */
  measure(): Promise<StoreSize>;
  /** @throws Error if what is open is not the database any more */
  check(): Promise<void>;
  /** Whether it is worth waiting after such an error, when the service starts. */
  mayComeBack(error: unknown): boolean;
}
