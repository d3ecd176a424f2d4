//! Whether this node's validator key signs here: what is asked by consensus before each height, and told to the operator.
//!
//! A home that is [in doubt](store::Doubt) waits until the network shows that it is safe. A block whose time is after this start was
//! precommitted after it, by more than two thirds, at least one honest one of which had precommitted whatever let the key sign for its
//! last height before. So the key's last height is at most the one after that block, and everything it signs from two heights after that
//! block on is new, or a twin's, who is looked out for a little longer before this node signs itself.
//!
//! A new home, and one of which the operator has spoken, signs at once. Its key may have signed elsewhere for heights that are still to be
//! fetched, so what their certificates hold is no twin's; it looks out for one from the same two heights after such a block on.
//!
//! That a block's time is after this start is told by a clock that the proposals of others have shown to be right, and by how long ago
//! the start was, which no setting of a clock changes. As long as nothing has shown that, no block counts.

use consensus::{Signing, TwinSighting};
use primitives::{Height, Timestamp};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Doubt, Found, HomeOrigin, Mark, Watermarks};

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
    /// It signs.
    Signs {
        /// From this height on it has not signed in an earlier life; none while that is not known.
        own_from: Option<Height>,
        mark: Mark,
    },
    /// It follows.
    Waits {
        doubt: Doubt,
        /// The first block that is surely new.
        new: Option<Height>,
    },
    /// Another node has the key.
    Twin { shown: String },
}

/// Why a key does not sign here, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence(State);

impl KeyStanding {
    /// As the home of a validator shows it when its node starts: by what consensus remembers in it, the height after its head, and the
    /// head's time.
    ///
    /// # Errors
    /// When the home's marks cannot be read or written.
    pub fn at_start(origin: HomeOrigin, marks: &Watermarks, next: Height, head: Timestamp) -> std::io::Result<Self> {
        // What is being decided may have been voted on before.
        let here = |mark| State::Signs { own_from: Some(next.next()), mark };
        let perhaps_elsewhere = |mark| State::Signs { own_from: None, mark };
        let state = match (origin.resumed(next)?, origin.twin()?) {
            (Some(mark), _) => perhaps_elsewhere(mark),
            (None, Some(shown)) => State::Twin { shown },
            (None, None) => match origin.look(marks, next, head)? {
                Found::New => perhaps_elsewhere(origin.claim(next)?),
                Found::Same => here(origin.begin(next)?),
                Found::Earlier => here(origin.claim(next)?),
                Found::Doubtful(doubt) => State::Waits { doubt, new: None },
            },
        };
        Ok(Self { origin, state: Mutex::new(state) })
    }

    /// For consensus.
    pub fn signing(&self) -> Signing {
        match &*self.state() {
            State::Signs { own_from, .. } => Signing { from: Some(Height(0)), own_from: *own_from, shows: true },
            State::Waits { new, .. } => {
                let own_from = new.map(own_from);
                Signing { from: own_from.map(|own| own.plus(LOOKED_OUT)), own_from, shows: true }
            }
            State::Twin { .. } => Signing { from: None, own_from: None, shows: false },
        }
    }

