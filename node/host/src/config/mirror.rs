//! Where a mirror is, as its operator writes it; `update` asks it.

use url::Url;

/// Why a text is not a mirror's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the address of a mirror: {reason}; write it like https://releases.example.org/bin")]
pub struct MirrorError {
    /// What was read.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads the base address of a mirror, under which artifacts are `{hash}.bin`; it ends in a slash.
///
/// # Errors
/// When the text is not an `http` or `https` address.
pub fn mirror_url(text: &str) -> Result<Url, MirrorError> {
    let refuse = |reason: String| MirrorError { text: text.into(), reason };
    let mut base: Url = text.trim().parse().map_err(|error| refuse(format!("{error}")))?;
    if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
        return Err(refuse("it must begin with http:// or https:// and name a host".into()));
    }
    if base.query().is_some() || base.fragment().is_some() {
        return Err(refuse("it must have neither ? nor #".into()));
    }
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    Ok(base)
}
