-- The index: a fold of the chain's facts. Everything here can be made again from the node (--rebuild).
-- Hashes, keys and accounts are lower-case hex; times are milliseconds since 1970; JSON columns hold chain types.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

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

-- Approved builds. `entry` and `installs` are the two halves of one JSON object of the API, without its braces:
-- what changes with the standing of a build, and what changes with each install.
CREATE TABLE release_history (
  ordinal             INTEGER PRIMARY KEY,
  build_hash          TEXT NOT NULL,
  proposal_id         INTEGER,
  proposer            TEXT,
  sequence            INTEGER NOT NULL,
  activated_epoch     INTEGER NOT NULL,
  activated_time      INTEGER,
  status              TEXT NOT NULL,
  version             TEXT,
  platform            TEXT,
  signature_threshold INTEGER NOT NULL,
  quorum_met          INTEGER NOT NULL,
  changes_epoch       INTEGER,
  entry               TEXT NOT NULL,
  install_count       INTEGER NOT NULL DEFAULT 0,
  last_install_ts     INTEGER,
  installs            TEXT NOT NULL DEFAULT '"install_times":[],"install_count":0,"last_install_ts":null'
);
CREATE UNIQUE INDEX release_history_build ON release_history (build_hash);
CREATE INDEX release_history_changes ON release_history (changes_epoch) WHERE changes_epoch IS NOT NULL;
CREATE INDEX release_history_sequence ON release_history (sequence);
CREATE INDEX release_history_version ON release_history (version) WHERE version IS NOT NULL;

-- The order of releases in a list: of all of them (''), and of each proposer. Places have no gaps and grow with the epoch,
-- so that a page is a range, and a total the difference of two places.
CREATE TABLE release_lists (
  list            TEXT NOT NULL,
  place           INTEGER NOT NULL,
  activated_epoch INTEGER NOT NULL,
  ordinal         INTEGER NOT NULL,
  PRIMARY KEY (list, place)
) WITHOUT ROWID;
CREATE INDEX release_lists_epoch ON release_lists (list, activated_epoch, place);

CREATE TABLE installs (
  build_hash   TEXT NOT NULL,
  node         TEXT NOT NULL,
  first_height INTEGER NOT NULL,
  first_epoch  INTEGER NOT NULL,
  first_time   INTEGER NOT NULL,
  last_height  INTEGER NOT NULL,
  last_epoch   INTEGER NOT NULL,
  last_time    INTEGER NOT NULL,
  count        INTEGER NOT NULL,
  PRIMARY KEY (build_hash, node)
) WITHOUT ROWID;

-- The latest stage of each build on each node, and who built it again.
CREATE TABLE stages (
  build_hash TEXT NOT NULL,
  node       TEXT NOT NULL,
  height     INTEGER NOT NULL,
  report     TEXT NOT NULL,
  PRIMARY KEY (build_hash, node)
) WITHOUT ROWID;
CREATE TABLE rebuilds (
  build_hash TEXT NOT NULL,
  builder    TEXT NOT NULL,
  height     INTEGER NOT NULL,
  rebuild    TEXT NOT NULL,
  PRIMARY KEY (build_hash, builder)
) WITHOUT ROWID;

-- What each node runs, and when it last said something.
CREATE TABLE running (
  node       TEXT PRIMARY KEY,
  build_hash TEXT
) WITHOUT ROWID;
CREATE TABLE heard (
  node TEXT PRIMARY KEY,
  at   TEXT NOT NULL
) WITHOUT ROWID;

-- `place` sorts open proposals first, then those that wait, then the others.
CREATE TABLE proposals (
  id         INTEGER PRIMARY KEY,
  place      INTEGER NOT NULL,
  status     TEXT NOT NULL,
  kind       TEXT NOT NULL,
  build_hash TEXT,
  proposer   TEXT NOT NULL,
  tally      TEXT NOT NULL,
  proposal   TEXT NOT NULL
);
CREATE INDEX proposals_place ON proposals (place, id DESC);
CREATE INDEX proposals_status ON proposals (status, id);
CREATE INDEX proposals_build ON proposals (build_hash) WHERE build_hash IS NOT NULL;
CREATE INDEX proposals_proposer ON proposals (proposer, id);

CREATE TABLE ballots (
  proposal_id INTEGER NOT NULL,
  voter       TEXT NOT NULL,
  ballot      TEXT NOT NULL,
  PRIMARY KEY (proposal_id, voter)
) WITHOUT ROWID;
-- Delegated stake that voted for itself, by the validator that spoke for it.
CREATE TABLE overridden (
  proposal_id INTEGER NOT NULL,
  validator   TEXT NOT NULL,
  amount      TEXT NOT NULL,
  PRIMARY KEY (proposal_id, validator)
) WITHOUT ROWID;
CREATE TABLE revealed (
  seal     TEXT PRIMARY KEY,
  manifest TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE rosters (
  version INTEGER PRIMARY KEY,
  record  TEXT NOT NULL
);

-- Validator sets by epoch, and the power of each validator from an epoch on.
CREATE TABLE elections (
  epoch      INTEGER PRIMARY KEY,
  validators TEXT NOT NULL
);
CREATE TABLE powers (
  validator TEXT NOT NULL,
  epoch     INTEGER NOT NULL,
  power     TEXT NOT NULL,
  PRIMARY KEY (validator, epoch)
) WITHOUT ROWID;

-- Totals that would otherwise have to be counted.
CREATE TABLE counts (
  name  TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) WITHOUT ROWID;
