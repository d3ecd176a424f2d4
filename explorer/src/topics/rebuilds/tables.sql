-- Who built a build again from source, numbered in the order in which they said so, from 1 and without gaps.
CREATE TABLE rebuilds (
  build_hash TEXT NOT NULL,
  builder    TEXT NOT NULL,
  number     INTEGER NOT NULL,
  rebuild    TEXT NOT NULL,
  PRIMARY KEY (build_hash, builder)
) WITHOUT ROWID;
CREATE INDEX rebuilds_number ON rebuilds (build_hash, number);
