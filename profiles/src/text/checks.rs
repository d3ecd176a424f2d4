//! Checks and votes as a profile has them.

use super::fields::{Fields, list, pairs, quoted, said};
use crate::profile::{ON, RELEASE_CHECKS, WAIVERS};
use crate::words::{ABOUT, CLASS, FLEET, INSTALL, MISSING, REGISTER, SEVERITY, word};
use rollouts::check::{Ask, Check, IfMissing, Least, Refs, RowKeys, SoakSince, VoteRules};

pub(super) fn check_fields(check: &Check) -> Fields {
    let mut fields = Fields::default();
    fields.set_some("text", (!check.text.as_str().is_empty()).then(|| quoted(&check.text)));
    fields.set_some("by", check.by.as_ref().map(quoted));
    ask(&mut fields, &check.ask);
    fields.set("code", quoted(&check.code));
    fields.set_true("blocker", check.blocker);
    if !check.skip.is_empty() {
        let skip: Vec<&str> = check.skip.iter().map(|class| word(CLASS, class)).collect();
        fields.set("skip", list(&skip));
    }
    fields.set_some("fresh", check.fresh.map(quoted));
    if check.missing != IfMissing::default() {
        fields.set("missing", said(MISSING, &check.missing));
    }
    fields
}

/// The question of a check, under its name.
fn ask(check: &mut Fields, ask: &Ask) {
    let mut fields = Fields::default();
    let name: &str = ask.into();
    match ask {
        Ask::Word { about, predicate, refs, within } => {
            fields.set("about", said(ABOUT, about));
            fields.set_some("predicate", predicate.as_ref().map(quoted));
            of_refs(&mut fields, refs);
            let within = within.as_ref();
            fields.set_some(
                "within",
                within.map(|(of, most)| format!("{{ of = {}, most = {} }}", quoted(of), quoted(most))),
            );
        }
        Ask::Chorus { segment, least, after_announced } => {
            fields.set("segment", quoted(segment));
            match least {
                Least::Count(count) => fields.set("least", count),
                Least::Share(share) => fields.set("least", quoted(share)),
            }
            fields.set_some("after", after_announced.then(|| quoted("announced")));
        }
        Ask::Rows { about, keys, refs } => {
            fields.set("about", said(ABOUT, about));
            fields.set("keys", row_keys(keys).inline());
            fields.set_some("refs", refs.as_ref().map(quoted));
        }
        Ask::Watch { about, lasted } => {
            fields.set("about", said(ABOUT, about));
            fields.set("lasted", quoted(lasted));
        }
        Ask::Soak { stage, span, since, unless } => {
            fields.set("stage", quoted(stage));
            fields.set("span", quoted(span));
            fields.set("since", quoted(soaked_since(since)));
            fields.set_list("unless", unless);
        }
        Ask::Fleet { profile, share, fresh, bundle } => {
            fields.set("profile", said(FLEET, profile));
            fields.set("share", quoted(share));
            fields.set_true("fresh", *fresh);
            fields.set_true("bundle", *bundle);
        }
        Ask::Installed { segment, stage } => {
            fields.set("segment", quoted(segment));
            fields.set("stage", said(INSTALL, stage));
        }
        Ask::Build { sbom, provenance, commit_of } => {
            fields.set_true("sbom", *sbom);
            fields.set_true("provenance", *provenance);
            fields.set_list("commit_of", commit_of);
        }
        Ask::Clear { register, severity } => {
            fields.set("register", said(REGISTER, register));
            fields.set("severity", said(SEVERITY, severity));
        }
        Ask::Vote { ballot } => fields = vote_fields(ballot, true),
        Ask::Forbid { keys } => return check.set(name, list(keys)),
        Ask::Drill { playbook } => return check.set(name, quoted(playbook)),
        Ask::Recoverable => return check.set(name, true),
    }
    check.set(name, fields.inline());
}

fn of_refs(word: &mut Fields, refs: &Refs) {
    match refs {
        Refs::Any => {}
        Refs::Matching(pattern) => word.set("refs", quoted(pattern)),
        Refs::All(all) => word.set("refs_all", list(all)),
        Refs::Waivers => word.set("refs", quoted(WAIVERS)),
        Refs::ReleaseChecks => word.set("refs", quoted(RELEASE_CHECKS)),
    }
}

fn row_keys(keys: &RowKeys) -> Fields {
    let mut fields = Fields::default();
    match keys {
        RowKeys::Active => fields.set("phase", quoted("active")),
        RowKeys::Range { prefix, from, to, suffix } => {
            fields.set("prefix", quoted(prefix));
            fields.set("from", from);
            fields.set("to", to);
            fields.set_some("suffix", suffix.as_ref().map(quoted));
        }
    }
    fields
}

fn soaked_since(since: &SoakSince) -> String {
    match since {
        SoakSince::Entered => "entered".into(),
        SoakSince::Verified => "verified".into(),
        SoakSince::On(flag) => format!("{ON}{flag}"),
    }
}

pub(super) fn vote_fields(rules: &VoteRules, with_role: bool) -> Fields {
    let mut vote = Fields::default();
    if with_role {
        vote.set("role", quoted(&rules.role));
    }
    vote.set("share", quoted(rules.share));
    vote.set("within", quoted(rules.within));
    if !rules.by_class.is_empty() {
        let shares = rules.by_class.iter().map(|(class, share)| (word(CLASS, class).to_owned(), quoted(share)));
        vote.set("by_class", pairs(shares));
    }
    vote
}
