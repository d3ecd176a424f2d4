//! Does a name mean something that the plan has?

use super::{Found, duty_lists, lists, place};
use crate::check::{Ask, Check, SoakSince};
use crate::plan::{ChangeKind, EMERGENCY, Governs, Plan, Speakers, Stage};
use primitives::Name;
use roles::Role;

/// What grants allow, beside `appoint.ROLE`: the first word is of a pallet, or a kind of change.
const ACTIONS: [&str; 9] =
    ["announce", "incident", "hold", "waive", "risk", "accept_risk", "flag", "token", "artifact"];
/// What a grant allows of a kind of change.
const ACTS: [&str; 3] = ["submit", "execute", "close"];

pub(super) fn find(plan: &Plan, found: &mut Found) {
    let mut names = Names { plan, found };
    names.in_lists();
    plan.stages.iter().enumerate().for_each(|(at, stage)| names.in_stage(at, stage));
    names.in_procedures();
    plan.checks.iter().for_each(|check| names.in_check(check));
    plan.roles.iter().for_each(|(name, role)| names.in_role(name, role));
    names.in_flags();
    names.in_phases();
    names.in_playbooks();
    names.in_signals();
    names.in_the_rest();
}

struct Names<'p, 'f> {
    plan: &'p Plan,
    found: &'f mut Found,
}

impl Names<'_, '_> {
    fn in_lists(&mut self) {
        for (place, keys) in lists(self.plan) {
            for (at, key) in keys.iter().enumerate() {
                self.check(format!("{place}[{at}]"), key);
            }
        }
        for list in duty_lists(self.plan) {
            for (at, duty) in list.duties.iter().enumerate() {
                self.check(format!("{}[{at}].check", list.place), &duty.check);
            }
        }
    }

    fn in_stage(&mut self, at: usize, stage: &Stage) {
        let place = place::stage(&stage.name);
        let window = self.plan.window(&stage.window).is_some();
        self.require(window, format!("stages[{at}].change_window"), "window", &stage.window, "windows");
        self.playbook(format!("{place}.playbook"), &stage.playbook);
        for (flag, variant) in &stage.values {
            self.variant(place::value(at, flag), flag, variant);
        }
        for limit in &stage.limits {
            self.flag(format!("{place}.limits.{}", place::key(&limit.flag)), &limit.flag);
        }
        for (step, said) in stage.steps.iter().enumerate() {
            for (set, (flag, variant, _)) in said.sets.iter().enumerate() {
                self.variant(format!("{place}.steps[{step}].sets[{set}]"), flag, variant);
            }
        }
        for (owner, reference) in stage.release_checks.iter().enumerate() {
            self.owner(format!("{place}.release_owners[{owner}]"), reference.owner.as_ref());
        }
        self.owner(format!("stages[{at}].recovery_playbook"), stage.recovery_playbook.owner.as_ref());
        if let Some(thaws) = &stage.thaws {
            self.check(format!("{place}.thaws"), thaws);
        }
    }

    fn in_procedures(&mut self) {
        for (at, procedure) in self.plan.procedures.iter().enumerate() {
            if let Some(stage) = &procedure.stage {
                self.stage(format!("procedures[{at}].stage"), stage);
            }
            for (cause, signal) in procedure.causes.iter().enumerate() {
                // The causes of a disable are words of the plan's own; what triggers a rollback is noticed by somebody.
                let known = procedure.of != ChangeKind::Rollback || self.plan.signal(signal).is_some();
                self.require(known, format!("procedures[{at}].causes[{cause}]"), "signal", signal, "signals");
            }
        }
    }

    fn in_check(&mut self, check: &Check) {
        let place = place::check(&check.key);
        self.owner(format!("{place}.by"), check.by.as_ref());
        match &check.ask {
            Ask::Word { within: Some((of, _)), .. } => self.check(format!("{place}.word.within.of"), of),
            Ask::Forbid { keys } => {
                for (at, key) in keys.iter().enumerate() {
                    let known = self.plan.signal(key).is_some() || self.plan.check(key).is_some();
                    self.require(known, format!("{place}.forbid[{at}]"), "signal or check", key, "signals");
                }
            }
            Ask::Soak { stage, since, unless, .. } => {
                self.stage(format!("{place}.soak.stage"), stage);
                if let SoakSince::On(flag) = since {
                    self.flag(format!("{place}.soak.since"), flag);
                }
                for (at, key) in unless.iter().enumerate() {
                    let known = key.as_str() == EMERGENCY || self.plan.signal(key).is_some();
                    self.require(known, format!("{place}.soak.unless[{at}]"), "signal", key, "signals");
                }
            }
            Ask::Build { commit_of, .. } => {
                for (at, key) in commit_of.iter().enumerate() {
                    self.check(format!("{place}.build.commit_of[{at}]"), key);
                }
            }
            Ask::Drill { playbook } => self.playbook(format!("{place}.drill"), playbook),
            Ask::Vote { ballot } => self.role(format!("{place}.vote.role"), &ballot.role),
            _ => {}
        }
    }

