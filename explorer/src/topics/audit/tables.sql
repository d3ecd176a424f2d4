-- The audit log, with what each fact says of itself: how bad it is (0 to 2), what it is a record of, and where it was done. `id` is the height and the place in the block's record: height * 2^24 + place. `tx` is the beginning of
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
  fact        TEXT NOT NULL,
  severity    INTEGER NOT NULL,
  downgrade   INTEGER NOT NULL,
  class       INTEGER NOT NULL,
  plan        TEXT,
  scope       TEXT,
  role        TEXT,
  action      TEXT,
  code        TEXT,
  change_id   INTEGER,
  case_id     INTEGER
);
CREATE INDEX facts_kind ON facts (kind, id);
CREATE INDEX facts_refused ON facts (id) WHERE refused = 1;
CREATE INDEX facts_tx ON facts (tx) WHERE tx IS NOT NULL;
CREATE INDEX facts_plan ON facts (plan, id) WHERE plan IS NOT NULL;
CREATE INDEX facts_severity ON facts (severity, id) WHERE severity > 0;
CREATE INDEX facts_change ON facts (change_id, id) WHERE change_id IS NOT NULL;
CREATE INDEX facts_case ON facts (case_id, id) WHERE case_id IS NOT NULL;

-- What each fact is about, such as `build/<hash>` or `proposal/7`; and again the few facts that are turns in the life of a build or a
-- proposal, and not one of many ballots and reports.
CREATE TABLE subjects (
  subject TEXT NOT NULL,
  fact_id INTEGER NOT NULL,
  PRIMARY KEY (subject, fact_id)
) WITHOUT ROWID;
CREATE TABLE turns (
  subject TEXT NOT NULL,
  fact_id INTEGER NOT NULL,
  PRIMARY KEY (subject, fact_id)
) WITHOUT ROWID;

-- What has records kept, whatever their time is: those of a block or a later one, at a path of a plan and below it.
CREATE TABLE legal_holds (
  case_id     INTEGER PRIMARY KEY,
  plan        TEXT NOT NULL,
  scope       TEXT NOT NULL,
  from_height INTEGER NOT NULL,
  released    INTEGER NOT NULL
);
CREATE INDEX legal_holds_active ON legal_holds (plan, from_height) WHERE released = 0;

-- For how long records of each class are kept, by the newest version of each plan.
CREATE TABLE retentions (
  plan    TEXT PRIMARY KEY,
  of_node INTEGER NOT NULL,
  spans   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX retentions_of_node ON retentions (of_node) WHERE of_node = 1;
