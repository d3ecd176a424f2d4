//! `[[procedures]]`, `[phases]`, `[artifacts]` and `[playbooks]`.

use super::stage::duties;
use crate::bundle::reference;
use crate::documents::Documents;
use crate::strict::TableReader;
use crate::words::{CHANGE, NATURE, PHASE, meaning, named, number, one_of, text, typed};
use primitives::{List, Span};
use rollouts::plan::{ArtifactRules, DrillRules, Phase, Playbook, Procedure};

pub(super) fn read(reader: &mut TableReader<'_, '_>) -> List<Procedure, 24> {
    let procedures = reader.tables("procedures", |procedure| {
        let of = procedure.need("of", one_of(CHANGE));
        let stage = procedure.may("stage", typed);
        let approve = procedure.may_list("approve", typed);
        let at_once = procedure.says("at_once");
        let window = procedure.says("window");
        let ticket = procedure.may("ticket", typed);
        let causes = procedure.may_list("causes", typed);
        let sources = procedure.may_list("sources", typed);
        let execute_within = execute_within(procedure, at_once);
        let close = duties(procedure);
        Some(Procedure {
            of: of?,
            stage,
            approve,
            at_once,
            window,
            ticket,
            causes,
            sources,
            execute_within: execute_within?,
            close,
        })
    });
    reader.bounded("procedures", procedures)
}

/// How long a change waits to be carried out; where it does not wait there is nothing to say.
fn execute_within(procedure: &mut TableReader<'_, '_>, at_once: bool) -> Option<Span> {
    if at_once && !procedure.has("execute_within") {
        procedure.pass_over("execute_within");
        return Some(Span::Millis(0));
    }
    procedure.need("execute_within", typed)
}

pub(super) fn phases(reader: &mut TableReader<'_, '_>) -> List<Phase, 16> {
    let phases = reader.each("phases", |key, phase| {
        let key = phase.possible_key(key, named);
        let requires = phase.pairs("requires", |key, value| Ok((named(key)?, meaning(PHASE, text(value)?)?)));
        let requires = phase.bounded("requires", requires);
        let start = phase.may_list("start", typed);
        let exit = phase.need_list("exit", typed);
        let allows = phase.need_list("allows", one_of(NATURE));
        Some(Phase { key: key?, requires, start, exit: exit?, allows: allows? })
    });
    reader.bounded("phases", phases)
}

pub(super) fn artifacts(reader: &mut TableReader<'_, '_>) -> Option<ArtifactRules> {
    reader.may_table("artifacts", |artifacts| {
        let format = artifacts.need("format", typed);
        let meta = artifacts.pairs("meta", |key, value| Ok((named(key)?, typed(value)?)));
        let meta = artifacts.bounded("meta", meta);
        let keep = artifacts.pairs("keep", |stage, value| Ok((named(stage)?, number(value)?)));
        let keep = artifacts.bounded("keep", keep);
        Some(ArtifactRules { format: format?, meta, keep })
    })
}

pub(super) fn playbooks(reader: &mut TableReader<'_, '_>, documents: &mut Documents<'_>) -> List<Playbook, 32> {
    let playbooks = reader.each("playbooks", |domain, playbook| {
        let domain = playbook.possible_key(domain, named);
        let doc = reference(playbook, "doc", documents);
        let owner = playbook.need("owner", typed);
        let drill = playbook.may_table("drill", drill);
        let disables = playbook.may_list("disables", typed);
        let profile = playbook.may("profile", typed);
        Some(Playbook { domain: domain?, doc: doc?, owner: owner?, drill, disables, profile })
    });
    reader.bounded("playbooks", playbooks)
}

fn drill(drill: &mut TableReader<'_, '_>) -> Option<DrillRules> {
    let every = drill.need("every", typed);
    let window = drill.need("window", typed);
    Some(DrillRules { every: every?, window: window? })
}
