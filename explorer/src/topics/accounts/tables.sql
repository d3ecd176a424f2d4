-- What each account last said of itself; of one that took it back, a description without words.
CREATE TABLE descriptions (
  account     TEXT PRIMARY KEY,
  description TEXT NOT NULL
) WITHOUT ROWID;
