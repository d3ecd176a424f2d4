//! Sealed proposals: the file that opens one is the very call that reveals it, as JSON.

use crate::failure::{Failure, failed, usage};
use primitives::{AccountId, Digest};
use rand::RngCore;
use releases::{Call, Manifest, ReleaseVote};
use std::path::Path;

/// Takes the manifest out of the vote that `proposer` proposes and puts its seal there; the manifest and a new salt go to a file
/// first, so that they are not lost. A file that seals the same already is used again, as after a refusal or a dry run.
///
/// # Errors
/// A file that cannot be written, and one that holds something else.
pub fn seal(file: &Path, proposer: AccountId, vote: &mut ReleaseVote) -> Result<(), Failure> {
    let manifest = std::mem::take(&mut vote.manifest);
    let salt = match kept(file)? {
        Some(Call::Reveal { build_hash, proposer: sealed_by, manifest: kept, salt })
            if (build_hash, sealed_by) == (vote.build_hash, proposer) && *kept == manifest =>
        {
            salt
        }
        Some(_) => {
            return Err(usage(format!(
                "{} holds another sealed release and is not overwritten; name another file with --sealed",
                file.display()
            )));
        }
        None => keep(file, proposer, vote, &manifest)?,
    };
    vote.sealed = Some(manifest.seal(&proposer, &vote.build_hash, &salt));
    Ok(())
}

/// The call that opens a sealed proposal.
///
/// # Errors
/// A file that is missing or holds something else.
pub fn opened(file: &Path) -> Result<runtime::Call, Failure> {
    let missing = || usage(format!("there is no file {}; name the one that `--sealed` wrote", file.display()));
    kept(file)?.map(runtime::Call::Releases).ok_or_else(missing)
}

fn keep(file: &Path, proposer: AccountId, vote: &ReleaseVote, manifest: &Manifest) -> Result<Digest, Failure> {
    let mut salt = Digest([0; 32]);
    rand::rngs::OsRng.fill_bytes(&mut salt.0);
    let call = Call::Reveal { build_hash: vote.build_hash, proposer, manifest: Box::new(manifest.clone()), salt };
    let text = serde_json::to_string_pretty(&call).map_err(failed)?;
    files::create_new(file, Some(0o600), text.as_bytes())
        .map_err(|error| failed(format!("{} cannot be written: {error}; name another --sealed", file.display())))?;
    Ok(salt)
}

/// What a file opens; none where there is no file.
fn kept(file: &Path) -> Result<Option<Call>, Failure> {
    let text = files::if_there(files::read_text(file)).map_err(|error| {
        let next = files::remedy_or(&error, "name the file that `--sealed` wrote");
        usage(format!("{} cannot be read: {error}; {next}", file.display()))
    })?;
    let Some(text) = text else { return Ok(None) };
    match serde_json::from_str(&text) {
        Ok(call @ Call::Reveal { .. }) => Ok(Some(call)),
        _ => Err(usage(format!("{} opens no sealed proposal; name the file that `--sealed` wrote", file.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{BuildHash, Text};
    use std::os::unix::fs::PermissionsExt;

    const ANN: AccountId = AccountId([1; 32]);

    fn vote(version: &str) -> ReleaseVote {
        let mut vote = runtime::testing::release_vote(&runtime::testing::genesis(), BuildHash([1; 32]), 2);
        vote.manifest.version = Text::new(version);
        vote
    }

    #[test]
    fn t17_what_is_proposed_holds_the_seal_and_the_file_opens_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sealed.json");
        let mut sealed = vote("1.4.1");
        seal(&file, ANN, &mut sealed).unwrap();
        assert_eq!(sealed.manifest, Manifest::default());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let runtime::Call::Releases(Call::Reveal { build_hash, proposer, manifest, salt }) = opened(&file).unwrap()
        else {
            panic!()
        };
        assert_eq!((build_hash, proposer), (sealed.build_hash, ANN));
        assert_eq!(*manifest, vote("1.4.1").manifest);
        assert_eq!(manifest.seal(&ANN, &build_hash, &salt), sealed.sealed.unwrap());

        let mut again = vote("1.4.1");
        seal(&file, ANN, &mut again).unwrap();
        assert_eq!(again.sealed, sealed.sealed, "after a refusal the same seal is proposed");
        let other = seal(&file, ANN, &mut vote("1.4.2")).unwrap_err();
        assert_eq!(other.exit_code(), 2);
        assert!(other.to_string().contains("is not overwritten"), "{other}");
        let of_another = seal(&file, AccountId([2; 32]), &mut vote("1.4.1")).unwrap_err();
        assert!(of_another.to_string().contains("is not overwritten"), "{of_another}");
        let another = folder.path().join("another.json");
        let mut salted = vote("1.4.1");
        seal(&another, ANN, &mut salted).unwrap();
        assert_ne!(salted.sealed, sealed.sealed, "every seal has a salt of its own");
    }

    #[test]
    fn a_file_that_opens_nothing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notes.json");
        assert!(opened(&file).unwrap_err().to_string().contains("there is no file"));
        std::fs::write(&file, "{}").unwrap();
        assert!(opened(&file).unwrap_err().to_string().contains("opens no sealed proposal"));
    }
}
