//! `[policy]`, and the votes that a profile speaks of. Nothing of it has a default.

use crate::strict::TableReader;
use crate::words::{CLASS, RECORDS, amount, meaning, number, truth, typed};
use primitives::{List, Name};
use rollouts::check::VoteRules;
use rollouts::plan::{Governs, Policy};

pub(super) fn read(reader: &mut TableReader<'_, '_>, governs: Option<&Governs>) -> Option<Policy> {
    reader.need_table("policy", |policy| {
        let one_way = policy.need("one_way", truth);
        let monotonic = policy.need("monotonic", truth);
        let self_approval = policy.need("self_approval", truth);
        let amend = amendment(policy, governs);
        let never_frozen = policy.need_list("never_frozen", typed);
        let freeze_at_most = policy.need("freeze_at_most", typed);
        let hold_at_most = policy.need("hold_at_most", typed);
        let open_emergencies = policy.need("open_emergencies", number);
        let deposit = policy.need("deposit", amount);
        policy.want("retain");
        let retain = policy.pairs("retain", |class, value| Ok((meaning(RECORDS, class)?, typed(value)?)));
        let retain = policy.bounded("retain", retain);
        let test = policy.says("test");
        Some(Policy {
            one_way: one_way?,
            monotonic: monotonic?,
            self_approval: self_approval?,
            amend: amend?,
            never_frozen: never_frozen?,
            freeze_at_most: freeze_at_most?,
            hold_at_most: hold_at_most?,
            open_emergencies: open_emergencies?,
            retain,
            deposit: deposit?,
            test,
        })
    })
}

/// The vote that amends the plan: of an application's owner; the stake amends that of a node.
fn amendment(policy: &mut TableReader<'_, '_>, governs: Option<&Governs>) -> Option<Option<VoteRules>> {
    match governs {
        Some(Governs::Application { owner }) => {
            policy.need_table("amend", |amend| rules_of(amend, Some(owner.clone()))).map(Some)
        }
        Some(Governs::Node) => {
            if policy.ask("amend").is_some() {
                policy.refuse("amend", "the stake amends the plan of a node; leave it out");
            }
            Some(None)
        }
        None => {
            policy.pass_over("amend");
            Some(None)
        }
    }
}

/// A vote of a role, which the table names unless it is known.
pub(super) fn rules_of(vote: &mut TableReader<'_, '_>, known: Option<Name>) -> Option<VoteRules> {
    let role = known.or_else(|| vote.need("role", typed));
    let share = vote.need("share", typed);
    let within = vote.need("within", typed);
    let by_class = vote.pairs("by_class", |class, value| Ok((meaning(CLASS, class)?, typed(value)?)));
    let by_class: List<_, 4> = vote.bounded("by_class", by_class);
    Some(VoteRules { role: role?, share: share?, within: within?, by_class })
}
