//! The ticket of a flag, as whoever is served is handed it, and as a node gives it out.

use crate::{Outcome, Seed, numbered};
use light::testing::TestChain;
use light::{Anchor, FlagQuestion, FlagRows, FlagTicket, FlagTicketError};
use primitives::{Name, Path};
use runtime::testing::genesis;
use std::convert::Infallible;
use std::sync::OnceLock;

/// There is one encoding of a ticket, and whatever is made of one shows what the chain says of a flag: that it has none.
pub fn check(bytes: &[u8]) -> Outcome {
    let ticket = match FlagTicket::from_bytes(bytes) {
        Ok(ticket) => ticket,
        Err(FlagTicketError::TooLarge(_) | FlagTicketError::NotATicket | FlagTicketError::Undecodable(_)) => {
            return Outcome::Refused;
        }
        Err(other) => panic!("bytes that were not read are judged: {other}"),
    };
    assert_eq!(ticket.to_bytes(), bytes, "two encodings of one ticket");

    static ANCHOR: OnceLock<Anchor> = OnceLock::new();
    let anchor = ANCHOR.get_or_init(|| Anchor::genesis(&genesis()));
    for scope in SCOPES {
        assert!(ticket.verify(anchor, &question(scope)).is_err(), "a flag that nobody defined");
    }
    Outcome::Taken
}

/// Where is asked.
const SCOPES: [&str; 3] = ["", "PROD", "PROD/t1/b2"];

fn question(scope: &str) -> FlagQuestion {
    let name = |text| Name::new(text).expect("a name");
    let names: Option<Vec<Name>> = scope.split('/').filter(|part| !part.is_empty()).map(Name::new).collect();
    let scope = Path::new(names.expect("names")).expect("a path");
    FlagQuestion { plan: name("shop"), key: name("checkout"), scope }
}

fn ticket(chain: &TestChain, asked: &FlagQuestion) -> FlagTicket {
    let head = chain.head().clone().trimmed();
    let rows = FlagRows::gather(&chain.state(), asked, |key| Ok::<_, Infallible>(chain.proof(key)));
    let Ok(rows) = rows;
    FlagTicket { hops: chain.hops_to(&head), head, rows }
}

/// Of a flag that there is not, at paths of each depth, at the first height and after some epochs.
pub fn seeds() -> Vec<Seed> {
    let mut chain = TestChain::new(genesis());
    let mut tickets: Vec<FlagTicket> = SCOPES.iter().map(|scope| ticket(&chain, &question(scope))).collect();
    chain.until(25);
    tickets.extend(SCOPES.iter().map(|scope| ticket(&chain, &question(scope))));
    numbered("flag", tickets.iter().map(FlagTicket::to_bytes))
}
