//! Who decides blocks, and what they run.

use super::answer::{BuildShare, MOST_LATEST, OffenceAnswer, ValidatorAnswer, ValidatorsAnswer};
use super::{OFFENCE_COUNT, UNENFORCED_COUNT};
use crate::answers::Match;
use crate::store::column::{parsed, typed};
use crate::store::table::natural;
use crate::store::{Index, QueryError, Readers};
use crate::topics::accounts;
use primitives::{AccountId, Amount, BuildHash, ChainPosition, Epoch, Height};
use releases::Advertisement;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use staking::ValidatorSet;
use std::collections::BTreeMap;

/// The validators of an epoch; an empty set when it is not known.
pub(crate) async fn validators_of(readers: &Readers, epoch: Epoch) -> Result<ValidatorSet, QueryError> {
    set_of(readers, "SELECT validators FROM elections WHERE epoch=$1", epoch).await
}

/// The candidates of an epoch, whose power counts for all else than decisions of blocks; an empty set when it is not known.
pub(crate) async fn candidates_of(readers: &Readers, epoch: Epoch) -> Result<ValidatorSet, QueryError> {
    set_of(readers, "SELECT candidates FROM elections WHERE epoch=$1", epoch).await
}

async fn set_of(readers: &Readers, sql: &'static str, epoch: Epoch) -> Result<ValidatorSet, QueryError> {
    let row = readers.one(sql, vec![epoch.0.into()]).await?;
    Ok(row.map(|row| parsed("a validator set", row.get(0))).transpose()?.unwrap_or_default())
}

/// The candidates of the newest block's epoch.
pub(crate) async fn candidates_now(index: &Index) -> Result<ValidatorSet, QueryError> {
    candidates_of(index.readers(), index.head().await?.at.epoch).await
}

/// Who decides the blocks of an epoch alone; none where a quorum does.
pub(crate) async fn sealer_of(index: &Index, epoch: Epoch) -> Result<Option<AccountId>, QueryError> {
    let row = index.one("SELECT sealer FROM elections WHERE epoch=$1", vec![epoch.0.into()]).await?;
    let sealer: Option<String> = row.and_then(|row| row.get("sealer"));
    Ok(sealer.map(|sealer| typed("a validator", &sealer)).transpose()?)
}

/// What a node last said that it runs and knows, and the block in which it did; none of one that never did, or may not any more.
pub(crate) async fn advertised(index: &Index, node: &AccountId) -> Result<Option<(Height, Advertisement)>, QueryError> {
    let row = index.one("SELECT height, said FROM advertised WHERE node=$1", vec![node.to_string().into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let said: Option<String> = row.get("said");
    let said = said.map(|said| parsed("an advertisement", &said)).transpose()?;
    Ok(said.map(|said| (Height(natural(row.get("height"))), said)))
}

/// The validator with a key, for a search.
pub(crate) async fn found_by_key(index: &Index, key: &str) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT 1 FROM powers WHERE validator=$1 LIMIT 1", vec![key.into()]).await?;
    Ok(row.map(|_| Match::new("validator", key, format!("/validators#v-{key}"))))
}

/// The validators of the newest block's epoch, and what they run.
///
/// # Errors
/// The database cannot be read.
pub async fn validators(index: &Index) -> Result<ValidatorsAnswer, QueryError> {
    let epoch = index.head().await?.at.epoch;
    let set = validators_of(index.readers(), epoch).await?;
    let mut validators = Vec::new();
    for validator in &set.validators {
        let sql = "SELECT n.build_hash AS running, h.at, r.version FROM heard h \
                   LEFT JOIN running n ON n.node=h.node \
                   LEFT JOIN release_history r ON r.build_hash=n.build_hash WHERE h.node=$1";
        let row = index.one(sql, vec![validator.account.to_string().into()]).await?;
        let running: Option<String> = row.as_ref().and_then(|row| row.get("running"));
        validators.push(ValidatorAnswer {
            account: validator.account,
            power: validator.power,
            running: running.map(|hash| typed("a build", &hash)).transpose()?,
            version: row.as_ref().and_then(|row| row.get("version")),
            last_receipt: row.map(|row| parsed::<ChainPosition>("a receipt", row.get("at"))).transpose()?,
        });
    }
    let (builds, offences) = (shares(&validators), offences(index).await?);
    let members = validators.iter().map(|validator| validator.account);
    let punished = offences.iter().flat_map(|offence| [offence.punished.validator, offence.punished.reporter]);
    let described = accounts::read::described(index, members.chain(punished).collect()).await?;
    Ok(ValidatorsAnswer {
        epoch,
        total_power: set.total_power(),
        validators,
        builds,
        offence_count: index.count(OFFENCE_COUNT.into()).await?,
        offences,
        unenforced_count: index.count(UNENFORCED_COUNT.into()).await?,
        unenforced: unenforced(index).await?,
        described,
    })
}

/// The latest epochs in which nothing that validators sign is punished.
async fn unenforced(index: &Index) -> Result<Vec<Epoch>, QueryError> {
    let sql = "SELECT epoch FROM unenforced ORDER BY epoch DESC LIMIT $1";
    let rows = index.all(sql, vec![(MOST_LATEST as u64).into()]).await?;
    Ok(rows.iter().map(|row| Epoch(natural(row.get("epoch")))).collect())
}

/// The latest punishments.
async fn offences(index: &Index) -> Result<Vec<OffenceAnswer>, QueryError> {
    let sql = "SELECT o.offence, j.until FROM offences o LEFT JOIN jailed j ON j.validator=o.validator \
               ORDER BY o.recorded DESC, o.validator, o.epoch LIMIT $1";
    let rows = index.all(sql, vec![(MOST_LATEST as u64).into()]).await?;
    let offence = |row: &AnyRow| -> Result<OffenceAnswer, QueryError> {
        let until: Option<i64> = row.get("until");
        let punished = parsed("an offence", row.get("offence"))?;
        Ok(OffenceAnswer { punished, jailed_until: until.map(|epoch| Epoch(natural(epoch))) })
    };
    rows.iter().map(offence).collect()
}

fn shares(validators: &[ValidatorAnswer]) -> Vec<BuildShare> {
    let mut shares: BTreeMap<Option<BuildHash>, BuildShare> = BTreeMap::new();
    for validator in validators {
        let (build_hash, version) = (validator.running, validator.version.clone());
        let none = BuildShare { build_hash, version, validators: 0, power: Amount::ZERO };
        let share = shares.entry(build_hash).or_insert(none);
        share.validators += 1;
        share.power = share.power.saturating_add(validator.power);
    }
    let mut shares: Vec<BuildShare> = shares.into_values().collect();
    shares.sort_by_key(|share| (share.build_hash.is_none(), std::cmp::Reverse(share.power)));
    shares
}
