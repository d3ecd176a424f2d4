//! How the audit log has what happens to balances: for information, as nothing of it is done under a plan.

use crate::{Error, Event};
use state::{AuditedEvent, AuditedRefusal};

impl AuditedEvent for Event {}

impl AuditedRefusal for Error {}
