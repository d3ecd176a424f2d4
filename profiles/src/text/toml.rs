//! A plan as a profile that holds its bundle. Read again with the same documents it comes to the same plan, but for the hashes of
//! the files themselves and its number.

use super::checks::{check_fields, vote_fields};
use super::fields::{Fields, key, list, pairs, quoted, said, tables};
use super::{days, time};
use crate::profile::{NEVER, ON_OFF, date};
use crate::segments;
use crate::words::{AUDIENCE, CHANGE, FLAG, MISSED, NATURE, PHASE, RECORDS, RISK, SEVERITY, word};
use flags::{Expiry, Flag, Value, Variant};
use primitives::{Name, Span};
use roles::Role;
use rollouts::plan::{
    ActivationStep, ArtifactRules, Duty, Governs, Phase, Plan, PlanDocument, Playbook, Policy, Procedure, Signal,
    Speakers, Stage, Window, WindowRule,
};
use std::collections::BTreeSet;

/// The profile of a plan.
pub fn toml(plan: &Plan) -> String {
    let mut text = Fields::default();
    head(&mut text, plan);
    document(&mut text, &plan.document);
    policy(&mut text, &plan.policy);
    text.table("windows", plan.windows.iter().map(|window| (&window.name, window_fields(window))));
    text.table("roles", plan.roles.iter().map(|(name, role)| (name, role_fields(role))));
    listed_segments(&mut text, plan);
    text.table("flags", plan.flags.iter().map(|flag| (&flag.key, flag_fields(flag))));
    text.table("signals", plan.signals.iter().map(|signal| (&signal.key, signal_fields(signal))));
    text.table("checks", plan.checks.iter().map(|check| (&check.key, check_fields(check))));
    for stage in &plan.stages {
        text.line("\n[[stages]]");
        bundled(&mut text, stage);
    }
    for stage in &plan.stages {
        text.line(&format!("\n[stage.{}]", key(&stage.name)));
        ruled(&mut text, stage);
    }
    for procedure in &plan.procedures {
        text.line("\n[[procedures]]");
        of_procedure(&mut text, procedure);
    }
    text.table("phases", plan.phases.iter().map(|phase| (&phase.key, phase_fields(phase))));
    if let Some(rules) = &plan.artifacts {
        artifacts(&mut text, rules);
    }
    text.table("playbooks", plan.playbooks.iter().map(|playbook| (&playbook.domain, playbook_fields(playbook))));
    text.into_text()
}

fn head(text: &mut Fields, plan: &Plan) {
    text.set("profile", 1);
    text.set("name", quoted(&plan.name));
    match &plan.governs {
        Governs::Node => text.set("governs", quoted("node")),
        Governs::Application { owner } => {
            text.set("governs", quoted("application"));
            text.set("owner", quoted(owner));
        }
    }
    text.set_list("levels", &plan.levels);
    text.set("version", 1);
    text.set("bundle", quoted(&plan.name));
    text.set("description", quoted(&plan.document.title));
}

fn document(text: &mut Fields, document: &PlanDocument) {
    text.line("\n[document]");
    text.set("title", quoted(&document.title));
    text.set("version", quoted(&document.version));
    text.set("status", quoted(&document.status));
    text.set("date", quoted(&document.date));
    text.set("owner", quoted(&document.owner));
    text.set("references", list(&document.references));
    text.set("roadmap", quoted(&document.roadmap));
}

fn policy(text: &mut Fields, policy: &Policy) {
    text.line("\n[policy]");
    text.set("one_way", policy.one_way);
    text.set("monotonic", policy.monotonic);
    text.set("self_approval", policy.self_approval);
    text.set_some("amend", policy.amend.as_ref().map(|amend| vote_fields(amend, false).inline()));
    text.set("never_frozen", list(&policy.never_frozen));
    text.set("freeze_at_most", quoted(policy.freeze_at_most));
    text.set("hold_at_most", quoted(policy.hold_at_most));
    text.set("open_emergencies", policy.open_emergencies);
    // Digits alone, as amounts are read.
    text.set("deposit", quoted(policy.deposit.0));
    text.set(
        "retain",
        pairs(policy.retain.iter().map(|(class, span)| (word(RECORDS, class).to_owned(), quoted(span)))),
    );
    text.set_true("test", policy.test);
}

