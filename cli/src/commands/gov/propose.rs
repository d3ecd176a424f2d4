//! `contract gov propose-release`: what can be refused here is refused before anything is sent.

use super::release_vote::{Described, Said, describe};
use super::seal::seal;
use crate::answer::CommandAnswer;
use crate::args::Propose;
use crate::args::description::DescribedBuild;
use crate::args::gov::SignedBuild;
use crate::commands::keys;
use crate::commands::manifest_file::signed;
use crate::commands::sending::proposal;
use crate::escape;
use crate::failure::{Failure, failed, refused, usage};
use crate::session::Session;
use crate::submit;
use crate::trust;
use primitives::{List, PublicKey};
use releases::{Error, Motion, ReleaseVote};
use rpc::api::GovApiClient;
use rpc::views::ReleaseSigners;

/// Proposes a release.
///
/// # Errors
/// Signatures that the operator's own rule or the roster does not accept, and everything [`submit::send`] refuses.
pub async fn release(session: &Session, arguments: &Propose<SignedBuild>) -> Result<CommandAnswer, Failure> {
    let Propose { motion: build, timing, writing } = arguments;
    let described = describe(build)?;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let Said { build_hash, platform, manifest } = &described.said;
    trust::require_signed(session, *build_hash, platform, &described.signatures)?;
    let roster = session.node.release_signers().await.map_err(|error| session.explain(error))?;
    if let Some(hint) = hint(&described, &roster, build.threshold) {
        session.say(&hint);
    }
    let DescribedBuild { platform: named, artifact, .. } = &build.build;
    if named.is_none() && artifact.is_none() && build.manifest.is_none() {
        session.say(&format!("The build is proposed for {platform}, as this machine is; --platform names another."));
    }
    if artifact.is_some() && manifest.is_bare() {
        session.say(
            "Its SHA-256 and its size are not said, because no --manifest-signature covers them; `contract release manifest` \
             prints what to sign.",
        );
    }
    let staying = roster.staying();
    let described = signed_here(session, described).await?;
    let mut vote = vote(described, roster, build.threshold)?;
    require_said(&vote)?;
    if let Some(warning) = nothing_to_spare(&vote, &staying) {
        session.say(warning);
    }
    if let Some(file) = &build.sealed {
        seal(file, key.account(), &mut vote)?;
        let file = file.display();
        session.say(&format!(
            "Keep {file}: it alone opens the proposal, with `contract gov reveal --sealed {file}` before the activation."
        ));
    }
    let motion = runtime::Motion::Releases(Motion::Approve(Box::new(vote)));
    let call = proposal(session, motion, *timing).await?;
    submit::send(session, &key, writing, call).await
}

/// The same with the signatures over all that is said, which have to be for the network of the node.
async fn signed_here(session: &Session, described: Described) -> Result<Described, Failure> {
    if described.chain_id.is_none() && described.manifest_signatures.is_empty() {
        return Ok(described);
    }
    let chain_id = session.chain_id().await?;
    if let Some(made_for) = described.chain_id.as_ref().filter(|made_for| **made_for != chain_id) {
        let (made_for, here) = (escape::line(made_for.as_str()), escape::line(chain_id.as_str()));
        return Err(usage(format!(
            "the manifest is for the network {made_for:?}, and the node is on {here:?} (E_DOMAIN); have a manifest of this network \
             signed"
        )));
    }
    let Said { build_hash, platform, manifest } = described.said;
    let signatures = described.manifest_signatures.clone();
    let manifest = if signatures.is_empty() {
        manifest
    } else {
        signed(manifest, (build_hash, &platform), signatures, &chain_id)?
    };
    Ok(Described { said: Said { build_hash, platform, manifest }, ..described })
}

/// What is said needs signatures, and a seal would hide that they are missing.
fn require_said(vote: &ReleaseVote) -> Result<(), Failure> {
    let (build_hash, need) = (vote.build_hash, vote.signature_threshold);
    match vote.manifest.signed_by(&vote.signer_set) {
        Some(have) if have < need => Err(refused(Error::ManifestQuorumMissing { build_hash, have, need })),
        _ => Ok(()),
    }
}

