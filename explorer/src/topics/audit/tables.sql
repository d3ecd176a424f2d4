-- The audit log. `id` is the height and the place in the block's record: height * 2^24 + place. `tx` is the beginning of
-- the transaction's hash, its first eight bytes as a number: whole hashes, in no order, would cost as much as all the rest.
CREATE TABLE facts (
  id          INTEGER PRIMARY KEY,
  epoch       INTEGER NOT NULL,
  time        INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  refused     INTEGER NOT NULL,
  account     TEXT,
  tx          INTEGER,
  sentence    TEXT NOT NULL,
  fact        TEXT NOT NULL
);
CREATE INDEX facts_kind ON facts (kind, id);
CREATE INDEX facts_refused ON facts (id) WHERE refused = 1;
CREATE INDEX facts_tx ON facts (tx) WHERE tx IS NOT NULL;

-- What each fact is about, such as `build/<hash>` or `proposal/7`. `is_turn` marks the few that are turns in the life of a
-- build or a proposal, and not one of many ballots and reports.
CREATE TABLE subjects (
  subject TEXT NOT NULL,
  fact_id INTEGER NOT NULL,
  is_turn INTEGER NOT NULL,
  PRIMARY KEY (subject, fact_id)
) WITHOUT ROWID;
CREATE INDEX subjects_turns ON subjects (subject, fact_id) WHERE is_turn = 1;
