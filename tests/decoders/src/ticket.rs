//! A ticket, as an operator is handed it, and as a node fetches it from another.

use crate::{Outcome, Seed, numbered};
use light::testing::TestChain;
use light::{Anchor, Proven, Ticket, TicketError};
use primitives::BuildHash;
use runtime::Header;
use runtime::testing::genesis;
use std::sync::OnceLock;

/// The build that genesis approves.
const BUILD: BuildHash = BuildHash([0xaa; 32]);

/// What a chain decided, and what it says about [`BUILD`] at each height.
struct Decided {
    anchor: Anchor,
    headers: Vec<Header>,
    shown: Proven,
}

/// There is one encoding of a ticket, and whatever is made of one shows what the chain decided, or nothing.
pub fn check(bytes: &[u8]) -> Outcome {
    let ticket = match Ticket::from_bytes(bytes) {
        Ok(ticket) => ticket,
        Err(TicketError::TooLarge(_) | TicketError::NotATicket | TicketError::Undecodable(_)) => {
            return Outcome::Refused;
        }
        Err(other) => panic!("bytes that were not read are judged: {other}"),
    };
    assert_eq!(ticket.to_bytes(), bytes, "two encodings of one ticket");

    static DECIDED: OnceLock<Decided> = OnceLock::new();
    let Decided { anchor, headers, shown } = DECIDED.get_or_init(decided);
    if let Ok(proven) = ticket.verify(anchor, &BUILD) {
        assert!(headers.contains(&proven.header), "a header that nobody decided");
        assert_eq!((&proven.release, &proven.minimum_sequence), (&shown.release, &shown.minimum_sequence));
        assert_eq!(proven.levels, shown.levels);
    }
    Outcome::Taken
}

fn chain() -> TestChain {
    TestChain::new(genesis())
}

fn decided() -> Decided {
    let mut chain = chain();
    chain.until(25);
    let anchor = Anchor::genesis(&chain.genesis);
    let shown = chain.ticket(BUILD).verify(&anchor, &BUILD).expect("the chain's own ticket verifies");
    Decided { anchor, headers: chain.headers.iter().map(|signed| signed.header.clone()).collect(), shown }
}

/// Tickets of the approved build and of one that is not, at the first height and after some epochs.
pub fn seeds() -> Vec<Seed> {
    let mut chain = chain();
    let other = BuildHash([0xbb; 32]);
    let mut tickets = vec![chain.ticket(BUILD), chain.ticket(other)];
    chain.until(25);
    tickets.extend([chain.ticket(BUILD), chain.ticket(other)]);
    let mut led = chain.ticket(BUILD);
    led.hops = primitives::List::truncate_from(chain.headers[..3].to_vec());
    tickets.push(led);
    numbered("ticket", tickets.iter().map(Ticket::to_bytes))
}
