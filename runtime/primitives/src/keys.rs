//! Ed25519 keys and the one rule by which a signature is valid.

use crate::bytes::byte_string;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use parity_scale_codec::{Decode, Encode};

byte_string!(
    /// An Ed25519 public key.
    PublicKey, 32
);
byte_string!(
    /// An Ed25519 signature.
    Signature, 64
);
byte_string!(
    /// An account, which is the Ed25519 public key that signs for it. A validator's account is its consensus key.
    AccountId, 32
);

impl PublicKey {
    /// Whether `signature` is this key's over `message`, by `verify_strict`: a canonical `S`, no small-order key or `R`,
    /// no cofactor. This is the only rule in the product (RFC 8032 section 5.1.7, strict form).
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)))
            .is_ok()
    }

    /// Whether the bytes are a point that signatures can be checked against: on the curve, not of small order, and in the one
    /// canonical encoding of that point.
    pub fn is_usable(&self) -> bool {
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| !key.is_weak() && key.to_edwards().compress().0 == self.0)
    }
}

impl AccountId {
    /// The key that signs for this account.
    pub fn key(&self) -> PublicKey {
        PublicKey(self.0)
    }
}

impl From<PublicKey> for AccountId {
    fn from(key: PublicKey) -> Self {
        AccountId(key.0)
    }
}

/// An Ed25519 secret key; wiped from memory when dropped, and never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed (RFC 8032 section 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, for writing the key to a file.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The account this key signs for.
    pub fn account(&self) -> AccountId {
        self.public().into()
    }

    /// Signs; deterministic (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey of {}", self.public())
    }
}
