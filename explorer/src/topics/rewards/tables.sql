-- What epochs paid, each with the block that paid it, to how many, and what the pool had afterwards.
CREATE TABLE reward_epochs (
  epoch    INTEGER PRIMARY KEY,
  paid_at  INTEGER NOT NULL,
  payments INTEGER NOT NULL,
  leader   TEXT NOT NULL,
  witness  TEXT NOT NULL,
  pool     TEXT NOT NULL
);
-- What each validator was paid for an epoch, in the order of the set: the amount with what waits for delegators, the presence in
-- milliseconds, and all of the payment.
CREATE TABLE rewards (
  epoch    INTEGER NOT NULL,
  place    INTEGER NOT NULL,
  account  TEXT NOT NULL,
  amount   TEXT NOT NULL,
  presence INTEGER NOT NULL,
  payment  TEXT NOT NULL,
  PRIMARY KEY (epoch, place)
) WITHOUT ROWID;
-- Who precommitted a block's parent, by the block that brought it: places of the parent's epoch, and the time since the parent.
CREATE TABLE attended (
  height  INTEGER PRIMARY KEY,
  epoch   INTEGER NOT NULL,
  present TEXT NOT NULL,
  ms      INTEGER NOT NULL
);
