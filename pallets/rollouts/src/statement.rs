//! Who says what about what (ROLLOUTS 7.3), and what is kept of it for whoever asks.

use crate::check::AboutKind;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, ChangeId, Decimal, Digest, List, Moment, Name, Path, Text, Timestamp};
use roles::Actor;
use serde::{Deserialize, Serialize};

/// How many words of a role a tally keeps.
pub const MOST_WORDS: u32 = 4;
/// How many speakers a chorus has at most: as many as a segment has members.
pub const MOST_SPEAKERS: u32 = 256;
/// How long a waiver counts at most, in milliseconds of block time: 30 days.
pub const LONGEST_WAIVER_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// A statement: evidence, a sign-off, an acknowledgement, a waiver, a signal. Its body lies off chain, as an in-toto Statement v1.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The check, the signal or the step that it is about, or a row of a check that asks for rows.
    pub key: Name,
    /// What it is about.
    pub about: StatementSubject,
    /// What came out.
    pub outcome: StatementOutcome,
    /// The type of its body, as in-toto names predicates; may be empty.
    pub predicate: Text<96>,
    /// The BLAKE3 of its body.
    pub digest: Option<Digest>,
    /// Where its body lies; may be empty. Nothing is fetched from there.
    pub uri: Text<256>,
    /// What it refers to, such as tickets, waivers or release checks.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 32)))]
    pub refs: List<Name, 32>,
    /// The commit that was looked at, as 40 hex digits; that of the subject, or it is refused.
    pub commit: Option<Text<64>>,
    /// What was measured.
    pub value: Option<Decimal>,
    /// When what it is about began, of a word over a stretch of time.
    pub began: Option<Timestamp>,
    /// When it counts no longer.
    pub expires: Option<Timestamp>,
    /// Why; may be empty but of a waiver.
    pub reason: Text<1024>,
}

impl Statement {
    /// A statement that says what came out and nothing beside: all else is empty.
    pub fn new(key: Name, about: StatementSubject, outcome: StatementOutcome) -> Self {
        Self {
            key,
            about,
            outcome,
            predicate: Text::default(),
            digest: None,
            uri: Text::default(),
            refs: List::new(),
            commit: None,
            value: None,
            began: None,
            expires: None,
            reason: Text::default(),
        }
    }
}

/// What a statement is about (in-toto's subject): something that exists, and is live.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StatementSubject {
    /// The plan.
    #[codec(index = 0)]
    Plan,
    /// A stage of the plan.
    #[codec(index = 1)]
    Stage(Name),
    /// A change that is open, approved or active.
    #[codec(index = 2)]
    Change(ChangeId),
    /// A registered artifact; of a node's plan an approved build.
    #[codec(index = 3)]
    Artifact(Digest),
    /// A phase of the plan.
    #[codec(index = 4)]
    Phase(Name),
    /// A scope of the plan.
    #[codec(index = 5)]
    Scope(Path),
}

impl StatementSubject {
    /// Its kind, as checks ask for it.
    pub fn kind(&self) -> AboutKind {
        match self {
            Self::Plan => AboutKind::Plan,
            Self::Stage(_) => AboutKind::Stage,
            Self::Change(_) => AboutKind::Change,
            Self::Artifact(_) => AboutKind::Artifact,
            Self::Phase(_) => AboutKind::Phase,
            Self::Scope(_) => AboutKind::Scope,
        }
    }

    /// What it is found by, as part of a key: its BLAKE3.
    pub fn digest(&self) -> Digest {
        Digest::blake3(&("the-block/about/v1", self).encode())
    }
}

impl std::fmt::Display for StatementSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plan => f.write_str("the plan"),
            Self::Stage(stage) => write!(f, "stage {stage}"),
            Self::Change(id) => write!(f, "change {id}"),
            Self::Artifact(digest) => write!(f, "artifact {digest}"),
            Self::Phase(phase) => write!(f, "phase {phase}"),
            Self::Scope(path) if path.is_root() => f.write_str("the root"),
            Self::Scope(path) => write!(f, "scope {path}"),
        }
    }
}

/// What came out: in-toto's three results of a test, and the exception to a policy. A profile and an audit log have these in capitals.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum StatementOutcome {
    /// It is so.
    #[codec(index = 0)]
    Passed,
    /// It is so, and somebody should look.
    #[codec(index = 1)]
    Warned,
    /// It is not so; under a signal, that was noticed.
    #[codec(index = 2)]
    Failed,
    /// It is not asked for, of one change, for a while (REQ-021).
    #[codec(index = 3)]
    Waived,
}

