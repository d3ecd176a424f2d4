//! Whose parts of blocks count, and what each sender may cost.
//!
//! Gossip is signed by its publisher, so what comes is told apart by who published it and by who delivered it. A peer counts when
//! it is configured, or when it has proven the key of a validator: an announcement signs its publisher's peer id, so one that
//! holds is the proof. For everybody else, whoever delivers it has a small budget: a validator is heard the first time it speaks
//! through others, invented publishers cost no more than one, and the neighbour that the engine had pass them on is not blamed.

use super::context::Address;
use anyhow::Context as _;
use arc_malachitebft_app::types::PeerId;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How many announcements that are not signed as they say a sender may send before it is out.
const MOST_FORGED: u32 = 3;
/// How many announcements of one sender are checked in a round.
const CHECKS_PER_ROUND: u32 = 16;
/// How long a sender is out, and how long it is remembered that it forged.
pub const OUT_FOR: Duration = Duration::from_secs(600);

/// Whose budget a part comes out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payer {
    /// Its publisher's, who counts.
    Publisher(PeerId),
    /// What all publishers that do not count have together, if this peer delivers it.
    StrangersThrough(PeerId),
}

/// What a budget was spent on.
#[derive(Debug, Default)]
struct Spent {
    checks: u32,
    forged: u32,
    last_forged: Option<Instant>,
}

/// The peers that count, and the budget of each.
#[derive(Debug)]
pub struct Senders {
    /// The peers of the configuration, with the addresses under which the engine has them.
    configured: BTreeMap<PeerId, Vec<Multiaddr>>,
    /// The peer through which each validator spoke last. One a validator: keys of peers cost nothing.
    proven: BTreeMap<Address, PeerId>,
    spent: BTreeMap<Payer, Spent>,
}

impl Senders {
    /// Where the peers of `configured` count from the start.
    ///
    /// # Errors
    /// When an address names no peer id.
    pub fn new(configured: &[Multiaddr]) -> anyhow::Result<Self> {
        let mut by_id: BTreeMap<PeerId, Vec<Multiaddr>> = BTreeMap::new();
        for address in configured {
            by_id.entry(peer_of(address)?).or_default().push(address.clone());
        }
        Ok(Self { configured: by_id, proven: BTreeMap::new(), spent: BTreeMap::new() })
    }

    /// Whether a peer is configured, or has proven a validator's key.
    pub fn counts(&self, peer: &PeerId) -> bool {
        self.configured.contains_key(peer) || self.proven.values().any(|proven| proven == peer)
    }

    /// Who pays for what `publisher` published and `from` delivered. Nobody, and it is not looked at, when neither counts.
    pub fn payer(&self, from: PeerId, publisher: PeerId) -> Option<Payer> {
        if self.counts(&publisher) {
            return Some(Payer::Publisher(publisher));
        }
        self.counts(&from).then_some(Payer::StrangersThrough(from))
    }

    /// Whether a sender is passed over.
    pub fn is_out(&self, payer: &Payer) -> bool {
        self.spent.get(payer).is_some_and(|spent| spent.forged >= MOST_FORGED)
    }

    /// Takes a check out of a sender's budget; false when there is none left in this round.
    pub fn pay(&mut self, payer: Payer) -> bool {
        let spent = self.spent.entry(payer).or_default();
        spent.checks = spent.checks.saturating_add(1);
        spent.checks <= CHECKS_PER_ROUND
    }

    /// Remembers that what was paid for is forged. True when the sender is out with that.
    pub fn forged(&mut self, payer: Payer, now: Instant) -> bool {
        let spent = self.spent.entry(payer).or_default();
        spent.forged = spent.forged.saturating_add(1);
        spent.last_forged = Some(now);
        spent.forged == MOST_FORGED
    }

    /// Remembers that a validator speaks through a peer.
    pub fn proven(&mut self, peer: PeerId, validator: Address) {
        self.proven.insert(validator, peer);
    }