fn window_fields(window: &Window) -> Fields {
    let mut fields = Fields::default();
    match &window.rule {
        WindowRule::Weekly { days: bits, from_minute, minutes } => {
            fields.set("days", quoted(days(*bits)));
            fields.set("from", quoted(time(*from_minute)));
            fields.set("for", quoted(Span::minutes((*minutes).into())));
        }
        WindowRule::Announced { notice, longest } => {
            fields.set("announced", true);
            fields.set("notice", quoted(notice));
            fields.set("longest", quoted(longest));
        }
    }
    fields
}

fn role_fields(role: &Role) -> Fields {
    let mut fields = Fields::default();
    fields.set("least", role.least_members);
    fields.set("grants", list(&role.grants));
    fields
}

/// Every segment that the plan names, without its members: those are no part of a plan.
fn listed_segments(text: &mut Fields, plan: &Plan) {
    let named = segments::named_by(plan).into_iter().filter(|named| !named.is_built_in());
    let names: BTreeSet<&Name> = named.map(|named| named.segment).collect();
    if !names.is_empty() {
        text.line("\n[segments]");
    }
    for name in names {
        text.set(&key(name), "[]");
    }
}

fn flag_fields(flag: &Flag) -> Fields {
    let mut fields = Fields::default();
    let name = |at: u8| flag.variants.get(usize::from(at)).map(|variant| quoted(&variant.name));
    fields.set("kind", said(FLAG, &flag.kind));
    fields.set("owner", quoted(&flag.owner));
    let expires = match &flag.expires {
        Expiry::Never => NEVER.to_owned(),
        Expiry::At(at) => date(*at),
    };
    fields.set("expires", quoted(expires));
    if !is_on_off(&flag.variants) {
        fields.set("variants", pairs(flag.variants.iter().map(|variant| (key(&variant.name), served(&variant.value)))));
    }
    fields.set_some("fallback", name(flag.fallback));
    fields.set_some("off", name(flag.off));
    fields.set("risk", said(RISK, &flag.risk));
    fields.set("audience", said(AUDIENCE, &flag.audience));
    fields.set_true("emergency", flag.emergency);
    fields.set_list("requires", &flag.requires);
    let bypass: Vec<String> = flag.bypass.iter().filter_map(|at| name(*at)).collect();
    if !bypass.is_empty() {
        fields.set("bypass", format!("[{}]", bypass.join(", ")));
    }
    if flag.salt != flag.key {
        fields.set("salt", quoted(&flag.salt));
    }
    fields.set_some("text", (!flag.text.as_str().is_empty()).then(|| quoted(&flag.text)));
    fields
}

/// Whether variants are those that a flag has for which none are listed.
fn is_on_off(variants: &[Variant]) -> bool {
    let is_alike = |(variant, (name, on)): (&Variant, &(&str, bool))| {
        variant.name.as_str() == *name && variant.value == Value::Bool(*on)
    };
    variants.len() == ON_OFF.len() && variants.iter().zip(&ON_OFF).all(is_alike)
}

fn served(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        // With a point, because it is no whole number to those who read it.
        Value::Number(number) if number.to_string().contains('.') => number.to_string(),
        Value::Number(number) => format!("{number}.0"),
        Value::Text(text) => quoted(text),
        Value::Object(json) => format!("{{ json = {} }}", quoted(json)),
    }
}

fn signal_fields(signal: &Signal) -> Fields {
    let mut fields = Fields::default();
    fields.set("severity", said(SEVERITY, &signal.severity));
    match &signal.by {
        Speakers::Roles(roles) => fields.set("by", list(roles)),
        Speakers::Validators => fields.set("by", quoted(rollouts::plan::VALIDATORS)),
    }
    fields.set_true("incident", signal.opens_incident);
    fields.set_true("rollback", signal.opens_rollback);
    fields
}

/// What a bundle says of a stage.
fn bundled(text: &mut Fields, stage: &Stage) {
    text.set("name", quoted(&stage.name));
    text.set("release_channel", quoted(&stage.channel));
    text.set("change_window", quoted(&stage.window));
    // The names of variants say what `true` and `false` do.
    let values = stage.values.iter().map(|(flag, variant)| (key(flag), quoted(variant)));
    text.set("feature_gates", pairs(values));
    text.set("release_checks", list(&stage.release_checks));
    text.set("recovery_playbook", quoted(&stage.recovery_playbook));
}

