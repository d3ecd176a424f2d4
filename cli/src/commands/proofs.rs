//! Proofs as files: that something is on record, and what a flag serves. They are fetched from a node, and verified without one, from the
//! genesis of the home.

use crate::answer::CommandAnswer;
use crate::args::audit::{FactProven, ProofFile};
use crate::args::flags::{FlagAsked, FlagProven, FlagVerified};
use crate::escape;
use crate::failure::{Failure, failed, usage};
use crate::render;
use crate::session::Session;
use light::{Anchor, BlockProof, FactInBlock, FactProof, FlagQuestion, FlagTicket, FlagTicketError, MAX_TICKET_BYTES};
use primitives::{BlockHash, Height, Timestamp};
use rpc::api::{AuditApiClient as _, ChainApiClient as _, FlagsApiClient as _};
use rpc::client::Node;
use rpc::views::FlagEvaluation;
use runtime::Fact;
use serde::Serialize;
use state::Told as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// A proof that was written.
#[derive(Serialize)]
struct WrittenProof<'a> {
    file: &'a Path,
    bytes: usize,
    /// The block whose header it stands under.
    head: Height,
    hops: usize,
    /// Whether it was held against the genesis of the home.
    verified: bool,
}

/// A fact that is on record.
#[derive(Serialize)]
struct OnRecord<'a> {
    height: Height,
    /// Its place in the record, as the proof says.
    index: u64,
    block: BlockHash,
    time: Timestamp,
    fact: &'a Fact,
    sentence: String,
    /// How its block was shown: `tree` or `direct`.
    kind: &'static str,
    /// The block whose header it stands under.
    head: Height,
}

/// Fetches the proof that a fact is on record, verifies it where a genesis is at hand, and writes it.
///
/// # Errors
/// A node that has none, a proof that proves nothing, and a file that cannot be written.
pub async fn fact(session: &Session, asked: &FactProven) -> Result<CommandAnswer, Failure> {
    let proof = fetched(session, asked).await?;
    if (proof.fact.height(), proof.fact.inclusion.index) != (asked.height, asked.index) {
        return Err(failed("the node's proof is about another fact; ask another node"));
    }
    let verified = at_hand(session, asked.from).map(|anchor| proof.verify(&anchor)).transpose().map_err(worthless)?;
    let hops = proof.proof.headers().count().saturating_sub(1);
    let head = proof.proof.head().height();
    written(session, &asked.out, &proof.to_bytes(), head, hops, verified.is_some())
}

/// The proof as one node has it, or of a block that it does not keep any more, with the record of another.
async fn fetched(session: &Session, asked: &FactProven) -> Result<FactProof, Failure> {
    let FactProven { height, index, from, record_from, .. } = asked;
    let Some(url) = record_from else {
        let proof = session.node.audit_proof(*height, *index, *from).await;
        return proof.map_err(|error| session.explain(error));
    };
    let keeper = Node::open(url).map_err(|error| usage(format!("--record-from: {error}")))?;
    let record = keeper.record(*height).await;
    let record = record.map_err(|error| crate::session::unanswered(keeper.explain(error)))?.answer;
    let proof = session.node.audit_block_proof(*height, *from).await.map_err(|error| session.explain(error))?.proof;
    let none = || failed(format!("block {height} has {} facts, and --index names {index}", record.facts.len()));
    Ok(FactProof { fact: FactInBlock::of(&record, *index).ok_or_else(none)?, proof })
}

/// Verifies the proof in a file, from the genesis of the home.
///
/// # Errors
/// A file that cannot be read, a home without a genesis, and a proof that does not hold.
pub fn verify_fact(session: &Session, asked: &ProofFile) -> Result<CommandAnswer, Failure> {
    let refused = |error| failed(format!("{} proves nothing: {error}", asked.file.display()));
    let proof = FactProof::from_bytes(&read(&asked.file)?).map_err(refused)?;
    proof.verify(&anchor(session)?).map_err(refused)?;
    let FactInBlock { header, fact, inclusion } = &proof.fact;
    let (kind, by) = match &proof.proof {
        BlockProof::Tree { .. } => ("tree", "the tree of blocks"),
        BlockProof::Direct { .. } => ("direct", "its own header"),
    };
    let head = proof.proof.head().height();
    let record = OnRecord {
        height: header.height,
        index: inclusion.index,
        block: header.hash(),
        time: header.time,
        fact,
        sentence: fact.sentence(),
        kind,
        head,
    };
    let text = session.screen.fields(&[
        ("On record", escape::line(&record.sentence)),
        ("Block", format!("{}, {}", record.height, session.screen.time(record.time))),
        ("Hash", record.block.to_string()),
        ("Shown by", format!("{by}, under the header of block {head}")),
        ("From", "the genesis of this home".into()),
    ]);
    CommandAnswer::new(&record, text)
}

