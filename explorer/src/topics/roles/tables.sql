-- The roles of plans with their grants, and the version of each roster. A role that its plan has no longer stays, so that no version
-- comes twice.
CREATE TABLE roles (
  plan    TEXT NOT NULL,
  role    TEXT NOT NULL,
  version INTEGER NOT NULL,
  gone    INTEGER NOT NULL,
  grants  TEXT NOT NULL,
  PRIMARY KEY (plan, role)
) WITHOUT ROWID;

-- Who has a role, or had it: a row for each time that somebody came, or stayed with other scopes, by the version of the roster. `held` is the
-- role of who has it now, with its plan and a slash between.
CREATE TABLE members (
  plan    TEXT NOT NULL,
  role    TEXT NOT NULL,
  account TEXT NOT NULL,
  version INTEGER NOT NULL,
  until   INTEGER,
  held    TEXT,
  stay    TEXT NOT NULL,
  PRIMARY KEY (plan, role, account, version)
) WITHOUT ROWID;
CREATE INDEX members_version ON members (plan, role, version DESC, account);
CREATE INDEX members_until ON members (plan, role, until);
CREATE INDEX members_held ON members (held, version, account) WHERE held IS NOT NULL;
CREATE INDEX members_account ON members (account, plan, role) WHERE held IS NOT NULL;
