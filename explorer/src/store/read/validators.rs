//! Who decides blocks, and who signs releases.

use super::{Index, all, chain, meta, natural, offset, one, typed};
use crate::answers::{BuildShare, SignersAnswer, ValidatorAnswer, ValidatorsAnswer};
use crate::fold::APPLIED_THRESHOLD;
use crate::fold::work::{FoldError, parsed};
use primitives::{Amount, BuildHash, Moment};
use releases::RosterRecord;
use rpc::views::{PageOf, ReleaseSigners};
use sqlx::Row as _;
use std::collections::BTreeMap;

/// The validators of the newest block's epoch, and what they run.
///
/// # Errors
/// The database cannot be read.
pub async fn validators(index: &Index) -> Result<ValidatorsAnswer, FoldError> {
    let epoch = index.head().await?.at.epoch;
    let set = chain::validators_of(&index.pool, epoch).await?;
    let mut validators = Vec::new();
    for validator in &set.validators {
        let sql = "SELECT n.build_hash AS running, h.at, r.version FROM heard h \
                   LEFT JOIN running n ON n.node=h.node \
                   LEFT JOIN release_history r ON r.build_hash=n.build_hash WHERE h.node=$1";
        let row = one(&index.pool, sql, vec![validator.account.to_string().into()]).await?;
        let running: Option<String> = row.as_ref().and_then(|row| row.get("running"));
        validators.push(ValidatorAnswer {
            account: validator.account,
            power: validator.power,
            running: running.map(|hash| typed("a build", &hash)).transpose()?,
            version: row.as_ref().and_then(|row| row.get("version")),
            last_receipt: row.map(|row| parsed::<Moment>("a receipt", row.get("at"))).transpose()?,
        });
    }
    Ok(ValidatorsAnswer { epoch, total_power: set.total_power(), builds: shares(&validators), validators })
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

/// The signers now, and every roster there ever was; none before genesis is in the index.
///
/// # Errors
/// The database cannot be read.
pub async fn signers(index: &Index, page: u64, page_size: u32) -> Result<Option<SignersAnswer>, FoldError> {
    let sql = "SELECT version, record FROM rosters ORDER BY version DESC LIMIT 1";
    let Some(row) = one(&index.pool, sql, Vec::new()).await? else { return Ok(None) };
    let current = parsed::<RosterRecord>("a roster", row.get("record"))?.roster;
    let sql = "SELECT record FROM rosters ORDER BY version DESC LIMIT $1 OFFSET $2";
    let range = vec![u64::from(page_size).into(), natural(offset(page, page_size)).into()];
    let entries = all(&index.pool, sql, range).await?;
    let entries: Result<Vec<_>, _> = entries.iter().map(|row| parsed("a roster", row.get(0))).collect();
    let threshold = meta(&index.pool, APPLIED_THRESHOLD).await?.unwrap_or(current.threshold);
    let current = ReleaseSigners {
        signers: current.signers.to_vec(),
        threshold,
        required: current.threshold,
        roster: current.version,
    };
    let history = PageOf { total: current.roster, page, page_size, entries: entries? };
    Ok(Some(SignersAnswer { current, history }))
}