/// Fetches the proof of what a flag serves, verifies it where a genesis is at hand, and writes it.
///
/// # Errors
/// A node that has none, a proof that proves nothing, and a file that cannot be written.
pub async fn flag(session: &Session, asked: FlagProven) -> Result<CommandAnswer, Failure> {
    let FlagProven { asked: FlagAsked { flag, plan, scope }, out, from } = asked;
    let plan = super::rollout::network_plan(session, plan.as_ref()).await?;
    let ticket = session.node.flags_proof(plan.clone(), flag.clone(), Some(scope.clone()), from).await;
    let ticket = ticket.map_err(|error| session.explain(error))?;
    let question = FlagQuestion { plan, key: flag, scope };
    let verified =
        at_hand(session, from).map(|anchor| ticket.verify(&anchor, &question)).transpose().map_err(worthless)?;
    written(session, &out, &ticket.to_bytes(), ticket.head.height(), ticket.hops.len(), verified.is_some())
}

/// Verifies the ticket of a flag in a file, from the genesis of the home, and says what the flag serves.
///
/// # Errors
/// A file that cannot be read, a home without a genesis, and a ticket that does not hold.
pub fn verify_flag(session: &Session, asked: FlagVerified) -> Result<CommandAnswer, Failure> {
    let FlagVerified { ticket: file, flag, plan, scope, served } = asked;
    let known = served.known().context().map_err(usage)?;
    let refused = |error: FlagTicketError| failed(format!("{} proves nothing: {error}", file.display()));
    let question = FlagQuestion { plan, key: flag, scope };
    let ticket = FlagTicket::from_bytes(&read(&file)?).map_err(refused)?;
    let proven = ticket.verify(&anchor(session)?, &question).map_err(refused)?;
    let resolution = proven.resolve(&known);
    let variant = proven.scoped.flag.flag.variant(resolution.variant);
    let variant = variant.ok_or_else(|| failed("the flag that it proves serves a variant that it has not"))?;
    let FlagQuestion { plan, key, scope } = question;
    let view = FlagEvaluation {
        height: proven.header.height,
        plan,
        key,
        scope,
        variant: variant.name.clone(),
        value: variant.value.clone(),
        reason: resolution.reason,
        error_code: resolution.reason.error_code().map(str::to_owned),
        version: resolution.version,
    };
    let text = render::flags::evaluation(&session.screen, &view);
    let time = session.screen.time(proven.header.time);
    let as_of = session.screen.fields(&[("As of", format!("block {}, {time}", view.height))]);
    CommandAnswer::new(&view, format!("{text}{as_of}"))
}

fn written(
    session: &Session,
    file: &Path,
    bytes: &[u8],
    head: Height,
    hops: usize,
    verified: bool,
) -> Result<CommandAnswer, Failure> {
    let refused = |error| failed(format!("{} cannot be written: {error}; name another --out", file.display()));
    files::write_out(file, bytes).map_err(refused)?;
    let text = session.screen.fields(&[
        ("Proof", format!("{}, {} bytes", file.display(), bytes.len())),
        ("Under", format!("the header of block {head}, with {hops} headers before it")),
        (
            "Verified",
            if verified { "from the genesis of this home" } else { "no, no genesis of it is at hand here" }.into(),
        ),
    ]);
    CommandAnswer::new(&WrittenProof { file, bytes: bytes.len(), head, hops, verified }, text)
}

/// A file that is no larger than a proof can be.
fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let refused =
        |error| usage(format!("{} cannot be read: {error}; name a file that a proof was written to", file.display()));
    let mut bytes = Vec::new();
    // One byte more is enough to know.
    let most = (MAX_TICKET_BYTES as u64).saturating_add(1);
    File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(refused)?;
    Ok(bytes)
}

/// What a node answers proves nothing.
fn worthless(error: impl std::fmt::Display) -> Failure {
    failed(format!("the node's proof proves nothing: {error}; ask another node"))
}

/// The genesis of the home, where there is one and a proof starts from genesis.
fn at_hand(session: &Session, from: Option<Height>) -> Option<Anchor> {
    let genesis = session.genesis().ok().flatten().filter(|_| from.unwrap_or_default() == Height(0))?;
    Some(Anchor::genesis(&genesis))
}

/// What this user trusts: the genesis of the home.
fn anchor(session: &Session) -> Result<Anchor, Failure> {
    let genesis = session.genesis()?.ok_or_else(|| {
        usage("there is no genesis to verify it from; name a home with --home that has config/genesis.json of the network")
    })?;
    Ok(Anchor::genesis(&genesis))
}
