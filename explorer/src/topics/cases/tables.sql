-- Cases, with how far each has come, what was said about it, and the time at which it was opened. What the chain keeps no longer is kept
-- here: the facts are.
CREATE TABLE cases (
  id      INTEGER PRIMARY KEY,
  plan    TEXT NOT NULL,
  kind    TEXT NOT NULL,
  step    TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  turns   INTEGER NOT NULL,
  opened  INTEGER NOT NULL,
  entry   TEXT NOT NULL
);
CREATE INDEX cases_kind ON cases (kind, is_open, id);
CREATE INDEX cases_step ON cases (kind, step, id);
CREATE INDEX cases_plan ON cases (plan, kind, is_open, id);
CREATE INDEX cases_plan_step ON cases (plan, kind, step, id);

-- What happened to each case, by numbers from 1 without gaps.
CREATE TABLE case_turns (
  case_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  turn    TEXT NOT NULL,
  PRIMARY KEY (case_id, number)
) WITHOUT ROWID;

-- The quarters, each by its first millisecond, in which an incident was open that is over.
CREATE TABLE incident_quarters (
  plan    TEXT NOT NULL,
  quarter INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  PRIMARY KEY (plan, quarter, case_id)
) WITHOUT ROWID;
