//! Whether this node's validator key signs here: what is asked by consensus before each height, and told to the operator.
//!
//! A home that is [in doubt](store::Doubt) waits until the network shows that it is safe. A block whose time is after this start was
//! precommitted after it, by more than two thirds, at least one honest one of which had precommitted whatever let the key sign for its
//! last height before. So the key's last height is at most the one after that block, and everything it signs from two heights after that
//! block on is new, or a twin's, who is looked out for a little longer before this node signs itself.

use consensus::{Signing, TwinSighting};
use primitives::{Height, Timestamp};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Doubt, Found, HomeOrigin, Mark};

/// After a block that is surely new, the key can have signed for so many heights in an earlier life.
const SIGNED_BEFORE: u64 = 1;
/// So many heights later a twin is looked out for before this node signs.
const LOOKED_OUT: u64 = 2;

/// Whether this node's key signs, over restarts.
#[derive(Debug)]
pub struct KeyStanding {
    origin: HomeOrigin,
    state: Mutex<State>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It signs; from this height on it has not signed in an earlier life.
    Signs { own_from: Height, mark: Mark },
    /// It follows.
    Waits {
        doubt: Doubt,
        /// A block of a later time is surely new.
        since: Timestamp,
        /// The first such block.
        new: Option<Height>,
    },
    /// Another node has the key.
    Twin { shown: String },
}

/// Why a key does not sign here, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence(State);

impl KeyStanding {
    /// As the home of a validator shows it when its node starts. `has_signed` where it has blocks or consensus' own files, `next` is the
    /// height after its head; a block of a time after `since` was surely made after this start.
    ///
    /// # Errors
    /// When the home's marks cannot be read or written.
    pub fn at_start(origin: HomeOrigin, has_signed: bool, next: Height, since: Timestamp) -> std::io::Result<Self> {
        // What is being decided may have been voted on before.
        let signs = |mark| State::Signs { own_from: next.next(), mark };
        let state = match (origin.resumed(next)?, origin.twin()?) {
            (Some(mark), _) => signs(mark),
            (None, Some(shown)) => State::Twin { shown },
            (None, None) => match origin.look(has_signed, next)? {
                Found::New => signs(origin.claim(next)?),
                Found::Same => signs(origin.begin(next)?),
                Found::Doubtful(doubt) => State::Waits { doubt, since, new: None },
            },
        };
        Ok(Self { origin, state: Mutex::new(state) })
    }

    /// For consensus.
    pub fn signing(&self) -> Signing {
        match &*self.state() {
            State::Signs { own_from, .. } => Signing { from: Some(Height(0)), own_from: Some(*own_from), shows: true },
            State::Waits { new, .. } => {
                let own_from = new.map(own_from);
                Signing { from: own_from.map(|own| own.plus(LOOKED_OUT)), own_from, shows: true }
            }
            State::Twin { .. } => Signing { from: None, own_from: None, shows: false },
        }
    }

    /// Takes in that a block is committed. `is_on_time` where this machine's clock is not known to be off those of others.
    pub fn committed(&self, height: Height, time: Timestamp, is_on_time: bool) {
        let mut state = self.state();
        match &mut *state {
            State::Signs { mark, .. } => mark.note(height.next()),
            State::Waits { since, new: new @ None, .. } if is_on_time && time > *since => *new = Some(height),
            State::Waits { new: Some(new), .. } if height.next() >= own_from(*new).plus(LOOKED_OUT) => {
                let own_from = own_from(*new);
                match self.origin.claim(height.next()) {
                    Ok(mark) => {
                        tracing::info!(%height, "this node's key signs again: the network is past all that it may have signed before");
                        *state = State::Signs { own_from, mark };
                    }
                    Err(error) => {
                        tracing::error!(%error, "this home cannot be marked as the one in which its key signs")
                    }
                }
            }
            State::Waits { .. } | State::Twin { .. } => {}
        }
    }

    /// Takes in that another node has the key; nothing is signed from now on, nor after a restart.
    pub fn has_twin(&self, shown: &TwinSighting) {
        let shown = shown.to_string();
        if let Err(error) = self.origin.keep_twin(&shown) {
            tracing::error!(%error, "that another node has this node's key cannot be kept; do not start this node again before it is found");
        }
        *self.state() = State::Twin { shown };
    }

