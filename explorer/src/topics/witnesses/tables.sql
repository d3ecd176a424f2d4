-- Who is a witness, by the account: its name and key in signed notes, the block that registered it, the last epoch whose checkpoint it
-- cosigned, and the block that took it out, where one did.
CREATE TABLE witnesses (
  account    TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  key        TEXT NOT NULL,
  since      INTEGER NOT NULL,
  last_epoch INTEGER,
  retired    INTEGER
);
CREATE INDEX witnesses_now ON witnesses (since, account) WHERE retired IS NULL;
-- The tree of blocks at the first block of each epoch that somebody cosigned.
CREATE TABLE checkpoints (
  epoch INTEGER PRIMARY KEY,
  size  INTEGER NOT NULL,
  root  TEXT NOT NULL
);
-- Who cosigned an epoch's checkpoint, and the block that has it.
CREATE TABLE cosignatures (
  epoch   INTEGER NOT NULL,
  witness TEXT NOT NULL,
  height  INTEGER NOT NULL,
  PRIMARY KEY (epoch, witness)
) WITHOUT ROWID;