    /// Forgets the peers of those who are no longer among the validators.
    pub fn keep(&mut self, is_validator: impl Fn(&Address) -> bool) {
        self.proven.retain(|validator, _| is_validator(validator));
    }

    /// Renews the budgets, because a round starts. Gives the configured peers whose time is over.
    pub fn renew(&mut self, now: Instant) -> Vec<PeerId> {
        let mut back = Vec::new();
        self.spent.retain(|payer, spent| {
            spent.checks = 0;
            let remembered = spent.last_forged.is_some_and(|last| now.saturating_duration_since(last) < OUT_FOR);
            if let (Payer::Publisher(peer), false, MOST_FORGED..) = (payer, remembered, spent.forged) {
                back.push(*peer);
            }
            remembered
        });
        back
    }

    /// Where the engine has a configured peer.
    pub fn addresses(&self, peer: &PeerId) -> Vec<Multiaddr> {
        self.configured.get(peer).cloned().unwrap_or_default()
    }
}

/// The peer that an address names.
///
/// # Errors
/// When it names none.
pub fn peer_of(address: &Multiaddr) -> anyhow::Result<PeerId> {
    let named = address.iter().find_map(|part| match part {
        Protocol::P2p(peer) => PeerId::from_bytes(&peer.to_bytes()).ok(),
        _ => None,
    });
    named.with_context(|| {
        format!(
            "the consensus peer {address} has no peer id, and whoever is found at an address is not taken for it; put \
             /p2p/ and the id that the peer's net.overlay_status shows after it"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{peer, peer_address};
    use primitives::AccountId;

    fn validator(n: u8) -> Address {
        Address(AccountId([n; 32]))
    }

    #[test]
    fn h16_who_is_neither_configured_nor_proven_pays_through_a_neighbour_or_is_not_heard() {
        let mut senders = Senders::new(&[peer_address(1)]).unwrap();
        assert_eq!(senders.payer(peer(1), peer(1)), Some(Payer::Publisher(peer(1))));
        assert_eq!(senders.payer(peer(1), peer(2)), Some(Payer::StrangersThrough(peer(1))));
        assert_eq!(senders.payer(peer(2), peer(2)), None);
        senders.proven(peer(2), validator(2));
        assert_eq!(senders.payer(peer(1), peer(2)), Some(Payer::Publisher(peer(2))));
        senders.proven(peer(3), validator(2));
        assert!(senders.counts(&peer(3)) && !senders.counts(&peer(2)), "one peer a validator");
        senders.keep(|of| *of != validator(2));
        assert!(!senders.counts(&peer(3)) && senders.counts(&peer(1)));
        assert!(Senders::new(&["/ip4/127.0.0.1/tcp/1".parse().unwrap()]).is_err());
    }

    #[test]
    fn h16_the_third_forgery_puts_a_sender_out_for_ten_minutes_and_rounds_renew_the_checks_alone() {
        let mut senders = Senders::new(&[peer_address(1), peer_address(2)]).unwrap();
        let (payer, honest, began) = (Payer::Publisher(peer(1)), Payer::Publisher(peer(2)), Instant::now());
        assert!(!senders.forged(payer, began) && !senders.forged(payer, began));
        assert!(senders.renew(began).is_empty() && !senders.is_out(&payer));
        assert!(senders.forged(payer, began), "the third");
        assert!(
            senders.is_out(&payer) && !senders.is_out(&honest) && !senders.is_out(&Payer::StrangersThrough(peer(1)))
        );
        assert!(senders.renew(began + OUT_FOR - Duration::from_secs(1)).is_empty() && senders.is_out(&payer));
        assert_eq!(senders.renew(began + OUT_FOR), [peer(1)]);
        assert!(!senders.is_out(&payer));

        let paid = (0..100).filter(|_| senders.pay(honest)).count();
        assert_eq!(paid, CHECKS_PER_ROUND as usize);
        assert!(senders.renew(began).is_empty() && senders.pay(honest), "another round, another budget");
    }
}