/// What a profile says of a stage besides.
fn ruled(text: &mut Fields, stage: &Stage) {
    text.set_true("production", stage.production);
    text.set_true("freezes", stage.freezes);
    text.set_some("thaws", stage.thaws.as_ref().map(quoted));
    text.set_some("ticket", stage.ticket.as_ref().map(quoted));
    text.set_true("public_report", stage.public_report);
    if !stage.limits.is_empty() {
        text.set("limits", pairs(stage.limits.iter().map(|limit| (key(&limit.flag), quoted(&limit.segment)))));
    }
    text.set("readiness", list(&stage.readiness));
    text.set("steps", tables(stage.steps.iter().map(step_fields)));
    text.set("leave", list(&stage.leave));
    if !stage.close.is_empty() {
        text.set("close", tables(stage.close.iter().map(duty_fields)));
    }
    let owners: Vec<&Name> = stage.release_checks.iter().filter_map(|check| check.owner.as_ref()).collect();
    if !owners.is_empty() {
        text.set("release_owners", list(&owners));
    }
    text.set("playbook", quoted(&stage.playbook));
}

fn step_fields(step: &ActivationStep) -> Fields {
    let mut fields = Fields::default();
    fields.set("key", quoted(&step.key));
    fields.set("text", quoted(&step.text));
    fields.set_list("needs", &step.needs);
    let sets: Vec<String> = step.sets.iter().map(set_fields).collect();
    if !sets.is_empty() {
        fields.set("sets", format!("[{}]", sets.join(", ")));
    }
    fields
}

fn set_fields((flag, variant, segment): &(Name, Name, Option<Name>)) -> String {
    let mut set = Fields::default();
    set.set("flag", quoted(flag));
    set.set("variant", quoted(variant));
    set.set_some("segment", segment.as_ref().map(quoted));
    set.inline()
}

fn duty_fields(duty: &Duty) -> Fields {
    let mut fields = Fields::default();
    fields.set("check", quoted(&duty.check));
    fields.set_some("within", duty.within.map(quoted));
    fields.set("missed", said(MISSED, &duty.missed));
    fields.set_true("or_incident", duty.or_incident);
    fields
}

fn of_procedure(text: &mut Fields, procedure: &Procedure) {
    text.set("of", said(CHANGE, &procedure.of));
    text.set_some("stage", procedure.stage.as_ref().map(quoted));
    text.set("approve", list(&procedure.approve));
    text.set_true("at_once", procedure.at_once);
    text.set_true("window", procedure.window);
    text.set_some("ticket", procedure.ticket.as_ref().map(quoted));
    text.set_list("causes", &procedure.causes);
    text.set_list("sources", &procedure.sources);
    text.set("execute_within", quoted(procedure.execute_within));
    if !procedure.close.is_empty() {
        text.set("close", tables(procedure.close.iter().map(duty_fields)));
    }
}

fn phase_fields(phase: &Phase) -> Fields {
    let mut fields = Fields::default();
    if !phase.requires.is_empty() {
        fields.set("requires", pairs(phase.requires.iter().map(|(phase, state)| (key(phase), said(PHASE, state)))));
    }
    fields.set_list("start", &phase.start);
    fields.set("exit", list(&phase.exit));
    let allows: Vec<&str> = phase.allows.iter().map(|nature| word(NATURE, nature)).collect();
    fields.set("allows", list(&allows));
    fields
}

fn artifacts(text: &mut Fields, rules: &ArtifactRules) {
    text.line("\n[artifacts]");
    text.set("format", quoted(&rules.format));
    text.set("meta", pairs(rules.meta.iter().map(|(name, pattern)| (key(name), quoted(pattern)))));
    text.set("keep", pairs(rules.keep.iter().map(|(stage, count)| (key(stage), count.to_string()))));
}

fn playbook_fields(playbook: &Playbook) -> Fields {
    let mut fields = Fields::default();
    fields.set("doc", quoted(&playbook.doc));
    fields.set("owner", quoted(&playbook.owner));
    let drill = playbook.drill.as_ref();
    fields.set_some(
        "drill",
        drill.map(|drill| format!("{{ every = {}, window = {} }}", quoted(drill.every), quoted(drill.window))),
    );
    fields.set_list("disables", &playbook.disables);
    fields.set_some("profile", playbook.profile.as_ref().map(quoted));
    fields
}
