//! What decided a block, as the chain stores it and as Malachite has it.

use super::context::{Address, BlockHeight, ChainContext};
use anyhow::{Context as _, anyhow};
use arc_malachitebft_core_types::{CommitCertificate, ExtendedCommitCertificate, ExtendedCommitSignature, Round};
use runtime::Certificate;

/// Malachite's certificate as the chain stores it: in the order of the accounts, checkable without Malachite.
///
/// # Errors
/// Nothing that was decided: it has no round, or more signatures than there are validators.
pub fn chain_certificate(decided: CommitCertificate<ChainContext>) -> anyhow::Result<Certificate> {
    let round = decided.round.as_u32().context("a decision without a round")?;
    let mut signatures: Vec<_> = decided.commit_signatures.into_iter().map(|by| (by.address.0, by.signature)).collect();
    signatures.sort();
    let signatures = signatures.try_into().map_err(|_| anyhow!("a decision with more signatures than validators"))?;
    Ok(Certificate { height: decided.height.0, round, block: decided.value_id, signatures })
}

/// The chain's certificate as Malachite checks it.
pub fn core_certificate(certificate: Certificate) -> ExtendedCommitCertificate<ChainContext> {
    let signature = |(by, signature)| ExtendedCommitSignature::new(Address(by), signature, None);
    ExtendedCommitCertificate {
        height: BlockHeight(certificate.height),
        round: Round::new(certificate.round),
        value_id: certificate.block,
        commit_signatures: certificate.signatures.into_iter().map(signature).collect(),
    }
}
