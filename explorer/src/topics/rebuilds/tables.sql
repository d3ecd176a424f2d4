-- Who built a build again from source.
CREATE TABLE rebuilds (
  build_hash TEXT NOT NULL,
  builder    TEXT NOT NULL,
  height     INTEGER NOT NULL,
  rebuild    TEXT NOT NULL,
  PRIMARY KEY (build_hash, builder)
) WITHOUT ROWID;
