//! A statement about one key that anyone can check against a state root.

use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, HostFunctionsManager, verify_membership, verify_non_membership};
use parity_scale_codec::{Decode, Encode};
use primitives::StateRoot;
use prost::Message;
use serde::{Deserialize, Serialize};

/// What a key was at a height, and the ICS-23 proof of it.
///
/// In JSON, bytes are hex. Any ICS-23 implementation verifies [`proof`](Self::proof) with the specification
/// [`proof_spec`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StateProof {
    /// The raw storage key.
    #[serde(with = "hex::serde")]
    #[cfg_attr(feature = "schema", schemars(with = "primitives::Hex"))]
    pub key: Vec<u8>,
    /// Its value; `None` when the key has none.
    #[serde(with = "optional_hex")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<primitives::Hex>"))]
    pub value: Option<Vec<u8>>,
    /// A `cosmos.ics23.v1.CommitmentProof`, as protobuf.
    #[serde(with = "hex::serde")]
    #[cfg_attr(feature = "schema", schemars(with = "primitives::Hex"))]
    pub proof: Vec<u8>,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The bytes are not a commitment proof.
    #[error("the proof is not an ICS-23 commitment proof: {0}")]
    Malformed(String),
    /// The bytes say the same as another, shorter or ordered, encoding; only one encoding is accepted.
    #[error("the proof is not in canonical protobuf form")]
    NotCanonical,
    /// The proof is about another value, key or root.
    #[error("the proof does not show that {} {} under state root {root}", crate::tree::printable(key), claim(*present))]
    Refuted {
        /// The key.
        key: Vec<u8>,
        /// Whether a value is claimed, or that there is none.
        present: bool,
        /// The root it was checked against.
        root: StateRoot,
    },
}

fn claim(present: bool) -> &'static str {
    if present { "has the claimed value" } else { "has no value" }
}

/// The ICS-23 specification of the state tree.
pub fn proof_spec() -> ics23::ProofSpec {
    jmt::ics23_spec()
}

impl StateProof {
    /// Checks the claim against the state root of a header that is trusted.
    pub fn verify(&self, root: StateRoot) -> Result<(), ProofError> {
        let proof =
            CommitmentProof::decode(self.proof.as_slice()).map_err(|error| ProofError::Malformed(error.to_string()))?;
        if proof.encode_to_vec() != self.proof {
            return Err(ProofError::NotCanonical);
        }
        let (spec, root_bytes) = (proof_spec(), root.as_bytes().to_vec());
        let holds = match (&self.value, &proof.proof) {
            (Some(value), Some(Proof::Exist(_))) => {
                verify_membership::<HostFunctionsManager>(&proof, &spec, &root_bytes, &self.key, value)
            }
            // The `ics23` crate compares the key of an existence proof, but not of this one.
            (None, Some(Proof::Nonexist(absence))) => {
                absence.key == self.key
                    && verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root_bytes, &self.key)
            }
            _ => false,
        };
        if holds {
            return Ok(());
        }
        Err(ProofError::Refuted { key: self.key.clone(), present: self.value.is_some(), root })
    }
}

mod optional_hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Hex(#[serde(with = "hex::serde")] Vec<u8>);

    pub fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.clone().map(Hex).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Hex>::deserialize(deserializer)?.map(|hex| hex.0))
    }
}