    /// Takes in that a block is committed. One whose time is after `since` was surely made after this start; none where no clock tells.
    pub fn committed(&self, height: Height, time: Timestamp, since: Option<Timestamp>) {
        let is_new = since.is_some_and(|since| time > since);
        let mut state = self.state();
        match &mut *state {
            State::Signs { own_from: known, mark } => {
                mark.note(height.next());
                if known.is_none() && is_new {
                    *known = Some(own_from(height));
                }
            }
            State::Waits { new: new @ None, .. } if is_new => *new = Some(height),
            State::Waits { new: Some(new), .. } if height.next() >= own_from(*new).plus(LOOKED_OUT) => {
                let own_from = own_from(*new);
                match self.origin.claim(height.next()) {
                    Ok(mark) => {
                        tracing::info!(%height, "this node's key signs again: the network is past all that it may have signed before");
                        *state = State::Signs { own_from: Some(own_from), mark };
                    }
                    Err(error) => tracing::error!(
                        %error,
                        "this home cannot be marked as the one in which its key signs: it signs now, and its next start waits again"
                    ),
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
                 past that, which only a clock that is right can tell. If the network cannot go on without it, and no later state of \
                 this home exists anywhere, stop it and say so with `the-block signing resume --no-later-state`"
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

    /// A block of a later time is new.
    const SINCE: Option<Timestamp> = Some(Timestamp(1_000));

    fn start(dir: &Path, home: &str, next: u64) -> KeyStanding {
        std::fs::create_dir_all(dir.join("memory")).unwrap();
        let origin = HomeOrigin::of(&Home::at(dir.join(home)), AccountId([1; 32])).remembering(&dir.join("memory"));
        KeyStanding::at_start(origin, &Watermarks::default(), Height(next), Timestamp(0)).unwrap()
    }

    fn from(standing: &KeyStanding) -> Option<u64> {
        standing.signing().from.map(|from| from.0)
    }

    #[test]
    fn o26_a_plain_restart_signs_at_once_and_a_copy_only_past_what_the_other_may_have_signed() {
        let dir = tempfile::tempdir().unwrap();
        let first = start(dir.path(), "home", 1);
        assert_eq!((from(&first), first.signing().own_from), (Some(0), None));
        first.committed(Height(1), Timestamp(1), SINCE);
        let again = start(dir.path(), "home", 2);
        assert_eq!((from(&again), again.signing().own_from), (Some(0), Some(Height(3))), "a plain restart");

        let copied = std::process::Command::new("cp").arg("-r").args(["home", "copy"]).current_dir(dir.path()).status();
        assert!(copied.unwrap().success());
        let copy = start(dir.path(), "copy", 2);
        assert_eq!(from(&copy), None);
        assert!(copy.signing().shows, "so that the other one knows of it");
        let said = copy.silence().unwrap().to_string();
        assert!(said.contains("a copy") && said.contains("--no-later-state"), "{said}");
        // What was decided before this start says nothing of what was signed before it, and nothing does by a clock that is wrong.
        copy.committed(Height(2), Timestamp(1_000), SINCE);
        copy.committed(Height(3), Timestamp(2_000), None);
        assert_eq!(from(&copy), None);
        copy.committed(Height(4), Timestamp(2_001), SINCE);
        assert_eq!((from(&copy), copy.signing().own_from), (Some(8), Some(Height(6))));
        copy.committed(Height(5), Timestamp(2_002), SINCE);
        copy.committed(Height(6), Timestamp(2_003), SINCE);
        assert!(copy.silence().is_some());
        assert_eq!(from(&start(dir.path(), "copy", 7)), None, "it is a copy until it signs");
        copy.committed(Height(7), Timestamp(2_004), SINCE);
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
            standing.committed(Height(9), Timestamp(9_000), SINCE);
            assert_eq!(from(&standing), None, "no block ends it");
        }
        HomeOrigin::resume(&Home::at(dir.path().join("home"))).unwrap();
        let back = start(dir.path(), "home", 10);
        assert_eq!((back.silence(), from(&back), back.signing().own_from), (None, Some(0), None));
        // What the other one has signed meanwhile, as far as it is still fetched, does not bring it back.
        back.committed(Height(20), Timestamp(1_000), SINCE);
        assert_eq!(back.signing().own_from, None);
        back.committed(Height(21), Timestamp(1_001), SINCE);
        assert_eq!(back.signing().own_from, Some(Height(23)));
    }

    #[test]
    fn o25_a_new_home_with_an_old_key_takes_its_own_old_signatures_for_nobodys() {
        let dir = tempfile::tempdir().unwrap();
        let standing = start(dir.path(), "home", 1);
        assert_eq!((standing.silence(), standing.signing().own_from), (None, None));
        standing.committed(Height(1), Timestamp(1), SINCE);
        standing.committed(Height(2), Timestamp(1_000), SINCE);
        standing.committed(Height(3), Timestamp(2_000), None);
        assert_eq!(standing.signing().own_from, None, "long decided, or by a clock that nothing has shown to be right");
        standing.committed(Height(4), Timestamp(1_001), SINCE);
        standing.committed(Height(5), Timestamp(1_002), SINCE);
        assert_eq!((from(&standing), standing.signing().own_from), (Some(0), Some(Height(6))));
    }
}
