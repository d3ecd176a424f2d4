//! A plan as the page that people read: `docs/rollout_plan.md` (REQ-010).

use super::page::Page;
use super::{days, listed, time};
use rollouts::check::{Ask, Check, Least};
use rollouts::plan::{
    ActivationStep, ChangeKind, Duty, Governs, Missed, Plan, Playbook, Procedure, ServedVariant, Stage, WindowRule,
};
use std::fmt::Display;

/// The page of a plan. It is made from the plan alone, so whoever has the plan of a chain has the same page.
pub fn markdown(plan: &Plan) -> String {
    let mut page = Page::default();
    head(&mut page, plan);
    values(&mut page, plan);
    for (at, stage) in plan.stages.iter().enumerate() {
        stage_of(&mut page, plan, at.saturating_add(1), stage);
    }
    procedures(&mut page, plan);
    windows(&mut page, plan);
    roles(&mut page, plan);
    flags(&mut page, plan);
    signals(&mut page, plan);
    playbooks(&mut page, plan);
    phases(&mut page, plan);
    artifacts(&mut page, plan);
    policy(&mut page, plan);
    checks(&mut page, plan);
    page.into_text()
}

/// Something, or a dash where there is nothing.
fn or_dash(text: impl Display) -> String {
    let text = text.to_string();
    if text.is_empty() { "-".into() } else { text }
}

fn yes(is_so: bool) -> String {
    if is_so { "yes".into() } else { "-".into() }
}

fn code(text: impl Display) -> String {
    format!("`{text}`")
}

fn head(page: &mut Page, plan: &Plan) {
    let document = &plan.document;
    page.paragraph(format_args!("# {}", document.title));
    page.paragraph(format_args!(
        "The plan `{}`, made from its profile. What is to change is changed there, not here.",
        plan.name
    ));
    let governs = match &plan.governs {
        Governs::Node => "this network's gates; the stake amends it".to_owned(),
        Governs::Application { owner } => format!("an application; the vote of `{owner}` amends it"),
    };
    let rows = [
        ("governs", governs),
        ("document", format!("version {}, {}, of {}", document.version, document.status, document.date)),
        ("owner", document.owner.to_string()),
        ("rests on", document.references.iter().map(code).collect::<Vec<_>>().join(", ")),
        ("roadmap", document.roadmap.to_string()),
        ("levels of a scope", or_dash(listed(&plan.levels))),
        ("BLAKE3 of the bundle", code(plan.bundle)),
        ("BLAKE3 of the profile", code(plan.profile)),
    ];
    page.table(["", ""], rows.map(|(name, said)| [name.to_owned(), said]));
}

fn values(page: &mut Page, plan: &Plan) {
    if plan.flags.is_empty() {
        return;
    }
    page.heading(2, "Stages and values");
    page.paragraph("In this order; what a stage changes is set in bold.");
    page.row(std::iter::once("flag").chain(plan.stages.iter().map(|stage| stage.name.as_str())));
    page.line(format_args!("|---|{}", "---|".repeat(plan.stages.len())));
    for flag in &plan.flags {
        let cell = |stage: &Stage| {
            let served = plan.values_at(&stage.name).into_iter().find(|(key, _)| **key == flag.key);
            let is_new = plan.delta(&stage.name).iter().any(|delta| *delta.flag == flag.key);
            let said = served.map(|(_, served)| shown(served)).unwrap_or_default();
            if is_new { format!("**{said}**") } else { said }
        };
        page.row(std::iter::once(code(&flag.key)).chain(plan.stages.iter().map(cell)));
    }
}

fn shown(served: ServedVariant<'_>) -> String {
    match served.only {
        Some(segment) => format!("{} for `{segment}`", served.variant),
        None => served.variant.to_string(),
    }
}

