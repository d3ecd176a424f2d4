//! The chain as a whole, and what happens on it.

use crate::chain_view::{ChainView, state_of};
use crate::error::ReadError;
use crate::views::{BlockPace, Deadline, Descriptions};
use accounts::{FeeSchedule, queries::fees};
use parity_scale_codec::DecodeAll;
use primitives::{AccountId, Amount, BlockHash, ChainId, Digest, Epoch, Height, StateRoot, Timestamp};
use releases::{Levels, MinimumStep};
use runtime::{CHAIN, ChainParams, ConsensusParams, Limits};
use runtime::{Certificate, Error, Event, Fact, Record};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use staking::ValidatorSet;
use state::{State, StateProof};

/// What a client needs to know before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainStatus {
    /// The network.
    pub chain_id: ChainId,
    /// The BLAKE3 of the genesis.
    pub genesis_hash: Digest,
    /// The newest block.
    pub height: Height,
    /// Its hash.
    pub hash: BlockHash,
    /// The state after it.
    pub state_root: StateRoot,
    /// Its time.
    pub time: Timestamp,
    /// Who proposed it.
    pub proposer: AccountId,
    /// Its epoch.
    pub epoch: Epoch,
    /// Blocks in an epoch.
    pub epoch_length: u64,
    /// The level in force for the next block: whoever knows less cannot read all that this network says, and does not go on.
    #[serde(default)]
    pub level: u32,
    /// The level in force and those that are decided, each with its first epoch.
    #[serde(default)]
    pub levels: Levels,
    /// When the next epoch begins.
    pub next_epoch: Deadline,
    /// From one block to the next, in milliseconds, on average over the last hundred.
    pub block_ms: u64,
    /// The first height this node keeps.
    pub earliest: Height,
    /// Who decides the blocks of this epoch, with power.
    pub validators: ValidatorSet,
    /// The power of all together.
    pub total_power: Amount,
    /// Who decides blocks alone, from the next epoch on at the latest: the network is sealed. Null where a quorum does.
    #[serde(default)]
    pub sealer: Option<AccountId>,
    /// The epochs in which nothing that validators sign is punished, because the gate `consensus_enforcement` was off when they began: of
    /// those for which evidence can still be brought, the oldest first.
    #[serde(default)]
    pub unenforced: Vec<Epoch>,
    /// Bounds on blocks and transactions.
    pub limits: Limits,
    /// Timing of consensus.
    pub consensus: ConsensusParams,
    /// What transactions cost at least, all of it burned.
    pub fees: FeeSchedule,
    /// What the validators and the block's proposer say of themselves.
    #[serde(default)]
    pub described: Descriptions,
}

/// The rules that governance runs by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GovernanceParams")]
pub struct ParamsView {
    /// The chain.
    pub chain: ChainParams,
    /// Votes.
    pub governance: governance::GovernanceParams,
    /// Stake.
    pub staking: staking::StakingParams,
    /// Releases.
    pub releases: releases::ReleaseParams,
    /// What transactions cost at least, all of it burned.
    pub fees: FeeSchedule,
    /// The epoch now.
    pub epoch: Epoch,
    /// The number of the latest release.
    pub latest_sequence: u64,
    /// The least number of a release that may run.
    pub minimum_sequence: u64,
    /// The raises of it that are decided and have not come yet, the earliest first.
    pub minimum_sequence_ahead: Vec<MinimumStep>,
}

/// A raw storage key. Text: the key itself when it is printable and does not start with `0x`, else `0x` and its hex.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
pub struct StorageKey(#[schemars(with = "String")] pub Vec<u8>);

/// What a raw storage key is after the newest block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateValue {
    /// The key.
    pub key: StorageKey,
    /// The SCALE encoding of its value, as hex; null when it has none.
    #[schemars(with = "Option<primitives::Hex>")]
    pub value: Option<String>,
    /// The newest block.
    pub height: Height,
    /// The state after it.
    pub state_root: StateRoot,
}

/// A proof, and the header field to check it against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateProofAt {
    /// The block.
    pub height: Height,
    /// The state after it: `state_root` of the header of that height.
    pub state_root: StateRoot,
    /// The ICS-23 proof.
    pub proof: StateProof,
}

/// A block of a decided height: its hash beside what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Hashed{T}")]
pub struct WithHash<T> {
    /// The hash of the header.
    pub hash: BlockHash,
    /// What was asked for.
    #[serde(flatten)]
    pub answer: T,
}

/// A block's record with the precommits that decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertifiedRecord {
    /// The header and the facts that it commits to.
    #[serde(flatten)]
    pub record: Record,
    /// The precommits; none at genesis, which nobody voted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// What a subscription brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}Feed")]
#[serde(rename_all = "snake_case")]
pub enum Feed<T> {
    /// The next one.
    Item(T),
    /// The last message: the subscriber is dropped, because it was too slow or its connection had to give its place to another.
    /// Nothing before `resume_from` is missing.
    Dropped {
        /// How many blocks were not sent.
        missed: u64,
        /// The height to subscribe from again.
        resume_from: Height,
    },
    /// The last message: the node could not go on.
    Failed {
        /// Why.
        reason: String,
        /// The height to subscribe from again.
        resume_from: Height,
    },
}