    /// Why the key does not sign; none while it does.
    pub fn silence(&self) -> Option<Silence> {
        let state = self.state().clone();
        (!matches!(state, State::Signs { .. })).then_some(Silence(state))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Silence {
    /// Whether it is for a twin, which nothing but the operator ends.
    pub fn is_for_a_twin(&self) -> bool {
        matches!(self.0, State::Twin { .. })
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Signs { .. } => Ok(()),
            State::Waits { doubt, new: None, .. } => write!(
                f,
                "{doubt}, so its key may have signed more than is known here: this node follows, and signs once the network has decided \
                 past that. If the network cannot go on without it, and no later state of this home exists anywhere, stop it and say so \
                 with `the-block signing resume --no-later-state`"
            ),
            State::Waits { doubt, new: Some(new), .. } => {
                write!(f, "{doubt}, so this node follows, and signs from height {} on", own_from(*new).plus(LOOKED_OUT))
            }
            State::Twin { shown } => write!(
                f,
                "another node has this node's validator key: {shown}. This node follows and signs nothing more. Find the other one, stop \
                 it and take its key away; then stop this one, say so with `the-block signing resume --no-later-state`, and start it"
            ),
        }
    }
}

/// The first height for which a key has not signed in an earlier life, after a block that is surely new.
fn own_from(new: Height) -> Height {
    new.plus(SIGNED_BEFORE).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::config::Home;
    use primitives::AccountId;
    use std::path::Path;

    const SINCE: Timestamp = Timestamp(1_000);

    fn start(dir: &Path, home: &str, next: u64) -> KeyStanding {
        std::fs::create_dir_all(dir.join("memory")).unwrap();
        let origin = HomeOrigin::of(&Home::at(dir.join(home)), AccountId([1; 32])).remembering(&dir.join("memory"));
        KeyStanding::at_start(origin, next > 1, Height(next), SINCE).unwrap()
    }

    fn from(standing: &KeyStanding) -> Option<u64> {
        standing.signing().from.map(|from| from.0)
    }

    #[test]
    fn o26_a_plain_restart_signs_at_once_and_a_copy_only_past_what_the_other_may_have_signed() {
        let dir = tempfile::tempdir().unwrap();
        let first = start(dir.path(), "home", 1);
        assert_eq!((from(&first), first.signing().own_from), (Some(0), Some(Height(2))));
        first.committed(Height(1), Timestamp(1), true);
        assert_eq!(from(&start(dir.path(), "home", 2)), Some(0), "a plain restart");

        let copied = std::process::Command::new("cp").arg("-r").args(["home", "copy"]).current_dir(dir.path()).status();
        assert!(copied.unwrap().success());
        let copy = start(dir.path(), "copy", 2);
        assert_eq!(from(&copy), None);
        assert!(copy.signing().shows, "so that the other one knows of it");
        let said = copy.silence().unwrap().to_string();
        assert!(said.contains("a copy") && said.contains("--no-later-state"), "{said}");
        // What was decided before this start says nothing of what was signed before it, and nothing does by a clock that is wrong.
        copy.committed(Height(2), SINCE, true);
        copy.committed(Height(3), Timestamp(2_000), false);
        assert_eq!(from(&copy), None);
        copy.committed(Height(4), Timestamp(2_001), true);
        assert_eq!((from(&copy), copy.signing().own_from), (Some(8), Some(Height(6))));
        copy.committed(Height(5), Timestamp(2_002), true);
        copy.committed(Height(6), Timestamp(2_003), true);
        assert!(copy.silence().is_some());
        assert_eq!(from(&start(dir.path(), "copy", 7)), None, "it is a copy until it signs");
        copy.committed(Height(7), Timestamp(2_004), true);
        assert_eq!((copy.silence(), copy.signing().own_from), (None, Some(Height(6))));
        assert_eq!(from(&start(dir.path(), "copy", 8)), Some(0), "it is where the key signs now");
    }

    #[test]
    fn o25_a_twin_ends_signing_over_restarts_until_the_operator_says_that_it_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let standing = start(dir.path(), "home", 1);
        assert_eq!(standing.silence(), None);
        standing.has_twin(&TwinSighting::Proof { peer: "12D3".into() });
        for standing in [standing, start(dir.path(), "home", 5)] {
            assert_eq!((from(&standing), standing.signing().shows), (None, false));
            let silence = standing.silence().unwrap();
            assert!(silence.is_for_a_twin() && silence.to_string().contains("12D3"), "{silence}");
            standing.committed(Height(9), Timestamp(9_000), true);
            assert_eq!(from(&standing), None, "no block ends it");
        }
        HomeOrigin::resume(&Home::at(dir.path().join("home"))).unwrap();
        let back = start(dir.path(), "home", 10);
        assert_eq!((back.silence(), back.signing().own_from), (None, Some(Height(11))));
    }
}
