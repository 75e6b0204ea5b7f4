-- +goose Up
CREATE TABLE logs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,           -- as the user gave it, for people
  size INTEGER NOT NULL,        -- of the file on the disk, with mtime: an unchanged file is not read again
  mtime INTEGER NOT NULL,       -- nanoseconds since 1970
  read INTEGER NOT NULL,        -- bytes of the decompressed log that are in the store
  prefix BLOB NOT NULL,         -- SHA-256 of those bytes
  docs INTEGER NOT NULL,
  edits INTEGER NOT NULL,
  run TEXT NOT NULL,            -- the log's first line
  done INTEGER NOT NULL
);
CREATE TABLE docs (
  id INTEGER PRIMARY KEY,       -- from 0, in the order of import
  log INTEGER NOT NULL REFERENCES logs,
  n INTEGER NOT NULL,
  doc TEXT NOT NULL,
  field TEXT NOT NULL,
  src BLOB NOT NULL,            -- SHA-256 of the text
  first INTEGER NOT NULL,       -- row of its first edit
  edits INTEGER NOT NULL,
  line BLOB NOT NULL,           -- the log's line, zstd
  text BLOB                     -- the text, zstd; null until the documents are given
);
CREATE INDEX docs_src ON docs (src);
CREATE INDEX docs_doc ON docs (doc);
CREATE TABLE names (kind TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE groups (
  id INTEGER PRIMARY KEY,       -- from 0
  rule INTEGER NOT NULL,
  before TEXT NOT NULL,
  after TEXT                    -- null for a hint that knows no repair
);
CREATE TABLE chunks (
  first INTEGER PRIMARY KEY,    -- row of its first edit
  edits INTEGER NOT NULL,
  docs INTEGER NOT NULL,
  columns BLOB NOT NULL         -- see columns.go
);
CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY,      -- from 1, without gaps
  at INTEGER NOT NULL,          -- nanoseconds since 1970
  who TEXT NOT NULL,
  act TEXT NOT NULL,
  basis TEXT NOT NULL,
  of INTEGER NOT NULL,          -- for undo the seq taken back, else the seq that this one goes with, or 0
  vote TEXT NOT NULL,           -- of a flag: the answer that its author would give
  never INTEGER NOT NULL,       -- 1 when later imports are to be rejected likewise
  rows BLOB NOT NULL,           -- the edits, little-endian uint32 each
  line BLOB NOT NULL,           -- the row as exported; its prev is the hash of the row before
  hash BLOB NOT NULL            -- SHA-256 of line
);
-- +goose StatementBegin
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are only ever appended'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_last BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are only ever appended'); END;
-- +goose StatementEnd
CREATE TABLE standing (          -- what became of rules: promoted, probation, none; the last row of a rule counts
  id INTEGER PRIMARY KEY, rule TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL
);
CREATE TABLE words (             -- the project's dictionary; a row with gone = 1 takes one back
  id INTEGER PRIMARY KEY, word TEXT NOT NULL, suggest INTEGER NOT NULL, gone INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL
);
CREATE TABLE access (            -- who came in, from where, what was refused
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL
);

-- +goose Down
DROP TABLE access; DROP TABLE words; DROP TABLE standing; DROP TABLE decisions; DROP TABLE chunks;
DROP TABLE groups; DROP TABLE names; DROP TABLE docs; DROP TABLE logs;
