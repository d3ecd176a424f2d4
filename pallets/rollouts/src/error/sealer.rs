//! Why an account is not taken as the one that decides blocks alone.

use parity_scale_codec::{Decode, Encode};
use primitives::AccountId;
use serde::{Deserialize, Serialize};

/// What is wrong with who is to decide blocks alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SealerFlaw {
    /// A change that takes the quorum away names nobody.
    #[codec(index = 0)]
    #[error("this change ends that validators decide by quorum and names nobody who decides alone; name a validator")]
    Missing,
    /// A change that leaves the quorum names somebody.
    #[codec(index = 1)]
    #[error(
        "this change leaves who decides blocks as it is, and names somebody who would decide alone; leave that out"
    )]
    Needless,
    /// Who is named is no validator in force.
    #[codec(index = 2)]
    #[error("{0} is no validator in force, and whoever decides blocks alone is one; name one")]
    NotInSet(AccountId),
    /// Nothing shows that it is alive.
    #[codec(index = 3)]
    #[error("nothing shows that {0} is alive; bring a certificate of the epoch before that it signed")]
    Unproven(AccountId),
    /// The certificate that was brought shows nothing.
    #[codec(index = 4)]
    #[error(
        "the certificate is not of the epoch before, or {0} did not sign it, or a signature is not valid; bring one that \
         holds"
    )]
    BadProof(AccountId),
}