fn stage_of(page: &mut Page, plan: &Plan, number: usize, stage: &Stage) {
    page.heading(2, format_args!("{number}. {}", stage.name));
    let mut traits = vec![format!("channel `{}`", stage.channel), format!("window `{}`", stage.window)];
    traits.extend(stage.production.then(|| "production".to_owned()));
    let until = stage.thaws.as_ref().map(|duty| format!(" until `{duty}`")).unwrap_or_default();
    traits.extend(stage.freezes.then(|| format!("new proposals stand still{until}")));
    traits.extend(stage.ticket.as_ref().map(|ticket| format!("ticket `{ticket}`")));
    traits.extend(stage.public_report.then(|| "incidents are reported in public".to_owned()));
    page.line(format_args!("{}.", traits.join("; ")));
    page.heading(3, "Before it is entered");
    keys(page, plan, &stage.readiness);
    page.heading(3, "Once it is entered");
    for (at, step) in stage.steps.iter().enumerate() {
        page.line(format_args!("{}. {}", at.saturating_add(1), step_of(step)));
    }
    if !stage.leave.is_empty() {
        page.heading(3, "Before the next stage");
        keys(page, plan, &stage.leave);
    }
    if !stage.close.is_empty() {
        page.heading(3, "What it owes besides");
        duties(page, &stage.close);
    }
    page.heading(3, "When it goes wrong");
    page.line(format_args!("[{0}](../{0}), and the playbook `{1}`.", stage.recovery_playbook, stage.playbook));
    page.heading(3, "Release checks");
    for check in &stage.release_checks {
        let owner = check.owner.as_ref().map(|owner| format!(", signed off by `{owner}`")).unwrap_or_default();
        page.line(format_args!("- [{check}](../{check}){owner}"));
    }
}

fn step_of(step: &ActivationStep) -> String {
    let sets = step.sets.iter().map(|(flag, variant, segment)| {
        let only = segment.as_ref().map(|segment| format!(" for `{segment}`")).unwrap_or_default();
        format!("`{flag}` = {variant}{only}")
    });
    let sets: Vec<String> = sets.collect();
    let needs: Vec<String> = step.needs.iter().map(code).collect();
    let mut text = format!("**{}**: {}", step.key, step.text);
    for (what, names) in [("sets", sets), ("needs", needs)] {
        if !names.is_empty() {
            text = format!("{text}; {what} {}", names.join(", "));
        }
    }
    text
}

/// Checks, each with its owner and what it asks.
fn keys(page: &mut Page, plan: &Plan, keys: &[primitives::Name]) {
    if keys.is_empty() {
        page.line("Nothing.");
    }
    for key in keys {
        match plan.check(key) {
            Some(check) => page.line(format_args!("- `{key}`{}: {}", owner(check), question(&check.ask))),
            None => page.line(format_args!("- `{key}`")),
        }
    }
}

fn owner(check: &Check) -> String {
    check.by.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default()
}

fn duties(page: &mut Page, duties: &[Duty]) {
    for duty in duties {
        page.line(format_args!("- {}", duty_of(duty)));
    }
}

fn duty_of(duty: &Duty) -> String {
    let instead = if duty.or_incident { ", or an incident that stands for it" } else { "" };
    let Some(within) = duty.within else { return format!("`{}`{instead}", duty.check) };
    let missed = match duty.missed {
        Missed::Block => "nothing is promoted until it is met",
        Missed::Hold => "nothing is promoted until it is met, and what was done stays",
        Missed::Restore => "nothing is promoted until it is met, and what was done is undone",
    };
    format!("`{}` within {within}{instead}; missed, {missed}", duty.check)
}

/// What a check asks, in a clause.
fn question(ask: &Ask) -> String {
    match ask {
        Ask::Word { about, predicate, within, .. } => {
            let type_of = predicate.as_ref().map(|predicate| format!(", with a digest of `{predicate}`"));
            let bound = within.as_ref().map(|(of, most)| format!(", at most {most} times `{of}` of the stage before"));
            format!("a word about the {about}{}{}", type_of.unwrap_or_default(), bound.unwrap_or_default())
        }
        Ask::Chorus { segment, least, after_announced } => {
            let least = match least {
                Least::Count(count) => count.to_string(),
                Least::Share(share) => share.to_string(),
            };
            let after = if *after_announced { ", after the window was announced" } else { "" };
            format!("{least} of `{segment}` say so, each for itself{after}")
        }
        Ask::Rows { about, .. } => format!("a word for every row of the {about}"),
        Ask::Watch { about, lasted } => format!("the {about} was watched for {lasted}"),
        Ask::Forbid { keys } => format!("none of {} stands as failed", listed(keys)),
        Ask::Soak { stage, span, unless, .. } => {
            let unless = if unless.is_empty() { String::new() } else { format!(" without {}", listed(unless)) };
            format!("{stage} has stood for {span}{unless}")
        }
        Ask::Fleet { profile, share, .. } if share.is_nothing() => {
            format!("the chain's values are the {profile} profile")
        }
        Ask::Fleet { profile, share, .. } => format!("{share} of the power has the {profile} profile"),
        Ask::Installed { segment, .. } => format!("`{segment}` have installed the build"),
        Ask::Build { sbom, provenance, .. } => {
            let asked =
                [(*sbom, "its bill of materials"), (*provenance, "its signatures and the commit that was tested")];
            let asked: Vec<&str> = asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, what)| what).collect();
            format!("the build is approved, with {}", asked.join(" and "))
        }
        Ask::Clear { register, severity } => format!("no {register} of {severity} or worse is open"),
        Ask::Drill { playbook } => format!("the playbook `{playbook}` was tried lately"),
        Ask::Recoverable => "what would be gone back to is there".into(),
        Ask::Vote { ballot } => {
            format!("{} of the members of `{}` agree within {}", ballot.share, ballot.role, ballot.within)
        }
    }
}

