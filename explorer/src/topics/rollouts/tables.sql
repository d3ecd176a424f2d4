-- Plans by name, with where each stands; and every version of each, with the block that put it into force.
CREATE TABLE plans (
  plan    TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  of_node INTEGER NOT NULL,
  head    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX plans_listed ON plans (of_node DESC, retired, plan);
CREATE TABLE plan_versions (
  plan      TEXT NOT NULL,
  version   INTEGER NOT NULL,
  installed TEXT NOT NULL,
  PRIMARY KEY (plan, version)
) WITHOUT ROWID;

-- Since when a stage stands; nothing of one that stands no longer.
CREATE TABLE standings (
  plan     TEXT NOT NULL,
  stage    TEXT NOT NULL,
  standing TEXT,
  PRIMARY KEY (plan, stage)
) WITHOUT ROWID;

-- Changes, with where each stands, what it promotes, the freeze or pause that it brings, and what every flag serves by it.
CREATE TABLE changes (
  id        INTEGER PRIMARY KEY,
  plan      TEXT NOT NULL,
  state     TEXT NOT NULL,
  live      INTEGER NOT NULL,
  kind      TEXT NOT NULL,
  submitter TEXT,
  artifact  TEXT,
  turns     INTEGER NOT NULL,
  change    TEXT NOT NULL,
  progress  TEXT NOT NULL,
  stop      TEXT,
  map       TEXT NOT NULL,
  milestone TEXT
);
CREATE INDEX changes_plan ON changes (plan, id);
CREATE INDEX changes_state ON changes (state, id);
CREATE INDEX changes_plan_state ON changes (plan, state, id);
CREATE INDEX changes_live ON changes (id) WHERE live = 1;
CREATE INDEX changes_live_plan ON changes (plan, id) WHERE live = 1;
CREATE INDEX changes_artifact ON changes (artifact, id) WHERE artifact IS NOT NULL;
CREATE INDEX changes_milestone ON changes (plan, milestone, id) WHERE milestone IS NOT NULL AND state <> 'ended';

-- What changes are for, with the latest change that says so.
CREATE TABLE milestones (
  plan      TEXT NOT NULL,
  milestone TEXT NOT NULL,
  latest    INTEGER NOT NULL,
  PRIMARY KEY (plan, milestone)
) WITHOUT ROWID;
CREATE INDEX milestones_latest ON milestones (plan, latest);

-- What happened to each change, by numbers from 1 without gaps; of what whoever looks back on a quarter asks for, also what it was.
CREATE TABLE change_turns (
  change_id INTEGER NOT NULL,
  number    INTEGER NOT NULL,
  plan      TEXT NOT NULL,
  time      INTEGER NOT NULL,
  mark      TEXT,
  turn      TEXT NOT NULL,
  PRIMARY KEY (change_id, number)
) WITHOUT ROWID;
CREATE INDEX change_turns_marked ON change_turns (plan, time, change_id, number) WHERE mark IS NOT NULL;

-- The latest statement of each speaker, by the digest of what it is about.
CREATE TABLE statements (
  plan    TEXT NOT NULL,
  key     TEXT NOT NULL,
  about   TEXT NOT NULL,
  speaker TEXT NOT NULL,
  height  INTEGER NOT NULL,
  stated  TEXT NOT NULL,
  PRIMARY KEY (plan, key, about, speaker)
) WITHOUT ROWID;
CREATE INDEX statements_about ON statements (plan, about, height);

-- How far phases have come; nothing of one that is planned.
CREATE TABLE phase_standings (
  plan     TEXT NOT NULL,
  phase    TEXT NOT NULL,
  standing TEXT NOT NULL,
  PRIMARY KEY (plan, phase)
) WITHOUT ROWID;

-- Each time that a playbook was tried, by plan and domain with a slash between, and by the block in which that began.
CREATE TABLE drills (
  playbook TEXT NOT NULL,
  height   INTEGER NOT NULL,
  plan     TEXT NOT NULL,
  time     INTEGER NOT NULL,
  drill    TEXT NOT NULL,
  PRIMARY KEY (playbook, height)
) WITHOUT ROWID;
CREATE INDEX drills_time ON drills (plan, time, playbook);

-- When a signal last restarted the soaks of a stage.
CREATE TABLE soak_marks (
  plan   TEXT NOT NULL,
  stage  TEXT NOT NULL,
  signal TEXT NOT NULL,
  at     TEXT NOT NULL,
  PRIMARY KEY (plan, stage, signal)
) WITHOUT ROWID;

-- Flags; how each stands at exactly a path; and each time that it was moved there.
CREATE TABLE flags (
  plan    TEXT NOT NULL,
  key     TEXT NOT NULL,
  of_plan INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  flag    TEXT NOT NULL,
  PRIMARY KEY (plan, key)
) WITHOUT ROWID;
CREATE TABLE flag_settings (
  plan    TEXT NOT NULL,
  key     TEXT NOT NULL,
  path    TEXT NOT NULL,
  setting TEXT NOT NULL,
  PRIMARY KEY (plan, key, path)
) WITHOUT ROWID;
CREATE TABLE flag_moves (
  plan   TEXT NOT NULL,
  key    TEXT NOT NULL,
  number INTEGER NOT NULL,
  time   INTEGER NOT NULL,
  moved  TEXT NOT NULL,
  PRIMARY KEY (plan, key, number)
) WITHOUT ROWID;
CREATE INDEX flag_moves_time ON flag_moves (plan, time, number);

-- What a flag served at a path, the variants with commas between, and in which stage: from a block on until another one, or until now. What
-- is over is in pieces, one for each quarter, which is told by its first millisecond. The key begins with what nobody asks for alone: SQLite
-- would take one that begins with the plan instead of an index, and read all of the plan.
CREATE TABLE flag_spans (
  plan        TEXT NOT NULL,
  key         TEXT NOT NULL,
  path        TEXT NOT NULL,
  from_time   INTEGER NOT NULL,
  from_height INTEGER NOT NULL,
  to_time     INTEGER,
  quarter     INTEGER,
  stage       TEXT,
  variants    TEXT NOT NULL,
  open_of     TEXT,
  PRIMARY KEY (key, plan, path, from_time)
) WITHOUT ROWID;
CREATE INDEX flag_spans_quarter ON flag_spans (plan, quarter, key, path, from_time) WHERE quarter IS NOT NULL;
CREATE INDEX flag_spans_now ON flag_spans (plan, key, path, from_time) WHERE open_of IS NOT NULL;
CREATE INDEX flag_spans_open ON flag_spans (open_of) WHERE open_of IS NOT NULL;

-- Who is in each segment.
CREATE TABLE segments (
  plan    TEXT NOT NULL,
  name    TEXT NOT NULL,
  members TEXT NOT NULL,
  PRIMARY KEY (plan, name)
) WITHOUT ROWID;