impl StatementOutcome {
    /// Whether it meets a check.
    pub fn meets(self) -> bool {
        matches!(self, Self::Passed | Self::Warned)
    }
}

/// The latest statement of a speaker, as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stated {
    /// What was said.
    pub statement: Statement,
    /// Who said it, and as what: in the role that owns the check, or under the name of the segment that its account is in.
    pub actor: Actor,
    /// The block that took it.
    pub at: Moment,
}

/// What a role said on a key about something: its last words, the newest first, each of another member. The newest of somebody who
/// still has the role decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WordTally {
    /// The words.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<TalliedWord>", length(max = MOST_WORDS)))]
    pub words: List<TalliedWord, MOST_WORDS>,
}

/// A statement without what no verdict asks for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TalliedWord {
    /// Who said it, and as what.
    pub by: Actor,
    /// The block that took it.
    pub at: Moment,
    /// What came out.
    pub outcome: StatementOutcome,
    /// The type of its body.
    pub predicate: Text<96>,
    /// The BLAKE3 of its body.
    pub digest: Option<Digest>,
    /// What it refers to.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 32)))]
    pub refs: List<Name, 32>,
    /// The commit that was looked at.
    pub commit: Option<Text<64>>,
    /// What was measured.
    pub value: Option<Decimal>,
    /// When what it is about began.
    pub began: Option<Timestamp>,
    /// When it counts no longer.
    pub expires: Option<Timestamp>,
}

impl From<&Stated> for TalliedWord {
    fn from(stated: &Stated) -> Self {
        let Stated { statement, actor, at } = stated;
        Self {
            by: actor.clone(),
            at: *at,
            outcome: statement.outcome,
            predicate: statement.predicate.clone(),
            digest: statement.digest,
            refs: statement.refs.clone(),
            commit: statement.commit.clone(),
            value: statement.value,
            began: statement.began,
            expires: statement.expires,
        }
    }
}

/// Who was in a segment when a change was submitted: those whose words about it count, if they still are.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChorusRoll {
    /// The accounts, in order, each once; the place in this list is that of a [`ChorusTally`].
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AccountId>", length(max = MOST_SPEAKERS)))]
    pub speakers: List<AccountId, MOST_SPEAKERS>,
}

impl ChorusRoll {
    /// The place of an account.
    pub fn place_of(&self, who: &AccountId) -> Option<u16> {
        self.speakers.binary_search(who).ok().and_then(|place| u16::try_from(place).ok())
    }
}

/// Who of a chorus has said yes: a speaker's latest word counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChorusTally {
    /// Who said so, whenever that was.
    pub yes: SpeakerBits,
    /// The number of the announcement after which those of [`yes_since`](Self::yes_since) spoke; 0 before the first. Under a later
    /// one nobody has spoken yet.
    pub announcement: u8,
    /// Who said so after that announcement.
    pub yes_since: SpeakerBits,
}

/// A bit for each place of a chorus.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpeakerBits([u8; MOST_SPEAKERS as usize / 8]);

impl SpeakerBits {
    /// Whether the bit of a place is set; no for one that there is not.
    pub fn has(&self, place: u16) -> bool {
        let byte = self.0.get(usize::from(place / 8)).copied().unwrap_or_default();
        byte & mask(place) != 0
    }

    /// Sets the bit of a place, or takes it away.
    pub fn set(&mut self, place: u16, is_set: bool) {
        if let Some(byte) = self.0.get_mut(usize::from(place / 8)) {
            *byte = if is_set { *byte | mask(place) } else { *byte & !mask(place) };
        }
    }
}

fn mask(place: u16) -> u8 {
    1u8.checked_shl(u32::from(place % 8)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn bits_are_a_set_of_places(moves in prop::collection::vec((0u16..300, any::<bool>()), 0..64)) {
            let (mut bits, mut set) = (SpeakerBits::default(), BTreeSet::new());
            for (place, is_set) in moves {
                bits.set(place, is_set);
                if is_set && place < 256 {
                    set.insert(place);
                } else {
                    set.remove(&place);
                }
            }
            prop_assert_eq!((0..300).filter(|place| bits.has(*place)).collect::<BTreeSet<_>>(), set);
        }
    }

    #[test]
    fn what_statements_are_about_is_found_by_what_it_is() {
        let name = |text| Name::new(text).unwrap();
        let (stage, phase) = (StatementSubject::Stage(name("canary")), StatementSubject::Phase(name("canary")));
        assert_eq!(stage.digest(), StatementSubject::Stage(name("canary")).digest());
        assert_ne!(stage.digest(), phase.digest());
        assert_eq!((stage.kind(), phase.kind()), (AboutKind::Stage, AboutKind::Phase));
    }
}
