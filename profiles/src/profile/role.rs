//! `[roles]` and `[signals]`: who may do what, and who may say that something is wrong.

use crate::strict::{TableReader, WrittenValue};
use crate::words::{SEVERITY, named, number, one_of, typed};
use primitives::{List, Name};
use roles::Role;
use rollouts::plan::{Signal, Speakers, VALIDATORS};

pub(super) fn read(reader: &mut TableReader<'_, '_>) -> List<(Name, Role), 16> {
    let roles = reader.each("roles", |name, role| {
        let name = role.possible_key(name, named);
        let least_members = role.need("least", number);
        let grants = role.need_list("grants", typed);
        Some((name?, Role { grants: grants?, least_members: least_members? }))
    });
    reader.bounded("roles", roles)
}

pub(super) fn signals(reader: &mut TableReader<'_, '_>) -> List<Signal, 32> {
    let signals = reader.each("signals", |key, signal| {
        let key = signal.possible_key(key, named);
        let severity = signal.need("severity", one_of(SEVERITY));
        let by = speakers(signal);
        let (opens_incident, opens_rollback) = (signal.says("incident"), signal.says("rollback"));
        Some(Signal { key: key?, severity: severity?, by: by?, opens_incident, opens_rollback })
    });
    reader.bounded("signals", signals)
}

/// The roles that may say it, or `validators`.
fn speakers(signal: &mut TableReader<'_, '_>) -> Option<Speakers> {
    let is_list = |value: &WrittenValue| value.value.is_array();
    if signal.ask("by").is_some_and(is_list) {
        return Some(Speakers::Roles(signal.may_list("by", typed)));
    }
    signal.need("by", |value| match value.value.as_str() {
        Some(VALIDATORS) => Ok(Speakers::Validators),
        _ => Err(format!("write a list of roles, or \"{VALIDATORS}\"")),
    })
}
