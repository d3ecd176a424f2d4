-- `place` sorts open proposals first, then those that wait, then the others. `ended` is the block with which voting ended.
CREATE TABLE proposals (
  id         INTEGER PRIMARY KEY,
  place      INTEGER NOT NULL,
  status     TEXT NOT NULL,
  kind       TEXT NOT NULL,
  build_hash TEXT,
  proposer   TEXT NOT NULL,
  tally      TEXT NOT NULL,
  total      TEXT NOT NULL,
  proposal   TEXT NOT NULL,
  ended      INTEGER
);
CREATE INDEX proposals_place ON proposals (place, id);
CREATE INDEX proposals_status ON proposals (status, id);
CREATE INDEX proposals_build ON proposals (build_hash, id) WHERE build_hash IS NOT NULL;

-- Ballots have numbers in the order in which their voters first voted, from 1 and without gaps.
CREATE TABLE ballots (
  proposal_id INTEGER NOT NULL,
  voter       TEXT NOT NULL,
  number      INTEGER NOT NULL,
  ballot      TEXT NOT NULL,
  PRIMARY KEY (proposal_id, voter)
) WITHOUT ROWID;
CREATE INDEX ballots_number ON ballots (proposal_id, number);

-- Delegated stake that voted for itself, by the validator that spoke for it.
CREATE TABLE overridden (
  proposal_id INTEGER NOT NULL,
  validator   TEXT NOT NULL,
  amount      TEXT NOT NULL,
  PRIMARY KEY (proposal_id, validator)
) WITHOUT ROWID;
CREATE TABLE revealed (
  proposal_id INTEGER PRIMARY KEY,
  manifest    TEXT NOT NULL
);
-- The power that says it holds a build which is voted on, and who says so.
CREATE TABLE held_power (
  proposal_id INTEGER NOT NULL,
  build_hash  TEXT NOT NULL,
  held        TEXT NOT NULL,
  PRIMARY KEY (proposal_id, build_hash)
) WITHOUT ROWID;
CREATE TABLE holders (
  proposal_id INTEGER NOT NULL,
  build_hash  TEXT NOT NULL,
  node        TEXT NOT NULL,
  height      INTEGER NOT NULL,
  PRIMARY KEY (proposal_id, build_hash, node)
) WITHOUT ROWID;
