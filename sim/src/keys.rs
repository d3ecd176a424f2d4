//! The keys of those who take part; everybody can make them, and they are worth nothing anywhere else.

use primitives::SecretKey;

/// What a key is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Decides blocks.
    Validator,
    /// Owns tokens.
    Holder,
    /// Signs releases.
    Signer,
    /// Nobody that the network knows.
    Stranger,
}

/// The key of one of a role.
pub fn key(role: Role, index: u64) -> SecretKey {
    let name: &[u8] = match role {
        Role::Validator => b"sim/validator",
        Role::Holder => b"sim/holder",
        Role::Signer => b"sim/signer",
        Role::Stranger => b"sim/stranger",
    };
    SecretKey::from_seed(blake3::Hasher::new().update(name).update(&index.to_le_bytes()).finalize().as_bytes())
}
