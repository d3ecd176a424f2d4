//! How much a plan has, and how much it may have (ROLLOUTS 6.1).

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The most flags of a plan.
pub const MOST_FLAGS: u32 = 1_024;
/// The most settings of a plan, of all flags at all paths.
pub const MOST_SETTINGS: u32 = 8_192;
/// The most segments of a plan.
pub const MOST_SEGMENTS: u32 = 64;
/// The most members of a segment.
pub const MOST_MEMBERS_OF_SEGMENT: u32 = 256;
/// The most names of attributes that the rules of a plan ask, beside the targeting key.
pub const MOST_ATTRIBUTES: u32 = 64;
/// The most bytes of a plan's flags, settings and segments, as they are stored, without their keys.
pub const MOST_FLAGS_BYTES: u32 = 1024 * 1024;

/// How much a plan has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FlagCounts {
    /// Flags; at most [`MOST_FLAGS`].
    pub flags: u32,
    /// Settings; at most [`MOST_SETTINGS`].
    pub settings: u32,
    /// Segments; at most [`MOST_SEGMENTS`].
    pub segments: u32,
    /// Names of attributes that its rules ask; at most [`MOST_ATTRIBUTES`].
    pub attributes: u32,
    /// Bytes of all of them; at most [`MOST_FLAGS_BYTES`].
    pub bytes: u32,
}

/// How much of that is at the paths of one tenant, or of all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct TenantFlags {
    /// Settings.
    pub settings: u32,
    /// Where flags are disabled, each flag and path for one.
    pub disabled: u32,
    /// Names of attributes that these settings ask.
    pub attributes: u32,
    /// Bytes of these settings.
    pub bytes: u32,
}

impl FlagCounts {
    /// Counts the bytes of what takes the place of something.
    pub(crate) fn weigh(&mut self, before: Option<u32>, after: Option<u32>) {
        self.bytes = weighed(self.bytes, before, after);
    }
}

impl TenantFlags {
    /// Counts the bytes of what takes the place of something.
    pub(crate) fn weigh(&mut self, before: Option<u32>, after: Option<u32>) {
        self.bytes = weighed(self.bytes, before, after);
    }
}

fn weighed(bytes: u32, before: Option<u32>, after: Option<u32>) -> u32 {
    bytes.saturating_sub(before.unwrap_or_default()).saturating_add(after.unwrap_or_default())
}

/// How many bytes something takes.
pub(crate) fn size(value: &impl Encode) -> u32 {
    u32::try_from(value.encoded_size()).unwrap_or(u32::MAX)
}

/// How many there are of what a list has; plans have far fewer.
pub(crate) fn few(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
