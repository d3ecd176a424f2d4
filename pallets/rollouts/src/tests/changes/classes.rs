//! What the class of a release changes: who has to agree to it (REQ-036). Which checks it leaves out is a matter of verdicts.

use super::chain::*;
use crate::change::ChangeDraft;
use crate::check::Ask;
use crate::plan::Plan;
use crate::tests::sample::{list, name};
use governance::PollRules;
use primitives::{Fraction, ReleaseClass};
use state::Memory;

/// The plan in which every member of the council has to agree to a hotfix.
fn strict_about_hotfixes() -> Plan {
    let mut plan = plan();
    let council = plan.checks.iter_mut().find(|check| check.key.as_str() == "council").unwrap();
    let Ask::Vote { ballot } = &mut council.ask else { panic!("{council:?}") };
    ballot.by_class = list([(ReleaseClass::Hotfix, Fraction::new(1, 1).unwrap())]);
    plan
}

#[test]
fn req_036_a_class_has_the_share_of_the_council_that_the_plan_gives_it_and_others_that_of_all() {
    for (class, share) in
        [(ReleaseClass::Hotfix, Fraction::new(1, 1).unwrap()), (ReleaseClass::Major, Fraction::TWO_THIRDS)]
    {
        let memory = Memory::default();
        let mut chain = Chain::at_stage(&memory, strict_about_hotfixes(), "testnet");
        chain.submit(ChangeDraft { class, ..promotes("mainnet") }).unwrap();
        let Some(PollRules::Members { key, share: asked, guest, .. }) = chain.next_rules() else {
            panic!("members are asked")
        };
        assert_eq!((key.role, asked, guest), (name("council"), share, false), "{class:?}");
    }
}
