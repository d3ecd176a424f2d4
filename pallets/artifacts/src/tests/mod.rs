//! Stories of the artifacts of a shop, whose stages are DEV and PROD. Ann owns it, a machine that builds registers for DEV alone,
//! and Ben owns a tenant. PROD keeps three.

mod encoding;
mod laws;
mod refusals;
mod retention;
mod standings;

use crate::*;
use primitives::{AccountId, CaseId, Epoch, Height, List, Moment, Text, Timestamp};
use roles::{Grant, MOST_MEMBERS, Role, RoleKey, Seat};
use state::{Apply, Decide, Memory, State};

const ANN: AccountId = AccountId([1; 32]);
const BEN: AccountId = AccountId([2; 32]);
const BUILDER: AccountId = AccountId([3; 32]);
const OWNER: &str = "OWNER";
const CI: &str = "CI";

/// How many PROD keeps.
const KEPT: u16 = 3;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    let items: Vec<T> = items.into_iter().collect();
    List::try_from(items).ok().unwrap()
}

/// A block a second.
fn at(height: u64) -> Moment {
    let time = Timestamp(height * 1_000);
    Moment { height: Height(height), epoch: Epoch(height / 10), time, running: height * 1_000, level: 1 }
}

/// What the shop asks, as the profile of pos has it.
fn rules() -> InstalledArtifactRules {
    let meta = [
        ("commit", "{hex40}"),
        ("rv", "RV-{YYYY}.{MM}.{DD}.{n}"),
        ("dv", "DV-{YYYY}-{d4}"),
        (TARGET, "{name}"),
        ("built_at", "{utc}"),
    ];
    let rules = ArtifactRules {
        format: "cfgp-pos-{YYYY}.{MM}.{DD}.{n}".parse().unwrap(),
        meta: list(meta.map(|(key, form)| (name(key), form.parse().unwrap()))),
        keep: list([(name("PROD"), KEPT)]),
    };
    InstalledArtifactRules { rules, stages: list([name("DEV"), name("PROD")]), phases: List::new() }
}

/// The shop, with nothing registered.
fn shop(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    for (role, seats) in [(OWNER, vec![(ANN, "**"), (BEN, "*/t1/**")]), (CI, vec![(BUILDER, "DEV/**")])] {
        let key = RoleKey { plan: name("pos"), role: name(role) };
        let grants = list(["artifact **".parse::<Grant>().unwrap()]);
        roles::apply::write_role(&mut state, &key, &Role { grants, least_members: 0 }, MOST_MEMBERS);
        for (account, scope) in seats {
            roles::apply::seat(&mut state, &key, &Seat { account, scopes: list([scope.parse().unwrap()]) });
        }
    }
    apply::install(&mut state, &name("pos"), Some(&rules()));
    state
}

fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

/// The artifact with a number, for PROD, with all that is asked of it.
fn artifact(number: u64) -> ArtifactEntry {
    let commit = "0123456789abcdef".repeat(3);
    let meta = [
        ("commit", &commit[..40]),
        ("rv", "RV-2026.11.28.1"),
        ("dv", "DV-2026-0007"),
        (TARGET, "PROD"),
        ("built_at", "2026-11-28T09:30:00Z"),
    ];
    ArtifactEntry {
        name: name(&format!("cfgp-pos-2026.11.28.{number}")),
        digest: digest(number),
        phase: None,
        meta: list(meta.map(|(key, said)| (name(key), Text::new(said).unwrap()))),
    }
}

/// The same with one thing said otherwise; without a text, not at all.
fn saying(number: u64, key: &str, said: Option<&str>) -> ArtifactEntry {
    let mut artifact = artifact(number);
    let others = artifact.meta.iter().filter(|(other, _)| other.as_str() != key).cloned();
    let this = said.map(|said| (name(key), Text::new(said).unwrap()));
    artifact.meta = list(others.chain(this));
    artifact
}

fn register(artifact: ArtifactEntry) -> Call {
    Call::Register { plan: name("pos"), acting: name(OWNER), artifact }
}

fn mark(number: u64, standing: ArtifactStanding) -> Call {
    Call::Mark { plan: name("pos"), acting: name(OWNER), digest: digest(number), standing }
}

/// Decides a call and applies what comes of it.
fn make_as(state: &mut State, who: AccountId, height: u64, call: &Call) -> Result<Event, Error> {
    let event = call.decide(state, at(height), who)?;
    event.apply(state, at(height));
    Ok(event)
}

fn make(state: &mut State, height: u64, call: &Call) -> Result<Event, Error> {
    make_as(state, ANN, height, call)
}

fn stand(state: &mut State, height: u64, stage: &str, number: u64) {
    apply::stand(state, &name("pos"), &name(stage), &digest(number), at(height));
}

/// Registers an artifact and brings it into a stage; its promotion is closed in the same block.
fn promote(state: &mut State, stage: &str, number: u64) {
    make(state, number, &register(artifact(number))).unwrap();
    stand(state, number, stage, number);
    apply::good(state, &name("pos"), &name(stage), &digest(number));
}

/// Lets the clock bring what it brings to a block, and applies it: the numbers of those that it let go.
fn tick(state: &mut State, height: u64) -> Vec<Digest> {
    let events = due(state, usize::MAX);
    events.iter().for_each(|event| event.apply(state, at(height)));
    let released = events.iter().map(|event| match event {
        Event::ArtifactReleased { digest, .. } => *digest,
        other => panic!("{other:?}"),
    });
    released.collect()
}

fn standing(state: &State, number: u64) -> ArtifactStanding {
    queries::artifact(state, &name("pos"), &digest(number)).unwrap().standing
}

fn pins(state: &State, number: u64) -> Vec<ArtifactPin> {
    queries::pins(state, &name("pos"), &digest(number))
}

/// All that a plan ever had registered, the first one first.
fn listed(state: &State, plan: &str) -> Vec<RegisteredArtifact> {
    let numbers = 1..=queries::listed_count(state, &name(plan));
    numbers.map(|number| queries::listed(state, &name(plan), number).unwrap()).collect()
}
