//! `[stage.NAME]`: what a profile says of a stage that its bundle does not.

use crate::strict::TableReader;
use crate::words::{MISSED, named, one_of, typed};
use primitives::{List, Name, Pattern};
use rollouts::plan::{ActivationStep, Duty, Limit};

/// What a profile says of a stage.
pub(crate) struct StageRules {
    pub(crate) name: Name,
    pub(crate) production: bool,
    pub(crate) freezes: bool,
    pub(crate) thaws: Option<Name>,
    pub(crate) ticket: Option<Pattern>,
    pub(crate) public_report: bool,
    pub(crate) limits: List<Limit, 8>,
    pub(crate) readiness: List<Name, 64>,
    pub(crate) steps: List<ActivationStep, 32>,
    pub(crate) leave: List<Name, 32>,
    pub(crate) close: List<Duty, 32>,
    /// Who signs off which of the bundle's release checks, in their order.
    pub(crate) release_owners: List<Name, 8>,
    pub(crate) playbook: Name,
}

pub(super) fn read(reader: &mut TableReader<'_, '_>) -> Vec<StageRules> {
    reader.each("stage", of)
}

fn of(name: &str, stage: &mut TableReader<'_, '_>) -> Option<StageRules> {
    let name: Option<Name> = stage.possible_key(name, named);
    let production = stage.says("production");
    let freezes = stage.says("freezes");
    let thaws = stage.may("thaws", typed);
    let ticket = stage.may("ticket", typed);
    let public_report = stage.says("public_report");
    let limits = stage.pairs("limits", |flag, value| Ok(Limit { flag: named(flag)?, segment: typed(value)? }));
    let limits = stage.bounded("limits", limits);
    let readiness = stage.may_list("readiness", typed);
    let steps = stage.tables("steps", step);
    let steps = stage.bounded("steps", steps);
    let leave = stage.may_list("leave", typed);
    let close = duties(stage);
    let release_owners = stage.may_list("release_owners", typed);
    let playbook = stage.need("playbook", typed);
    Some(StageRules {
        name: name?,
        production,
        freezes,
        thaws,
        ticket,
        public_report,
        limits,
        readiness,
        steps,
        leave,
        close,
        release_owners,
        playbook: playbook?,
    })
}

fn step(step: &mut TableReader<'_, '_>) -> Option<ActivationStep> {
    let key = step.need("key", typed);
    let text = step.need("text", typed);
    let needs = step.may_list("needs", typed);
    let sets = step.tables("sets", |set| {
        let flag = set.need("flag", typed);
        let variant = set.need("variant", typed);
        let segment = set.may("segment", typed);
        Some((flag?, variant?, segment))
    });
    let sets = step.bounded("sets", sets);
    Some(ActivationStep { key: key?, text: text?, needs, sets })
}

/// What is owed afterwards, of a stage or of a procedure.
pub(super) fn duties(reader: &mut TableReader<'_, '_>) -> List<Duty, 32> {
    let duties = reader.tables("close", |duty| {
        let check = duty.need("check", typed);
        let within = duty.may("within", typed);
        let missed = duty.may("missed", one_of(MISSED)).unwrap_or_default();
        let or_incident = duty.says("or_incident");
        Some(Duty { check: check?, within, missed, or_incident })
    });
    reader.bounded("close", duties)
}
