//! What it costs to verify a ticket, beside the signature checks it contains, from the same run.
//!
//! `cargo bench --profile dev --workspace --bench verify`
#![allow(clippy::restriction, reason = "a bench may stop where it fails")]
#![expect(clippy::disallowed_types, reason = "a bench reads the clock")]

use light::testing::TestChain;
use light::{Anchor, Ticket};
use primitives::{BuildHash, VoteKind, vote_payload};
use std::hint::black_box;
use std::time::{Duration, Instant};

const FIRST: BuildHash = BuildHash([0xaa; 32]);

fn main() {
    println!("{:<24} {:>10} {:>12} {:>12} {:>12}", "validators", "bytes", "verify", "signatures", "beyond them");
    row(4, "1 ms");
    row(100, "");
}

fn row(validators: u8, target: &str) {
    let chain = TestChain::of_validators(validators);
    let ticket = chain.ticket(FIRST);
    let (anchor, bytes) = (Anchor::genesis(&chain.genesis), ticket.to_bytes());
    let verify = || Ticket::from_bytes(&bytes).unwrap().verify(&anchor, &FIRST).unwrap();
    let pairs: Vec<(Duration, Duration)> = (0..51).map(|_| (timed(verify), timed(|| signatures(&ticket)))).collect();
    let median = |mut all: Vec<Duration>| {
        all.sort();
        all[all.len() / 2]
    };
    let (whole, checks) = (median(pairs.iter().map(|p| p.0).collect()), median(pairs.iter().map(|p| p.1).collect()));
    let beyond = median(pairs.iter().map(|(whole, checks)| whole.saturating_sub(*checks)).collect());
    println!("{validators:<24} {:>10} {whole:>12.1?} {checks:>12.1?} {beyond:>12.1?}  {target}", bytes.len());
}

/// The checks that no verifier can do without.
fn signatures(ticket: &Ticket) -> bool {
    let certificate = &ticket.head.certificate;
    let (chain_id, height, round) = (&ticket.head.header.chain_id, certificate.height, certificate.round);
    let payload = vote_payload(chain_id, VoteKind::Precommit, height, round, Some(certificate.block));
    certificate.signatures.iter().all(|(account, signature)| account.key().verify(&payload, signature))
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}
