//! The proposals that stop something, the end of support, and the amendment.

use crate::args::motions::{Amend, Cancel, EndOfSupport, Minimum, Revoke};
use crate::commands::manifest_file::{ManifestFile, distinct, paired, signed};
use crate::commands::sending::ToMotion;
use crate::failure::{Failure, usage};
use governance::Intervention;
use primitives::List;
use releases::Motion as Release;
use runtime::Motion;

impl ToMotion for Revoke {
    fn to_motion(&self) -> Result<Motion, Failure> {
        let build_hashes = List::try_from(self.hashes.clone()).map_err(|_| {
            let (have, most) = (self.hashes.len(), releases::MAX_REVOKED);
            usage(format!("{have} builds are more than the {most} that one proposal can revoke; propose twice"))
        })?;
        Ok(Motion::Releases(Release::Revoke { build_hashes, reason: self.reason.clone() }))
    }
}

impl ToMotion for Minimum {
    fn to_motion(&self) -> Result<Motion, Failure> {
        let motion = Release::RaiseMinimumSequence { minimum: self.sequence, reason: self.reason.clone() };
        Ok(Motion::Releases(motion))
    }
}

impl ToMotion for EndOfSupport {
    fn to_motion(&self) -> Result<Motion, Failure> {
        Ok(Motion::Releases(Release::EndSupport { build_hash: self.hash, epoch: self.epoch }))
    }
}

impl ToMotion for Amend {
    fn to_motion(&self) -> Result<Motion, Failure> {
        let file = ManifestFile::read(&self.manifest)?;
        file.require(self.hash)?;
        let pairs = distinct(paired(&self.signers, &self.manifest_signatures, "--manifest-signature")?)?;
        let ManifestFile { chain_id, build_hash, platform, manifest, .. } = file;
        let manifest = Box::new(signed(manifest, (build_hash, &platform), pairs, &chain_id)?);
        Ok(Motion::Releases(Release::Amend { build_hash, manifest }))
    }
}

impl ToMotion for Cancel {
    fn to_motion(&self) -> Result<Motion, Failure> {
        Ok(Motion::Governance(Intervention::Cancel { proposal_id: self.id, reason: self.reason.clone() }))
    }
}
