//! What chain state says about a build, each piece proven against the certified state root.

use super::report::{Disbelief, Witness};
use super::ticket::Found;
use super::verified::Unverified;
use parity_scale_codec::DecodeAll;
use primitives::{BuildHash, Epoch, Height, StateRoot, Timestamp};
use releases::queries::{self, Verdict, levels_key, minimum_sequence_key, release_key};
use releases::{ApprovedRelease, Levels, MinimumSequence};
use runtime::Genesis;
use state::State;
use std::time::Duration;
use store::db::Store;
use store::head_of;
use update::Approval;

/// What chain state says about a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    pub height: Height,
    pub time: Timestamp,
    pub epoch: Epoch,
    pub state_root: Option<StateRoot>,
    pub release: Option<ApprovedRelease>,
    pub minimum_sequence: MinimumSequence,
    /// The level that is in force in that epoch; none where nobody was told, as of another build that knows its own.
    pub level: Option<u32>,
    pub verdict: Verdict,
    pub witness: Witness,
}

impl Evidence {
    /// The evidence of a chain that has not begun: genesis itself, which the operator chose to trust.
    pub fn from_genesis(genesis: &Genesis, hash: &BuildHash) -> Self {
        let memory = genesis.build();
        let state = State::over(&memory);
        let (release, minimum) = (queries::release(&state, hash), queries::minimum_sequence(&state));
        Self::judge(genesis, (Height(0), genesis.time), None, release, minimum, &queries::levels(&state))
    }

    /// The evidence of a ticket that was verified.
    pub fn from_ticket(found: Found) -> Self {
        let Found { proven, from, .. } = found;
        Self {
            height: proven.header.height,
            time: proven.header.time,
            epoch: proven.epoch,
            state_root: Some(proven.header.state_root),
            verdict: proven.verdict(),
            level: Some(proven.level()),
            release: proven.release,
            minimum_sequence: proven.minimum_sequence,
            witness: Witness::Ticket { from },
        }
    }

    /// The time of the block under which it is proven; none before the first.
    pub fn proven_time(&self) -> Option<Timestamp> {
        (self.height > Height(0)).then_some(self.time)
    }

    fn judge(
        genesis: &Genesis,
        (height, time): (Height, Timestamp),
        state_root: Option<StateRoot>,
        release: Option<ApprovedRelease>,
        minimum_sequence: MinimumSequence,
        levels: &Levels,
    ) -> Self {
        let epoch = height.next().epoch(genesis.chain.epoch_length);
        let verdict = queries::verdict(release.as_ref(), &minimum_sequence, epoch);
        let witness = if height == Height(0) { Witness::Genesis } else { Witness::Store };
        let level = Some(levels.at(epoch));
        Self { height, time, epoch, state_root, release, minimum_sequence, level, verdict, witness }
    }
}

impl From<&Evidence> for Approval {
    fn from(evidence: &Evidence) -> Self {
        Self {
            release: evidence.release.clone(),
            minimum_sequence: evidence.minimum_sequence.clone(),
            epoch: evidence.epoch,
            time: evidence.time,
            unchanged_for: Duration::ZERO,
        }
    }
}

/// Gathers the evidence of a store to whose head trust leads, or says what in the store does not hold.
pub(super) fn from_store(store: &Store, genesis: &Genesis, hash: &BuildHash) -> Result<Evidence, Unverified> {
    let view = store.view();
    if view.head()?.is_none() {
        return Ok(Evidence::from_genesis(genesis, hash));
    }
    let head = head_of(&view, genesis.chain.epoch_length)?;
    let height = head.at.height;
    let root = head.header.state_root;
    let levels = proven::<Levels>(store, levels_key(), height, &root)?.unwrap_or_default();
    let known = || -> Result<_, Unverified> {
        let release = proven::<ApprovedRelease>(store, &release_key(hash), height, &root)?;
        let minimum = proven::<MinimumSequence>(store, minimum_sequence_key(), height, &root)?.unwrap_or_default();
        Ok((release, minimum))
    };
    let needs = levels.at(height.next().epoch(genesis.chain.epoch_length));
    let (release, minimum) = known().map_err(|error| match error {
        // What cannot be read may be what this build does not know, and nothing that is damaged.
        Unverified::Unbelieved(_) if needs > runtime::LEVEL => Unverified::Unbelieved(Disbelief::newer_level(needs)),
        error => error,
    })?;
    Ok(Evidence::judge(genesis, (height, head.header.time), Some(root), release, minimum, &levels))
}

/// A value, or its absence, with its proof against the root.
fn proven<T: DecodeAll>(store: &Store, key: &[u8], height: Height, root: &StateRoot) -> Result<Option<T>, Unverified> {
    let name = String::from_utf8_lossy(key).into_owned();
    let damaged = |what: String| Unverified::damaged(&what);
    let proof = store.view().proof(key, height)?;
    proof.verify(*root).map_err(|error| damaged(format!("the proof of {name:?} does not verify: {error}")))?;
    if proof.key != key {
        return Err(damaged(format!("the proof of {name:?} is for another key")));
    }
    let decode = |bytes: Vec<u8>| {
        T::decode_all(&mut &bytes[..]).map_err(|error| damaged(format!("{name:?} does not decode: {error}")))
    };
    proof.value.map(decode).transpose()
}
