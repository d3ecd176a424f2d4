//! The tree of blocks: proofs of what is on record, its checkpoints, and who vouches for them (ROLLOUTS 9).

use super::ticket::proof;
use super::trust::{Way, signed, signed_then};
use crate::chain_view::{ChainView, kept, state_of};
use crate::error::{ReadError, RpcRefusal};
use flags::{Gate, Gates};
use light::{BlockProof, FactInBlock, FactProof};
use primitives::{AccountId, Amount, BlockHash, Digest, Epoch, Height, Name, PublicKey, Signature};
use runtime::Genesis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;
use tlog::{Hashes, LogOrigin, Note, NoteAlgorithm, VerifierKey, prove_inclusion};
use witnesses::{Cosignature, LogWitness, MOST_WITNESSES, queries};

/// A block, and that it is of the chain: with the record of the block, which others may have kept, it proves what is in that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProvenBlock {
    /// Its height.
    pub height: Height,
    /// The hash of its header.
    pub hash: BlockHash,
    /// That it is of the chain.
    pub proof: BlockProof,
}

/// What the tree of blocks was in the first block of an epoch, and who signed that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogCheckpoint {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The epoch.
    pub epoch: Epoch,
    /// What the log is called in what is signed.
    pub origin: LogOrigin,
    /// How many leaves the tree had: blocks, genesis among them.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// Those who cosigned it, in the order of their accounts.
    #[schemars(length(max = MOST_WITNESSES))]
    pub cosignatures: Vec<CheckpointCosignature>,
    /// The text that is signed with a line for each cosignature (C2SP `signed-note`); without any there is nothing but the text.
    pub note: String,
}

/// What a witness said of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckpointCosignature {
    /// The account that registered the witness.
    pub account: AccountId,
    /// What its key is called.
    pub name: Name,
    /// The key.
    pub key: PublicKey,
    /// The same for tools of C2SP: the name, a number and the key.
    pub vkey: String,
    /// When it was signed, in seconds since 1970 by the clock of the witness.
    pub timestamp: u64,
    /// What was signed: `cosignature/v1` over the text.
    pub signature: Signature,
}

/// Who vouches for the tree of blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WitnessesOfLog {
    /// The newest block, after which this is so.
    pub height: Height,
    /// Whether the tree grows: the gate `recursive_proofs`.
    pub grows: bool,
    /// Whether anybody can be a witness: the gate `witness_network`, also where it is on for a segment alone.
    pub is_open: bool,
    /// The leaves of the tree; null while there is none.
    pub log_size: Option<u64>,
    /// Its root; null while there is none.
    pub log_root: Option<Digest>,
    /// The newest epoch of which there is a checkpoint.
    pub checkpoint: Option<Epoch>,
    /// The witnesses, in the order of their accounts.
    #[schemars(length(max = MOST_WITNESSES))]
    pub witnesses: Vec<WitnessOfLog>,
}

/// One who vouches for the tree of blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WitnessOfLog {
    /// The account that registered it.
    pub account: AccountId,
    /// What its key is called.
    pub name: Name,
    /// The key.
    pub key: PublicKey,
    /// The same for tools of C2SP: the name, a number and the key.
    pub vkey: String,
    /// Since which epoch.
    pub registered: Epoch,
    /// What it has bonded to itself, without which it is none for long.
    pub bonded: Amount,
    /// Whether it has one of the places for members of the segments of the network's plan.
    pub is_member: bool,
    /// Whether it cosigned the newest checkpoint.
    pub has_cosigned: bool,
}

/// The hashes of a view.
struct HashesOf<'a>(&'a dyn ChainView);

impl Hashes for HashesOf<'_> {
    type Error = ReadError;

    fn node(&self, level: u8, index: u64) -> Result<Digest, ReadError> {
        self.0.log_node(level, index)
    }
}

/// The proof that a fact is on record, for a verifier that trusts the block at `from`, or genesis.
///
/// # Errors
/// As [`block_proof`], and where the record of the block is not kept any more or has no such fact.
pub fn fact_proof(
    view: &dyn ChainView,
    genesis: &Genesis,
    height: Height,
    index: u64,
    from: Height,
) -> Result<FactProof, RpcRefusal> {
    let ProvenBlock { proof, .. } = block_proof(view, genesis, height, from)?;
    let record = kept(view, height, view.record(height)?)?;
    let none =
        || RpcRefusal::Parameter(format!("block {height} has {} facts, and index {index} is none", record.facts.len()));
    Ok(FactProof { fact: FactInBlock::of(&record, index).ok_or_else(none)?, proof })
}