    fn in_role(&mut self, name: &Name, role: &Role) {
        for (at, grant) in role.grants.iter().enumerate() {
            let place = format!("{}.grants[{at}]", place::role(name));
            let action = grant.action.as_str();
            match action.strip_prefix("appoint.") {
                Some(appointed) => {
                    let known = self.plan.roles.iter().any(|(role, _)| role.as_str() == appointed);
                    self.found.require(known, place, || {
                        format!(
                            "no role of the plan is called {appointed:?}; add it to [roles], or name one that is there"
                        )
                    });
                }
                None => self.found.require(is_action(action), place, || {
                    format!(
                        "{action:?} is nothing that a grant can allow; there are a kind of change with {} (such as \
                         promote.submit), appoint.ROLE, {}",
                        ACTS.join(", "),
                        ACTIONS.join(", "),
                    )
                }),
            }
        }
    }

    fn in_flags(&mut self) {
        for flag in &self.plan.flags {
            let place = place::flag(&flag.key);
            self.role(format!("{place}.owner"), &flag.owner);
            for (at, required) in flag.requires.iter().enumerate() {
                self.flag(format!("{place}.requires[{at}]"), required);
            }
        }
    }

    fn in_phases(&mut self) {
        for phase in &self.plan.phases {
            for (required, _) in &phase.requires {
                let place = format!("{}.requires.{}", place::phase(&phase.key), place::key(required));
                self.require(self.plan.phase(required).is_some(), place, "phase", required, "phases");
            }
        }
    }

    fn in_playbooks(&mut self) {
        for playbook in &self.plan.playbooks {
            let place = place::playbook(&playbook.domain);
            self.role(format!("{place}.owner"), &playbook.owner);
            for (at, flag) in playbook.disables.iter().enumerate() {
                self.flag(format!("{place}.disables[{at}]"), flag);
            }
            if let Some(stage) = &playbook.profile {
                self.stage(format!("{place}.profile"), stage);
            }
        }
    }

    fn in_signals(&mut self) {
        for signal in &self.plan.signals {
            let Speakers::Roles(roles) = &signal.by else { continue };
            for (at, role) in roles.iter().enumerate() {
                self.role(format!("{}.by[{at}]", place::signal(&signal.key)), role);
            }
        }
    }

    fn in_the_rest(&mut self) {
        if let Governs::Application { owner } = &self.plan.governs {
            self.role("owner".into(), owner);
        }
        for (stage, _) in self.plan.artifacts.iter().flat_map(|rules| rules.keep.iter()) {
            self.stage(format!("artifacts.keep.{}", place::key(stage)), stage);
        }
    }

    fn check(&mut self, place: String, key: &Name) {
        self.require(self.plan.check(key).is_some(), place, "check", key, "checks");
    }

    fn stage(&mut self, place: String, name: &Name) {
        self.require(self.plan.stage(name).is_some(), place, "stage", name, "stages");
    }

    fn role(&mut self, place: String, name: &Name) {
        self.require(self.plan.role(name).is_some(), place, "role", name, "roles");
    }

    fn owner(&mut self, place: String, name: Option<&Name>) {
        if let Some(name) = name {
            self.role(place, name);
        }
    }

    fn playbook(&mut self, place: String, domain: &Name) {
        self.require(self.plan.playbook(domain).is_some(), place, "playbook", domain, "playbooks");
    }

    fn flag(&mut self, place: String, key: &Name) {
        self.require(self.plan.flag(key).is_some(), place, "flag", key, "flags");
    }

    fn variant(&mut self, place: String, key: &Name, variant: &Name) {
        let Some(flag) = self.plan.flag(key) else { return self.flag(place, key) };
        let has = flag.variants.iter().any(|other| other.name == *variant);
        self.found.require(has, place, || {
            let names: Vec<&str> = flag.variants.iter().map(|variant| variant.name.as_str()).collect();
            format!("the flag {key:?} has no variant {variant:?}; it has {}", names.join(", "))
        });
    }

    fn require(&mut self, known: bool, place: String, noun: &str, name: &Name, table: &str) {
        self.found.require(known, place, || {
            format!("no {noun} of the plan is called {name:?}; add it to [{table}], or name one that is there")
        });
    }
}

/// Whether something asks for a grant of that action.
fn is_action(action: &str) -> bool {
    let of_change = |(kind, act): (&str, &str)| kind.parse::<ChangeKind>().is_ok() && ACTS.contains(&act);
    ACTIONS.contains(&action) || action.split_once('.').is_some_and(of_change)
}
