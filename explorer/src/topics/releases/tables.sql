-- Approved builds. `entry`, `verdict` and `installs` are the parts of one JSON object of the API, without its braces: what changes with the
-- standing of a build, whether it may run, and what changes with each install. A build below the minimum is told so instead of `verdict`,
-- where the minimum came in the epoch `minimum_until` or before, or nothing is there.
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
  platform            TEXT NOT NULL,
  signature_threshold INTEGER NOT NULL,
  quorum_met          INTEGER NOT NULL,
  changes_epoch       INTEGER,
  verdict             TEXT NOT NULL,
  minimum_until       INTEGER,
  entry               TEXT NOT NULL,
  install_count       INTEGER NOT NULL DEFAULT 0,
  install_nodes       INTEGER NOT NULL DEFAULT 0,
  last_install_ts     INTEGER,
  installs            TEXT NOT NULL DEFAULT '"install_times":[],"install_count":0,"last_install_ts":null'
);
CREATE UNIQUE INDEX release_history_build ON release_history (build_hash);
CREATE INDEX release_history_changes ON release_history (changes_epoch) WHERE changes_epoch IS NOT NULL;
CREATE INDEX release_history_version ON release_history (version) WHERE version IS NOT NULL;

-- The least number of a release that may run now, and since when there is one; nothing before the first has come.
CREATE TABLE release_minimum (
  id      INTEGER PRIMARY KEY,
  minimum INTEGER NOT NULL,
  since   INTEGER NOT NULL
);

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

-- Receipts. Of each build, places are given to nodes as they first booted it, from 1 and without gaps.
CREATE TABLE installs (
  build_hash   TEXT NOT NULL,
  node         TEXT NOT NULL,
  place        INTEGER NOT NULL,
  first_height INTEGER NOT NULL,
  first_epoch  INTEGER NOT NULL,
  first_time   INTEGER NOT NULL,
  last_height  INTEGER NOT NULL,
  last_epoch   INTEGER NOT NULL,
  last_time    INTEGER NOT NULL,
  count        INTEGER NOT NULL,
  PRIMARY KEY (build_hash, node)
) WITHOUT ROWID;
CREATE INDEX installs_place ON installs (build_hash, place);

-- The latest stage of each build on each node with when it was reported, and the node's number among those that spoke of the build.
CREATE TABLE stages (
  build_hash TEXT NOT NULL,
  node       TEXT NOT NULL,
  number     INTEGER NOT NULL,
  stage      TEXT NOT NULL,
  reason     TEXT,
  height     INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  time       INTEGER NOT NULL,
  PRIMARY KEY (build_hash, node)
) WITHOUT ROWID;
CREATE INDEX stages_number ON stages (build_hash, number);

-- How many nodes stand at each stage of a build.
CREATE TABLE stage_nodes (
  build_hash TEXT PRIMARY KEY,
  nodes      TEXT NOT NULL
) WITHOUT ROWID;
