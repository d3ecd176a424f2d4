-- What the version of each plan that is in force asks of artifacts; nothing of a plan whose artifacts are not registered.
CREATE TABLE artifact_rules (
  plan  TEXT PRIMARY KEY,
  rules TEXT
) WITHOUT ROWID;

-- Every artifact that was ever registered, by the block that did, with what it is taken for and where it stood.
CREATE TABLE artifacts (
  plan     TEXT NOT NULL,
  digest   TEXT NOT NULL,
  height   INTEGER NOT NULL,
  name     TEXT NOT NULL,
  standing TEXT NOT NULL,
  kept_of  TEXT,
  artifact TEXT NOT NULL,
  PRIMARY KEY (plan, digest)
) WITHOUT ROWID;
CREATE INDEX artifacts_registered ON artifacts (plan, height, name);
CREATE INDEX artifacts_standing ON artifacts (plan, standing, height, name);
CREATE INDEX artifacts_kept ON artifacts (kept_of, digest) WHERE kept_of IS NOT NULL;

-- What stands in each stage, and how many came to stand there.
CREATE TABLE artifact_stages (
  plan   TEXT NOT NULL,
  stage  TEXT NOT NULL,
  stands TEXT,
  stood  INTEGER NOT NULL,
  PRIMARY KEY (plan, stage)
) WITHOUT ROWID;
