//! Versions, compared as they are sent, without taking memory: SemVer 2.0.0, as the crate `semver` reads it.

use std::cmp::Ordering;

/// A version that others are compared with.
#[derive(Debug, Clone)]
pub(super) struct KeptVersion {
    core: [u64; 3],
    pre: Box<str>,
}

impl KeptVersion {
    /// `None` when the text is no version.
    pub fn new(text: &str) -> Option<Self> {
        read(text).map(|(core, pre)| Self { core, pre: pre.into() })
    }

    /// How a text compares with it as a version; builds of one version are the same. None when the text is no version.
    pub fn compared(&self, text: &str) -> Option<Ordering> {
        let (core, pre) = read(text)?;
        Some(core.cmp(&self.core).then_with(|| precedence(pre, &self.pre)))
    }
}

/// The three numbers, and what stands behind the hyphen; empty where nothing does.
fn read(text: &str) -> Option<([u64; 3], &str)> {
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
    let is_whole = build.is_none_or(|build| build.split('.').all(is_identifier))
        && pre.is_none_or(|pre| pre.split('.').all(|part| is_identifier(part) && !has_idle_zero(part)));
    let mut numbers = core.split('.').map(number);
    let core = [numbers.next()??, numbers.next()??, numbers.next()??];
    (is_whole && numbers.next().is_none()).then_some((core, pre.unwrap_or_default()))
}

fn number(text: &str) -> Option<u64> {
    (is_number(text) && !has_idle_zero(text)).then(|| text.parse().ok()).flatten()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn has_idle_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && is_number(text)
}

/// What comes before a version is before it; parts are compared one by one, numbers as such and before words.
fn precedence(one: &str, other: &str) -> Ordering {
    match (one.is_empty(), other.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => one.split('.').map(Part).cmp(other.split('.').map(Part)),
    }
}

/// One of the parts between the dots.
#[derive(PartialEq, Eq)]
struct Part<'t>(&'t str);

impl Ord for Part<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (is_number(self.0), is_number(other.0)) {
            (true, true) => self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.0.cmp(other.0),
        }
    }
}

impl PartialOrd for Part<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
