//! How the overlay's status is measured; [`rpc::views::OverlayStatus`] says what it is made of.

use primitives::Timestamp;

/// The one implementation there is; the `backend` of status and metrics.
pub(super) const BACKEND: &str = "libp2p";

/// Seconds since 1970-01-01T00:00:00Z.
pub(super) fn unix_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Such a time in milliseconds.
pub(super) fn millis(seconds: u64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1_000))
}

/// A score as it is shown and stored: two decimals, always a number.
pub(super) fn shown(score: f64) -> f64 {
    if score.is_finite() { (score * 100.0).round() / 100.0 } else { 0.0 }
}
