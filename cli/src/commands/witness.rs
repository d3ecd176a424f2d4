//! `contract witness`.

use super::keys;
use super::sending::{ToCall, send, write};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::witness::{CosignCheckpoint, ProveWitness, RegisterWitness, RetireWitness, WitnessArgs};
use crate::failure::{Failure, failed, usage};
use crate::render::log as render;
use crate::session::Session;
use crate::submit;
use host::clock;
use primitives::{AccountId, ChainId, PublicKey, SecretKey, Signature};
use rpc::api::AuditApiClient as _;
use runtime::Call;
use serde::Serialize;
use tlog::{Checkpoint, cosigned_bytes};
use witnesses::witness_key_proof;

/// That an account may register a key.
#[derive(Debug, Serialize)]
struct ProvenKey {
    /// The network.
    chain_id: ChainId,
    /// The account.
    account: AccountId,
    /// The key.
    public_key: PublicKey,
    /// What shows it.
    proof: Signature,
}

impl ProvenKey {
    /// By the key itself; the node is asked for a network that is not named.
    async fn by(
        session: &Session,
        key: &SecretKey,
        account: AccountId,
        chain_id: Option<&ChainId>,
    ) -> Result<Self, Failure> {
        let chain_id = match chain_id {
            Some(named) => named.clone(),
            None => session.chain_id().await?,
        };
        let proof = key.sign(&witness_key_proof(&chain_id, &account));
        Ok(Self { chain_id, account, public_key: key.public(), proof })
    }
}

/// Does what was asked about witnesses.
///
/// # Errors
/// When the node does not answer or a key cannot be used, and see [`crate::submit::send`].
pub async fn run(command: WitnessArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        WitnessArgs::Register(arguments) => register(session, &arguments).await,
        WitnessArgs::Prove(arguments) => prove(session, &arguments).await,
        WitnessArgs::Cosign(arguments) => cosign(session, &arguments).await,
        WitnessArgs::Retire(arguments) => send(session, &arguments).await,
        WitnessArgs::List => list(session).await,
    }
}

async fn list(session: &Session) -> Result<CommandAnswer, Failure> {
    let view = session.node.audit_witnesses().await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::witnesses(&session.screen, &view))
}

/// Registers a key that is here, or one that was shown elsewhere to be the account's.
async fn register(session: &Session, arguments: &Send<RegisterWitness>) -> Result<CommandAnswer, Failure> {
    let Send { call: RegisterWitness { name, witness_key, public_key, proof }, writing } = arguments;
    let sender = keys::read(&writing.key, &writing.passphrase)?;
    let (key, proof) = match (witness_key, public_key, proof) {
        (Some(file), ..) => {
            let key = keys::read(file, &writing.passphrase)?;
            let proven = ProvenKey::by(session, &key, sender.account(), writing.chain_id.as_ref()).await?;
            (proven.public_key, proven.proof)
        }
        (None, Some(key), Some(proof)) => (*key, *proof),
        (None, ..) => return Err(usage("name the key with --witness-key, or with both --public-key and --proof")),
    };
    let call = Call::Witnesses(witnesses::Call::Register { name: name.clone(), key, proof });
    submit::send(session, &sender, writing, call).await
}

async fn prove(session: &Session, arguments: &ProveWitness) -> Result<CommandAnswer, Failure> {
    let ProveWitness { witness_key, passphrase, account, chain_id } = arguments;
    let key = keys::read(witness_key, passphrase)?;
    let proven = ProvenKey::by(session, &key, *account, chain_id.as_ref()).await?;
    // One line each, never wrapped: they are copied and parsed.
    let text = format!("public key {}\nproof {}\n", proven.public_key, proven.proof);
    CommandAnswer::new(&proven, text)
}

/// Signs the text of a checkpoint, whose root is the one that was named.
async fn cosign(session: &Session, arguments: &Send<CosignCheckpoint>) -> Result<CommandAnswer, Failure> {
    let Send { call: CosignCheckpoint { epoch, root, witness_key }, writing } = arguments;
    let key = keys::read(witness_key, &writing.passphrase)?;
    let found = session.node.audit_checkpoint(Some(*epoch)).await.map_err(|error| session.explain(error))?;
    if found.root != *root {
        return Err(failed(format!(
            "the node says that the tree of epoch {epoch} has root {}, and --root names {root}; nothing is signed, find out which of them \
             is of this network before anything is",
            found.root
        )));
    }
    let checkpoint = Checkpoint { origin: found.origin, size: found.size, root: *root };
    let timestamp = clock::now().0 / 1_000;
    let signature = key.sign(&cosigned_bytes(timestamp, &checkpoint));
    let call = witnesses::Call::Cosign { epoch: *epoch, timestamp, signature };
    write(session, writing, Call::Witnesses(call)).await
}

impl ToCall for RetireWitness {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Witnesses(witnesses::Call::Retire))
    }
}
