-- Validator sets by epoch, with the candidates beside each and whoever decides blocks alone, and the power of each validator from an epoch on.
CREATE TABLE elections (
  epoch      INTEGER PRIMARY KEY,
  validators TEXT NOT NULL,
  candidates TEXT NOT NULL,
  sealer     TEXT
);
CREATE TABLE powers (
  validator TEXT NOT NULL,
  epoch     INTEGER NOT NULL,
  power     TEXT NOT NULL,
  PRIMARY KEY (validator, epoch)
) WITHOUT ROWID;

-- What validators were punished for, by validator and epoch of the act, with the block it was on record in.
CREATE TABLE offences (
  validator TEXT NOT NULL,
  epoch     INTEGER NOT NULL,
  recorded  INTEGER NOT NULL,
  offence   TEXT NOT NULL,
  PRIMARY KEY (validator, epoch)
) WITHOUT ROWID;
CREATE INDEX offences_recorded ON offences (recorded DESC, validator, epoch);
-- The epochs in which nothing that validators sign is punished, each with the block that said so.
CREATE TABLE unenforced (
  epoch    INTEGER PRIMARY KEY,
  recorded INTEGER NOT NULL
);
-- The first epoch in which each of them may come back, nothing once it has.
CREATE TABLE jailed (
  validator TEXT PRIMARY KEY,
  until     INTEGER
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

-- What each node last said that it runs and knows; nothing, once it may not advertise any more.
CREATE TABLE advertised (
  node   TEXT PRIMARY KEY,
  height INTEGER NOT NULL,
  said   TEXT
) WITHOUT ROWID;
