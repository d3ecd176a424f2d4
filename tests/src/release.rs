//! Release proposals, right or wrong at one place.

use crate::TestWallet;
use governance::TrackName;
use primitives::{BuildHash, ChainId, Epoch, List, PublicKey};
use releases::{Attestations, Manifest, ReleaseAttestation, ReleaseVote, SignedRoot, manifest_message};
use runtime::Call;
use runtime::testing::{approve, propose_for};
use update::release_file::host_platform;

/// A proposal before it is sent; every part can be spoiled.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What is to be approved.
    pub vote: ReleaseVote,
    /// The epoch at whose start voting ends.
    pub deadline: Option<Epoch>,
}

/// A signer's attestation of a hash.
pub fn attest(signer: &TestWallet, hash: BuildHash) -> ReleaseAttestation {
    signed(signer, &hash.attestation_message())
}

fn signed(signer: &TestWallet, message: &[u8]) -> ReleaseAttestation {
    ReleaseAttestation { signer: signer.0.public(), signature: signer.0.sign(message) }
}

impl Draft {
    /// A release that the rules allow: signed by `signers`, as many as needed, for the roster given.
    pub fn of(hash: BuildHash, signers: &[TestWallet], roster: &[PublicKey]) -> Self {
        let signatures: Vec<_> = signers.iter().map(|signer| attest(signer, hash)).collect();
        let vote = ReleaseVote {
            build_hash: hash,
            platform: host_platform(),
            signature_threshold: u32::try_from(signatures.len()).unwrap_or(u32::MAX),
            signatures: List::truncate_from(signatures),
            signer_set: List::truncate_from(roster.to_vec()),
            manifest: Manifest::default(),
            sealed: None,
        };
        Self { vote, deadline: None }
    }

    /// As [`of`](Self::of), with something said about the release that `signers` have signed for a network.
    pub fn described(&self, said: Manifest, signers: &[TestWallet], chain_id: &ChainId) -> Self {
        let root = said.root(self.vote.build_hash, &self.vote.platform);
        let message = manifest_message(chain_id, &root);
        let signatures: Attestations =
            List::truncate_from(signers.iter().map(|signer| signed(signer, &message)).collect());
        self.spoiled(|vote| vote.manifest = Manifest { signed_root: Some(SignedRoot { root, signatures }), ..said })
    }

    /// As [`of`](Self::of), with one thing spoiled.
    pub fn spoiled(&self, spoil: impl FnOnce(&mut ReleaseVote)) -> Self {
        let mut draft = self.clone();
        spoil(&mut draft.vote);
        draft
    }

    /// What a transaction asks for.
    pub fn call(&self) -> Call {
        propose_for(TrackName::Routine, approve(self.vote.clone()), self.deadline, None)
    }
}