/// One fact about proposals or releases, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GovernanceEvent {
    /// The block.
    pub height: Height,
    /// Its time.
    pub time: Timestamp,
    /// The fact's place in the block's record, from 0.
    pub index: u64,
    /// The fact.
    pub fact: Fact,
    /// The refusal as a sentence; null when it was granted.
    pub refusal: Option<String>,
}

pub(crate) fn status(view: &dyn ChainView, genesis_hash: Digest) -> Result<ChainStatus, ReadError> {
    let (head, state) = (view.head()?, state_of(view));
    let chain = CHAIN.require(&state);
    let pace = BlockPace::measure(view, chain.epoch_length, chain.consensus.block_time_ms)?;
    let validators = staking::queries::validator_set(&state, head.at.epoch);
    let members = validators.validators.iter().map(|member| member.account);
    let described = Descriptions::of(&state, members.chain([head.header.proposer]));
    let levels = releases::queries::levels(&state);
    Ok(ChainStatus {
        chain_id: chain.chain_id,
        genesis_hash,
        height: head.at.height,
        hash: head.hash,
        state_root: head.header.state_root,
        time: head.at.time,
        proposer: head.header.proposer,
        epoch: head.at.epoch,
        epoch_length: chain.epoch_length,
        level: levels.at(head.at.height.next().epoch(chain.epoch_length)),
        levels,
        next_epoch: pace.start_of(head.at.epoch.next()),
        block_ms: pace.block_ms,
        earliest: view.earliest()?,
        total_power: validators.total_power(),
        validators,
        sealer: staking::queries::sealer(&state),
        unenforced: staking::queries::unenforced(&state, head.at.epoch),
        limits: chain.limits,
        consensus: chain.consensus,
        fees: fees(&state),
        described,
    })
}

pub(crate) fn governance_params(state: &State, epoch: Epoch) -> ParamsView {
    let minimum = releases::queries::minimum_sequence(state);
    ParamsView {
        chain: CHAIN.require(state),
        governance: governance::queries::params(state),
        staking: staking::queries::params(state),
        releases: releases::queries::params(state),
        fees: fees(state),
        epoch,
        latest_sequence: releases::queries::latest_sequence(state),
        minimum_sequence: minimum.at(epoch),
        minimum_sequence_ahead: minimum.ahead(epoch).collect(),
    }
}

/// The facts of a record about governance, refusals included.
pub(crate) fn governance_events(record: Record) -> Vec<GovernanceEvent> {
    let (height, time) = (record.header.height, record.header.time);
    // Every pallet is named, so that a new one is asked whether it is about governance.
    let about = |fact: &Fact| match &fact.outcome {
        Ok(Event::Governance(_) | Event::Releases(_) | Event::Roles(_) | Event::Flags(_)) => true,
        Ok(Event::Artifacts(_) | Event::Cases(_) | Event::Rollouts(_)) => true,
        Err(Error::Governance(_) | Error::Releases(_) | Error::Roles(_) | Error::Flags(_)) => true,
        Err(Error::Artifacts(_) | Error::Cases(_) | Error::Rollouts(_)) => true,
        Ok(Event::Accounts(_) | Event::Staking(_) | Event::Rewards(_)) => false,
        Ok(Event::Witnesses(_) | Event::Chain(_)) => false,
        Err(Error::Accounts(_) | Error::Staking(_) | Error::Rewards(_) | Error::Witnesses(_)) => false,
    };
    (0u64..)
        .zip(record.facts)
        .filter(|(_, fact)| about(fact))
        .map(|(index, fact)| {
            let refusal = fact.outcome.as_ref().err().map(ToString::to_string);
            GovernanceEvent { height, time, index, fact, refusal }
        })
        .collect()
}

impl StateValue {
    /// The value, read as what the key's cell has; none when the key has no value.
    ///
    /// # Errors
    /// What was answered is no encoding of that, for whoever asks to say.
    pub fn decoded<T: DecodeAll>(&self) -> Result<Option<T>, String> {
        let Some(digits) = &self.value else { return Ok(None) };
        let bytes = hex::decode(digits).map_err(|error| error.to_string())?;
        T::decode_all(&mut bytes.as_slice()).map(Some).map_err(|error| error.to_string())
    }
}

impl std::str::FromStr for StorageKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(digits) = text.strip_prefix("0x") else { return Ok(Self(text.as_bytes().to_vec())) };
        hex::decode(digits).map(Self).map_err(|error| format!("a storage key after 0x is hex: {error}"))
    }
}

impl std::fmt::Display for StorageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.starts_with("0x") => {
                f.write_str(text)
            }
            _ => write!(f, "0x{}", hex::encode(&self.0)),
        }
    }
}

impl Serialize for StorageKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StorageKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