fn procedures(page: &mut Page, plan: &Plan) {
    page.heading(2, "How changes go");
    for procedure in &plan.procedures {
        let of_stage = procedure.stage.as_ref().map(|stage| format!(" to {stage}")).unwrap_or_default();
        page.heading(3, format_args!("{}{of_stage}", procedure.of));
        page.paragraph(format_args!("{}.", manner(procedure)));
        keys_or_nothing(page, plan, procedure);
        if !procedure.close.is_empty() {
            page.blank();
            page.paragraph("Afterwards it owes:");
            duties(page, &procedure.close);
        }
    }
}

fn keys_or_nothing(page: &mut Page, plan: &Plan, procedure: &Procedure) {
    let of_stage = if procedure.of == ChangeKind::Promote { ", beside what the stage asks" } else { "" };
    if procedure.approve.is_empty() {
        return page.line(format_args!("Nothing is asked before{of_stage}."));
    }
    page.paragraph(format_args!("Asked before{of_stage}:"));
    keys(page, plan, &procedure.approve);
}

fn manner(procedure: &Procedure) -> String {
    let when = match (procedure.at_once, procedure.window) {
        (true, _) => "Carried out at once".to_owned(),
        (false, true) => format!("Carried out in the window of the stage, within {}", procedure.execute_within),
        (false, false) => format!("Carried out at any time within {}", procedure.execute_within),
    };
    let parts = [
        ("; ticket", procedure.ticket.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("; causes", listed(&procedure.causes)),
        ("; seen by", listed(&procedure.sources)),
    ];
    parts
        .into_iter()
        .filter(|(_, said)| !said.is_empty())
        .fold(when, |text, (what, said)| format!("{text}{what} {said}"))
}

fn windows(page: &mut Page, plan: &Plan) {
    page.heading(2, "Windows");
    let rows = plan.windows.iter().map(|window| {
        let when = match &window.rule {
            WindowRule::Weekly { days: bits, from_minute, minutes } => {
                let length = primitives::Span::minutes((*minutes).into());
                format!("{} from {} UTC for {length}", days(*bits), time(*from_minute))
            }
            WindowRule::Announced { notice, longest } => format!("announced {notice} before, at most {longest} long"),
        };
        [code(&window.name), when]
    });
    page.table(["window", "when"], rows);
}

fn roles(page: &mut Page, plan: &Plan) {
    page.heading(2, "Roles");
    let rows = plan.roles.iter().map(|(name, role)| {
        let grants = role.grants.iter().map(code);
        [code(name), role.least_members.to_string(), or_dash(grants.collect::<Vec<_>>().join(", "))]
    });
    page.table(["role", "least members", "may"], rows);
}

fn flags(page: &mut Page, plan: &Plan) {
    if plan.flags.is_empty() {
        return;
    }
    page.heading(2, "Flags");
    let rows = plan.flags.iter().map(|flag| {
        let fallback = flag.variant(flag.fallback).map(|variant| variant.name.to_string()).unwrap_or_default();
        [
            code(&flag.key),
            flag.kind.to_string(),
            code(&flag.owner),
            flag.risk.to_string(),
            fallback,
            yes(flag.emergency),
            or_dash(listed(&flag.requires)),
        ]
    });
    page.table(["flag", "kind", "owner", "risk", "before any stage", "emergency may switch it off", "requires"], rows);
}

fn signals(page: &mut Page, plan: &Plan) {
    if plan.signals.is_empty() {
        return;
    }
    page.heading(2, "Signals");
    let rows = plan.signals.iter().map(|signal| {
        let by = match &signal.by {
            rollouts::plan::Speakers::Roles(roles) => listed(roles),
            rollouts::plan::Speakers::Validators => rollouts::plan::VALIDATORS.into(),
        };
        [code(&signal.key), signal.severity.to_string(), by, yes(signal.opens_incident), yes(signal.opens_rollback)]
    });
    page.table(["signal", "severity", "said by", "opens an incident", "opens a rollback"], rows);
}

fn playbooks(page: &mut Page, plan: &Plan) {
    page.heading(2, "Playbooks");
    let rows = plan.playbooks.iter().map(|playbook: &Playbook| {
        let drill = playbook.drill.map(|drill| format!("every {}, within {}", drill.every, drill.window));
        [
            code(&playbook.domain),
            format!("[{0}](../{0})", playbook.doc),
            code(&playbook.owner),
            or_dash(drill.unwrap_or_default()),
            or_dash(listed(&playbook.disables)),
            or_dash(listed(&playbook.profile)),
        ]
    });
    page.table(["playbook", "document", "owner", "drill", "switches off", "values of"], rows);
}

fn phases(page: &mut Page, plan: &Plan) {
    if plan.phases.is_empty() {
        return;
    }
    page.heading(2, "Phases");
    let rows = plan.phases.iter().map(|phase| {
        let requires: Vec<String> = phase.requires.iter().map(|(phase, state)| format!("{phase} {state}")).collect();
        let allows: Vec<String> = phase.allows.iter().map(ToString::to_string).collect();
        [
            code(&phase.key),
            or_dash(requires.join(", ")),
            or_dash(listed(&phase.start)),
            or_dash(listed(&phase.exit)),
            or_dash(allows.join(", ")),
        ]
    });
    page.table(["phase", "after", "to open it", "to lock it", "frozen, it allows"], rows);
}

fn artifacts(page: &mut Page, plan: &Plan) {
    let Some(rules) = &plan.artifacts else { return };
    page.heading(2, "Artifacts");
    page.paragraph(format_args!("Named `{}`. Of each is said:", rules.format));
    page.table(["what", "in which form"], rules.meta.iter().map(|(key, form)| [code(key), code(form)]));
    if !rules.keep.is_empty() {
        let kept: Vec<String> = rules.keep.iter().map(|(stage, count)| format!("{count} of {stage}")).collect();
        page.blank();
        page.line(format_args!("Kept, beside what is pinned: the last {}.", kept.join(", the last ")));
    }
}

fn policy(page: &mut Page, plan: &Plan) {
    page.heading(2, "Policy");
    let policy = &plan.policy;
    let retain: Vec<String> = policy.retain.iter().map(|(class, span)| format!("{class} {span}")).collect();
    let amend = policy.amend.as_ref().map(|vote| format!("{} of `{}` within {}", vote.share, vote.role, vote.within));
    let rows = [
        ("one way", yes(policy.one_way)),
        ("what is on stays on from stage to stage", yes(policy.monotonic)),
        ("whoever submits may agree", yes(policy.self_approval)),
        ("amended by", amend.unwrap_or_else(|| "the stake".into())),
        ("a freeze lasts at most", policy.freeze_at_most.to_string()),
        ("a freeze does not stop, beside what none stops", or_dash(listed(&policy.never_frozen))),
        ("a hold lasts at most", policy.hold_at_most.to_string()),
        ("open emergencies of an account at most", policy.open_emergencies.to_string()),
        ("deposit of a change", policy.deposit.grouped()),
        ("records are kept", or_dash(retain.join(", "))),
        ("for tests alone", yes(policy.test)),
    ];
    page.table(["", ""], rows.map(|(name, said)| [name.to_owned(), said]));
}

fn checks(page: &mut Page, plan: &Plan) {
    page.heading(2, "Checks");
    let rows = plan.checks.iter().map(|check| {
        let owner = check.by.as_ref().map(code).unwrap_or_default();
        let fresh = check.fresh.map(|fresh| fresh.to_string()).unwrap_or_default();
        [code(&check.key), or_dash(owner), question(&check.ask), code(&check.code), yes(check.blocker), or_dash(fresh)]
    });
    page.table(["check", "owner", "asks", "code", "blocker", "not older than"], rows);
}
