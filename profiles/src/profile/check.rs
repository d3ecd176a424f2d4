//! `[checks]`: a question each, with whoever owns it.

use super::ask;
use crate::strict::TableReader;
use crate::words::{CLASS, MISSING, named, one_of, or_empty, typed};
use primitives::{List, Name};
use rollouts::check::Check;

pub(super) fn read(reader: &mut TableReader<'_, '_>) -> List<Check, 256> {
    let checks = reader.each("checks", of);
    reader.bounded("checks", checks)
}

fn of(key: &str, check: &mut TableReader<'_, '_>) -> Option<Check> {
    let key: Option<Name> = check.possible_key(key, named);
    let text = or_empty(check.may("text", typed));
    let code = check.need("code", typed);
    let by = check.may("by", typed);
    let blocker = check.says("blocker");
    let skip = check.may_list("skip", one_of(CLASS));
    let fresh = check.may("fresh", typed);
    let missing = check.may("missing", one_of(MISSING)).unwrap_or_default();
    let ask = ask::read(check);
    Some(Check { key: key?, text, code: code?, by, blocker, skip, fresh, missing, ask: ask? })
}
