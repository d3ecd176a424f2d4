//! Censorship: the blocks of hostile proposers hold nothing of honest accounts. A proposer is drawn by power, so it is
//! a matter of blocks until another one's turn comes.

use super::{Field, Strategy};

/// It does nothing but be asked.
pub struct Censor;

impl Strategy for Censor {
    fn act(&mut self, _field: &mut Field<'_, '_>) {}

    fn censors(&self) -> bool {
        true
    }
}
