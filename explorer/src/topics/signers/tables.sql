CREATE TABLE rosters (
  version INTEGER PRIMARY KEY,
  record  TEXT NOT NULL
);
