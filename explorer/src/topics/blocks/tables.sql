CREATE TABLE blocks (
  height     INTEGER PRIMARY KEY,
  hash       TEXT NOT NULL,
  epoch      INTEGER NOT NULL,
  time       INTEGER NOT NULL,
  proposer   TEXT NOT NULL,
  facts      INTEGER NOT NULL,
  refused    INTEGER NOT NULL,
  round      INTEGER,
  precommits INTEGER NOT NULL,
  header     TEXT NOT NULL
);
CREATE INDEX blocks_hash ON blocks (hash);
CREATE INDEX blocks_time ON blocks (time);
