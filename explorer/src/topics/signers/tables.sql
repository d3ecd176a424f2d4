-- Rosters, by versions without gaps, each with the block since which it counts; that of genesis since the first.
CREATE TABLE rosters (
  version INTEGER PRIMARY KEY,
  since   INTEGER NOT NULL,
  record  TEXT NOT NULL
);
CREATE INDEX rosters_since ON rosters (since, version);

-- Every key that signed releases, with the first roster that had it.
CREATE TABLE signer_keys (
  key     TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) WITHOUT ROWID;