/// What a threshold that was left out comes to, and what the user can do where the signatures do not reach it. The chain refuses it.
fn hint(described: &Described, roster: &ReleaseSigners, threshold: Option<u32>) -> Option<String> {
    let (have, all, least) = (described.signatures.len(), roster.staying().len(), roster.required);
    let allowed = match have {
        few if few < least as usize => format!("no --threshold below {least} is allowed"),
        some if some < all => format!("--threshold {have} is allowed"),
        _ if (least as usize) < all => format!("--threshold could name fewer, {least} at least"),
        _ => "the roster asks for as many".into(),
    };
    threshold
        .is_none()
        .then(|| format!("Note: without --threshold all {all} signers have to sign, and {have} did; {allowed}."))
}

/// What a release risks whose signatures are not enough without one of its signers. That they are too few, the chain says.
fn nothing_to_spare(vote: &ReleaseVote, staying: &[PublicKey]) -> Option<&'static str> {
    let need = vote.signature_threshold;
    let (now, later) = (vote.signed_by(&vote.signer_set), vote.signed_by(staying));
    if now >= need && later < need {
        Some("Warning: a signer leaves with the next epoch, and without it the signatures are too few to pass.")
    } else if later == need {
        Some(
            "Warning: these are no more signatures than it needs. It cannot pass if one of the signers leaves before \
             voting ends; let more of them sign, or need fewer with --threshold.",
        )
    } else {
        None
    }
}

