//! The validators: who is up, who votes, who builds the next block.

use crate::keys::{Role, key};
use crate::network::Network;
use primitives::{AccountId, SecretKey};

/// All validators of the network, in its order.
pub(super) struct Seats {
    seats: Vec<Seat>,
    quiet_until: u64,
}

/// A validator.
pub(super) struct Seat {
    pub key: SecretKey,
    pub account: AccountId,
    /// Whether it is in the set that decides blocks. Stake does not move here, so this stays.
    pub is_elected: bool,
    offline_until: u64,
}

impl Seats {
    pub fn of(network: &Network) -> Self {
        let elected = network.genesis.validators();
        let seat = |index: usize| {
            let key = key(Role::Validator, index as u64);
            let account = key.account();
            Seat { is_elected: elected.power_of(&account).is_some(), account, key, offline_until: 0 }
        };
        Self { seats: (0..network.validators.len()).map(seat).collect(), quiet_until: 0 }
    }

    /// Has a validator be offline before an epoch.
    pub fn take_offline(&mut self, index: usize, until: u64) {
        if let Some(seat) = self.seats.get_mut(index) {
            seat.offline_until = seat.offline_until.max(until);
        }
    }

    /// Has nobody vote before an epoch but on what it proposed itself.
    pub fn fall_quiet(&mut self, until: u64) {
        self.quiet_until = self.quiet_until.max(until);
    }

    /// Those that are up in an epoch.
    pub fn up(&self, now: u64) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(move |seat| seat.is_up(now))
    }

    /// Whether people vote in an epoch.
    pub fn do_vote(&self, now: u64) -> bool {
        now >= self.quiet_until
    }

    /// Whose turn it is, round and round, to propose something in an epoch; none where no validator of the set is up.
    pub fn proposer(&self, turn: u64, now: u64) -> Option<&Seat> {
        let index = self.turn_of(turn, |seat| seat.is_elected && seat.is_up(now))?;
        self.seats.get(index)
    }

    /// Whose turn it is to build a block. Blocks come also where all are down: whether they would is not asked here.
    pub fn builder(&self, turn: u64, now: u64) -> usize {
        let up = self.turn_of(turn, |seat| seat.is_elected && seat.is_up(now));
        up.or_else(|| self.turn_of(turn, |seat| seat.is_elected)).unwrap_or_default()
    }

    fn turn_of(&self, turn: u64, can: impl Fn(&Seat) -> bool) -> Option<usize> {
        let count = self.seats.len();
        let first = turn.checked_rem(count as u64)? as usize;
        (0..count).map(|step| (first + step) % count).find(|index| can(&self.seats[*index]))
    }
}

impl Seat {
    fn is_up(&self, now: u64) -> bool {
        now >= self.offline_until
    }
}
