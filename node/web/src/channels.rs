//! Channels: a plan, and the digest of a path, of who reads there, and of the token by which it was asked. The same on every node, so that
//! it works behind a balancer; and whoever has no such token can neither make it of the name of a tenant, nor find that name by it.

use flags::FlagReader;
use primitives::{Name, Path};
use quick_cache::sync::Cache;
use std::time::Duration;
use tokio::time::Instant;

/// How many are remembered; of others nobody knows here what they are about. Whoever has many named once, such as by names of branches
/// that there are not, drives out others of its kind, and none that is asked about again and again.
const MOST_REMEMBERED: usize = 16_384;
/// How long one is remembered after it was named in an answer.
const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 3_600);
/// The digits of its digest.
const DIGITS: usize = 32;

/// The channel of a path of a plan, as a reader sees it, for whoever has the token of a hash; without one, of a plan that is public, for
/// anybody.
pub(crate) fn of(plan: &Name, scope: &Path, reader: FlagReader, token: Option<&[u8; 32]>) -> String {
    let reader: &[u8] = if reader == FlagReader::Client { b"client" } else { b"server" };
    let mut hasher = match token {
        Some(token) => blake3::Hasher::new_keyed(token),
        None => blake3::Hasher::new(),
    };
    for part in [b"the-block/channel/v1", plan.as_str().as_bytes(), scope.as_str().as_bytes(), reader] {
        // No name has it, so no two are the same bytes.
        hasher.update(part).update(&[0]);
    }
    let digest = hasher.finalize().to_hex();
    format!("{plan}.{}", digest.get(..DIGITS).unwrap_or(&digest))
}

/// The plan of what looks like a channel.
pub(crate) fn plan_in(channel: &str) -> Option<Name> {
    let (plan, digest) = channel.rsplit_once('.')?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (digest.len() == DIGITS && digest.bytes().all(is_hex)).then(|| Name::new(plan)).flatten()
}

/// A channel that was named in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedChannel {
    /// The path.
    pub scope: Path,
    /// Who reads there.
    pub reader: FlagReader,
    /// Whether it was named to a verified token, whose page then does not compete with strangers.
    pub by_token: bool,
    at: Instant,
}

/// The channels that were named in answers.
#[derive(Debug)]
pub(crate) struct Channels(Cache<String, NamedChannel>);

impl Default for Channels {
    fn default() -> Self {
        Self(Cache::new(MOST_REMEMBERED))
    }
}

impl Channels {
    /// Remembers a channel that an answer names.
    pub fn name(&self, channel: &str, scope: &Path, reader: FlagReader, by_token: bool) {
        let by_token = by_token || self.named(channel).is_some_and(|known| known.by_token);
        self.0.insert(channel.to_owned(), NamedChannel { scope: scope.clone(), reader, by_token, at: Instant::now() });
    }

    /// What a channel is about that was named here in the last day.
    pub fn named(&self, channel: &str) -> Option<NamedChannel> {
        self.0.get(channel).filter(|known| known.at.elapsed() < REMEMBERED_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    #[test]
    fn a_channel_is_the_same_everywhere_and_names_no_tenant() {
        let token = Some(&[1; 32]);
        let channel = of(&name("pos.eu"), &path("PROD/tenant-one"), FlagReader::Client, token);
        assert_eq!(channel, of(&name("pos.eu"), &path("PROD/tenant-one"), FlagReader::Client, token));
        assert!(!channel.contains("tenant"), "{channel}");
        assert_eq!(plan_in(&channel), Some(name("pos.eu")));
        let others = [
            of(&name("pos.eu"), &path("PROD/tenant-one"), FlagReader::Server, token),
            of(&name("pos.eu"), &path("PROD"), FlagReader::Client, token),
            of(&name("pos"), &path("PROD/tenant-one"), FlagReader::Client, token),
            of(&name("pos.eu"), &path("PROD/tenant-one"), FlagReader::Client, Some(&[2; 32])),
            of(&name("pos.eu"), &path("PROD/tenant-one"), FlagReader::Client, None),
        ];
        assert!(!others.contains(&channel));
    }

    #[test]
    fn what_is_no_channel_has_no_plan() {
        let digest = "0".repeat(DIGITS);
        for bad in ["", "pos", "pos.", "pos.1f", &digest, &format!(".{digest}"), &format!("pos.{}", "A".repeat(DIGITS))]
        {
            assert_eq!(plan_in(bad), None, "{bad}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_channel_is_remembered_for_a_day_after_it_was_named() {
        let channels = Channels::default();
        channels.name("a", &path("PROD"), FlagReader::Client, false);
        assert!(!channels.named("a").unwrap().by_token);
        channels.name("a", &path("PROD"), FlagReader::Client, true);
        tokio::time::advance(REMEMBERED_FOR - Duration::from_secs(1)).await;
        assert!(channels.named("a").unwrap().by_token && channels.named("b").is_none());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(channels.named("a"), None);
    }

    #[test]
    fn whoever_has_many_named_drives_out_none_that_is_asked_about_again_and_again() {
        let channels = Channels::default();
        (0..2).for_each(|_| channels.name("page", &path("PROD/t1"), FlagReader::Client, true));
        for number in 0..4 * MOST_REMEMBERED {
            channels.name(&number.to_string(), &path("PROD/t2/none"), FlagReader::Client, true);
        }
        assert!(channels.named("page").is_some_and(|page| page.by_token));
        assert!(channels.0.len() <= MOST_REMEMBERED + MOST_REMEMBERED / 8, "{} are remembered", channels.0.len());
    }
}
