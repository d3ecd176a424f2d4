//! The question of a check: one, by its name.

use super::policy;
use crate::strict::{TableReader, WrittenValue};
use crate::words::{ABOUT, FLEET, INSTALL, REGISTER, SEVERITY, number, one_of, text, truth, typed};
use primitives::{List, Name, Pattern};
use rollouts::check::{Ask, Least, Refs, RowKeys, SoakSince};

/// What a profile calls the waivers of a change, among references.
pub(crate) const WAIVERS: &str = "waivers";
/// What a profile calls the release checks of a stage, among references.
pub(crate) const RELEASE_CHECKS: &str = "release_checks";
/// What stands before the flag from whose turning on a soak counts.
pub(crate) const ON: &str = "on ";

/// Every question there is, with whatever reads it.
const QUESTIONS: [(&str, Question); 13] = [
    ("word", word),
    ("chorus", chorus),
    ("rows", rows),
    ("watch", watch),
    ("forbid", forbid),
    ("soak", soak),
    ("fleet", fleet),
    ("installed", installed),
    ("build", build),
    ("clear", clear),
    ("drill", drill),
    ("recoverable", recoverable),
    ("vote", vote),
];

/// Reads a question, of which the table has the key.
type Question = fn(&mut TableReader<'_, '_>) -> Option<Ask>;

pub(super) fn read(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    let (mut asked, mut count) = (None, 0_usize);
    for (name, question) in QUESTIONS {
        if check.has(name) {
            asked = question(check);
            count = count.saturating_add(1);
        } else {
            check.pass_over(name);
        }
    }
    if count != 1 {
        let all = QUESTIONS.map(|(name, _)| name).join(", ");
        check.refuse("", &format!("it asks {count} questions; a check asks one of {all}"));
        return None;
    }
    asked
}

fn word(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("word", |word| {
        let about = word.need("about", one_of(ABOUT));
        let predicate = word.may("predicate", typed);
        let refs = refs(word);
        let within = word.may_table("within", |within| {
            let of = within.need("of", typed);
            let most = within.need("most", typed);
            Some((of?, most?))
        });
        Some(Ask::Word { about: about?, predicate, refs, within })
    })
}

/// What a word refers to: a pattern or one of two words under `refs`, or all of `refs_all`.
fn refs(word: &mut TableReader<'_, '_>) -> Refs {
    let matching = word.may("refs", |value| match text(value)? {
        WAIVERS => Ok(Refs::Waivers),
        RELEASE_CHECKS => Ok(Refs::ReleaseChecks),
        pattern => Pattern::parse(pattern).map(Refs::Matching),
    });
    let all: List<Name, 16> = word.may_list("refs_all", typed);
    if word.has("refs") && word.has("refs_all") {
        word.refuse("refs_all", "`refs` stands there too; write one of them");
    }
    let listed = word.has("refs_all").then_some(Refs::All(all));
    matching.or(listed).unwrap_or_default()
}

fn chorus(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("chorus", |chorus| {
        let segment = chorus.need("segment", typed);
        let least = chorus.need("least", least);
        let after_announced = chorus.may("after", |value| match text(value)? {
            "announced" => Ok(()),
            _ => Err("write \"announced\", or leave it out".into()),
        });
        Some(Ask::Chorus { segment: segment?, least: least?, after_announced: after_announced.is_some() })
    })
}

/// A number of heads, or a share such as "2/3".
fn least(value: &WrittenValue) -> Result<Least, String> {
    if value.value.is_integer() { number(value).map(Least::Count) } else { typed(value).map(Least::Share) }
}

fn rows(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("rows", |rows| {
        let about = rows.need("about", one_of(ABOUT));
        let keys = rows.need_table("keys", row_keys);
        let refs = rows.may("refs", |value| Pattern::parse(text(value)?));
        Some(Ask::Rows { about: about?, keys: keys?, refs })
    })
}

fn row_keys(keys: &mut TableReader<'_, '_>) -> Option<RowKeys> {
    let active = keys.may("phase", |value| match text(value)? {
        "active" => Ok(RowKeys::Active),
        _ => Err("write \"active\", or a range: prefix, from and to".into()),
    });
    if keys.has("phase") {
        return active;
    }
    let prefix = keys.need("prefix", typed);
    let from = keys.need("from", number);
    let to = keys.need("to", number);
    let suffix = keys.may("suffix", typed);
    Some(RowKeys::Range { prefix: prefix?, from: from?, to: to?, suffix })
}

fn watch(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("watch", |watch| {
        let about = watch.need("about", one_of(ABOUT));
        let lasted = watch.need("lasted", typed);
        Some(Ask::Watch { about: about?, lasted: lasted? })
    })
}

fn forbid(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    Some(Ask::Forbid { keys: check.may_list("forbid", typed) })
}

fn soak(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("soak", |soak| {
        let stage = soak.need("stage", typed);
        let span = soak.need("span", typed);
        let since = soak.need("since", |value| since(text(value)?));
        let unless = soak.may_list("unless", typed);
        Some(Ask::Soak { stage: stage?, span: span?, since: since?, unless })
    })
}

fn since(text: &str) -> Result<SoakSince, String> {
    match text {
        "entered" => Ok(SoakSince::Entered),
        "verified" => Ok(SoakSince::Verified),
        _ => {
            let flag = text.strip_prefix(ON).ok_or("write \"entered\", \"verified\", or \"on\" and a flag")?;
            flag.parse().map(SoakSince::On)
        }
    }
}

fn fleet(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("fleet", |fleet| {
        let profile = fleet.need("profile", one_of(FLEET));
        let share = fleet.need("share", typed);
        let (fresh, bundle) = (fleet.says("fresh"), fleet.says("bundle"));
        Some(Ask::Fleet { profile: profile?, share: share?, fresh, bundle })
    })
}

fn installed(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("installed", |installed| {
        let segment = installed.need("segment", typed);
        let stage = installed.need("stage", one_of(INSTALL));
        Some(Ask::Installed { segment: segment?, stage: stage? })
    })
}

fn build(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("build", |build| {
        let (sbom, provenance) = (build.says("sbom"), build.says("provenance"));
        Some(Ask::Build { sbom, provenance, commit_of: build.may_list("commit_of", typed) })
    })
}

fn clear(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("clear", |clear| {
        let register = clear.need("register", one_of(REGISTER));
        let severity = clear.need("severity", one_of(SEVERITY));
        Some(Ask::Clear { register: register?, severity: severity? })
    })
}

fn drill(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need("drill", typed).map(|playbook| Ask::Drill { playbook })
}

fn recoverable(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    let asks = check.need("recoverable", truth)?;
    if !asks {
        check.refuse("recoverable", "write true, or leave it out");
    }
    asks.then_some(Ask::Recoverable)
}

fn vote(check: &mut TableReader<'_, '_>) -> Option<Ask> {
    check.need_table("vote", |vote| policy::rules_of(vote, None)).map(|ballot| Ask::Vote { ballot })
}