/// The motion for the current roster; refused with the chain's own sentences where it cannot pass.
fn vote(described: Described, roster: ReleaseSigners, threshold: Option<u32>) -> Result<ReleaseVote, Failure> {
    let count = |keys: &[PublicKey]| u32::try_from(keys.len()).unwrap_or(u32::MAX);
    let most = count(&roster.signers);
    let asked = threshold.unwrap_or_else(|| count(&roster.staying()));
    if !(roster.required..=most).contains(&asked) {
        return Err(refused(Error::ThresholdOutOfRange { asked, least: roster.required, most }));
    }
    let unknown = described.signatures.iter().find(|pair| !roster.signers.contains(&pair.signer));
    if let Some(pair) = unknown {
        return Err(refused(Error::UnknownSigner(pair.signer)));
    }
    let Described { said: Said { build_hash, platform, manifest }, signatures, .. } = described;
    let signer_set = List::try_from(roster.signers)
        .map_err(|_| failed("the node names more signers than there can be; nothing is signed, use another node"))?;
    let (signature_threshold, sealed) = (asked, None);
    Ok(ReleaseVote { build_hash, platform, signatures, signature_threshold, signer_set, manifest, sealed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{BuildHash, Epoch, SecretKey};
    use releases::{Departure, Manifest, ReleaseAttestation};

    const HASH: BuildHash = BuildHash([0xab; 32]);

    fn roster() -> ReleaseSigners {
        let signers = (0..3).map(|index| runtime::testing::signer(index).public()).collect();
        ReleaseSigners { signers, left: Vec::new(), threshold: 2, required: 2, roster: 1 }
    }

    /// The same, before the epoch from which its first key signs no longer.
    fn leaving() -> ReleaseSigners {
        let signer = roster().signers[0];
        ReleaseSigners { left: vec![Departure { signer, from_epoch: Epoch(9) }], ..roster() }
    }

    fn described(keys: &[SecretKey]) -> Described {
        let sign = |key: &SecretKey| ReleaseAttestation {
            signer: key.public(),
            signature: key.sign(&HASH.attestation_message()),
        };
        let signatures = List::truncate_from(keys.iter().map(sign).collect());
        let (platform, manifest) = (runtime::testing::platform(), Manifest::default());
        let said = Said { build_hash: HASH, platform, manifest };
        Described { said, signatures, manifest_signatures: List::default(), chain_id: None }
    }

    fn signed(signers: u8) -> Described {
        described(&(0..signers).map(runtime::testing::signer).collect::<Vec<_>>())
    }

    #[test]
    fn a_threshold_left_out_is_the_size_of_the_signer_set() {
        assert_eq!(vote(signed(3), roster(), None).unwrap().signature_threshold, 3);
        assert_eq!(vote(signed(2), roster(), Some(2)).unwrap().signature_threshold, 2);
        assert_eq!(vote(signed(2), roster(), Some(2)).unwrap().signer_set.into_inner(), roster().signers);
    }

    #[test]
    fn a_threshold_of_zero_or_above_the_roster_and_a_stranger_are_refused_as_the_chain_would() {
        for asked in [0, 1, 4] {
            let error = vote(signed(3), roster(), Some(asked)).unwrap_err();
            assert_eq!(error.to_string(), Error::ThresholdOutOfRange { asked, least: 2, most: 3 }.to_string());
        }
        let stranger = SecretKey::from_seed(&[77; 32]);
        let error = vote(described(std::slice::from_ref(&stranger)), roster(), None).unwrap_err();
        assert_eq!(error.to_string(), Error::UnknownSigner(stranger.public()).to_string());
    }

    #[test]
    fn o44_the_threshold_is_said_before_anything_is_signed_and_too_few_signatures_are_the_chains_to_refuse() {
        assert!(vote(signed(2), roster(), None).is_ok());
        assert!(hint(&signed(2), &roster(), None).unwrap().contains("--threshold 2 is allowed"));
        assert_eq!(hint(&signed(2), &roster(), Some(2)), None);
        let said = |signers: u8| hint(&signed(signers), &roster(), None).unwrap();
        assert!(said(1).contains("all 3 signers have to sign, and 1 did; no --threshold below 2"), "{}", said(1));
        assert!(said(3).contains("and 3 did; --threshold could name fewer, 2 at least"), "{}", said(3));
    }

    #[test]
    fn h09_what_is_said_and_not_signed_by_enough_is_refused_before_a_seal_hides_it() {
        let said = Manifest { version: "1.4.0".parse().ok(), ..Manifest::default() };
        let with = |by: &[u8]| {
            let genesis = runtime::testing::genesis();
            let vote = vote(signed(2), roster(), Some(2)).unwrap();
            require_said(&runtime::testing::described(&genesis, vote, said.clone(), by))
        };
        assert!(with(&[0, 1]).is_ok());
        let missing = Error::ManifestQuorumMissing { build_hash: HASH, have: 1, need: 2 };
        assert_eq!(with(&[1]).unwrap_err().to_string(), missing.to_string());
        let bare = vote(signed(2), roster(), Some(2)).unwrap();
        assert!(require_said(&bare).is_ok());
        let unsigned = ReleaseVote { manifest: said.clone(), ..bare };
        assert!(require_said(&unsigned).is_err());
    }

    #[test]
    fn h17_signatures_that_are_not_enough_without_one_of_them_are_warned_about() {
        let said = |signers, threshold, roster: ReleaseSigners| {
            let staying = roster.staying();
            nothing_to_spare(&vote(signed(signers), roster, Some(threshold)).unwrap(), &staying).unwrap_or_default()
        };
        assert!(said(2, 2, roster()).contains("no more signatures than it needs"));
        assert!(said(3, 3, roster()).contains("no more signatures than it needs"));
        assert_eq!(said(3, 2, roster()), "", "one may leave");
        assert_eq!(said(1, 2, roster()), "", "the chain says that these are too few");
        assert!(said(2, 2, leaving()).contains("a signer leaves with the next epoch"));
        assert!(said(3, 2, leaving()).contains("no more signatures than it needs"), "one of three leaves already");
    }

    #[test]
    fn h17_a_threshold_left_out_does_not_wait_for_a_key_that_leaves() {
        let vote = vote(signed(3), leaving(), None).unwrap();
        assert_eq!((vote.signature_threshold, vote.signer_set.into_inner()), (2, leaving().signers));
    }
}
