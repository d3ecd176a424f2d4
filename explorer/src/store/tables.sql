-- The index: a fold of the chain's facts. Everything here can be made again from the node (--rebuild).
-- Hashes, keys and accounts are lower-case hex; times are milliseconds since 1970; JSON columns hold chain types.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Totals that would otherwise have to be counted, and of lists with pages also those of ranges of their numbers.
CREATE TABLE counts (
  name  TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) WITHOUT ROWID;