/// The proof that a block is of the chain, for a verifier that trusts the block at `from`, or genesis: under the newest header where the
/// tree of blocks has it, also of one that was pruned; else under its own.
///
/// # Errors
/// [`RpcRefusal::GateOff`] where the block was pruned and the tree stands still, [`RpcRefusal::NoCertificate`] where the own header of
/// genesis would be needed, [`RpcRefusal::NoTrust`] when no headers kept here lead from `from` there, and a store that cannot be read.
pub fn block_proof(
    view: &dyn ChainView,
    genesis: &Genesis,
    height: Height,
    from: Height,
) -> Result<ProvenBlock, RpcRefusal> {
    let (state, newest) = (state_of(view), view.head()?.at.height);
    if height > newest {
        return Err(ReadError::NotYet { height, head: newest }.into());
    }
    let grows = grows(&state);
    let size = queries::log(&state).filter(|_| grows).map_or(0, |log| log.frontier.size());
    let Some(inclusion) = prove_inclusion(&HashesOf(view), height.0, size)? else {
        return direct(view, genesis, height, from).map_err(|refusal| without_tree(refusal, grows));
    };
    let lost = || ReadError::Failed(format!("the hash of block {height} is missing from the store"));
    let hash = view.block_hash(height)?.ok_or_else(lost)?;
    let head = signed(view, genesis, newest)?.trimmed();
    let hops = Way::from(view, genesis, from)?.to(&head)?;
    let log = proof(view, queries::log_key(), newest)?;
    Ok(ProvenBlock { height, hash, proof: BlockProof::Tree { hops, head, log, inclusion } })
}

/// The proof of a block under its own header.
fn direct(view: &dyn ChainView, genesis: &Genesis, height: Height, from: Height) -> Result<ProvenBlock, RpcRefusal> {
    if height == Height(0) {
        return Err(RpcRefusal::NoCertificate);
    }
    if from > height {
        return Err(RpcRefusal::Parameter(format!(
            "no tree of blocks has block {height}, so it is proven by its own header, and from block {from} trust does not go back; ask \
             from a block before it, or from genesis"
        )));
    }
    let head = signed_then(view, genesis, height)?.trimmed();
    let hops = Way::from(view, genesis, from)?.before(height)?.to(&head)?;
    Ok(ProvenBlock { height, hash: head.header.hash(), proof: BlockProof::Direct { hops, head } })
}

/// That a block is gone is no news where a tree would have its hash.
fn without_tree(refusal: RpcRefusal, grows: bool) -> RpcRefusal {
    match refusal {
        RpcRefusal::Read(ReadError::Pruned { height, earliest }) if !grows => {
            RpcRefusal::GateOff { gate: Gate::RecursiveProofs, height, earliest }
        }
        other => other,
    }
}

/// The checkpoint of an epoch; without one, the newest.
///
/// # Errors
/// [`RpcRefusal::NoLog`] where there is none.
pub(crate) fn log_checkpoint(state: &State, height: Height, epoch: Option<Epoch>) -> Result<LogCheckpoint, RpcRefusal> {
    let none = || RpcRefusal::NoLog { epoch };
    let epoch = epoch.or_else(|| queries::newest_checkpoint(state).map(|(epoch, _)| epoch)).ok_or_else(none)?;
    let checkpoint = queries::signed_checkpoint(state, epoch).ok_or_else(none)?;
    let text = checkpoint.text();
    let cosigned = queries::cosignatures(state, epoch);
    let lines =
        cosigned.iter().map(|(_, said)| verifier(&said.name, &said.key).cosigned(said.timestamp, &said.signature));
    let lines: Vec<_> = lines.collect();
    let note = if lines.is_empty() { text } else { Note { text, lines }.to_string() };
    let cosignatures = cosigned.into_iter().map(|(account, said)| CheckpointCosignature::of(account, said)).collect();
    Ok(LogCheckpoint {
        height,
        epoch,
        origin: checkpoint.origin,
        size: checkpoint.size,
        root: checkpoint.root,
        cosignatures,
        note,
    })
}

/// Who vouches for the tree.
pub(crate) fn witnesses_of_log(state: &State, height: Height) -> WitnessesOfLog {
    let log = queries::log(state);
    let checkpoint = queries::newest_checkpoint(state).map(|(epoch, _)| epoch);
    let witness = |(account, LogWitness { name, key, registered, is_member })| WitnessOfLog {
        account,
        vkey: verifier(&name, &key).to_string(),
        name,
        key,
        registered,
        bonded: staking::queries::bonded(state, &account, &account),
        is_member,
        has_cosigned: checkpoint.is_some_and(|epoch| queries::has_cosigned(state, epoch, &account)),
    };
    WitnessesOfLog {
        height,
        grows: grows(state),
        is_open: Gates::of(state).is_on(Gate::WitnessNetwork),
        log_size: log.as_ref().map(|log| log.frontier.size()),
        log_root: log.as_ref().map(|log| log.frontier.root()),
        checkpoint,
        witnesses: queries::witnesses(state).into_iter().map(witness).collect(),
    }
}

impl CheckpointCosignature {
    fn of(account: AccountId, said: Cosignature) -> Self {
        let Cosignature { name, key, timestamp, signature } = said;
        Self { account, vkey: verifier(&name, &key).to_string(), name, key, timestamp, signature }
    }
}

fn grows(state: &State) -> bool {
    Gates::of(state).is_on(Gate::RecursiveProofs)
}

/// The key of a witness, as notes know it.
fn verifier(name: &Name, key: &PublicKey) -> VerifierKey {
    VerifierKey { name: name.to_string(), algorithm: NoteAlgorithm::Cosignature, key: *key }
}
