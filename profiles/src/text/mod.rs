//! A plan as text again: the profile that it could have been read from, and the page that people read.

mod checks;
mod fields;
mod markdown;
mod page;
mod toml;

pub use self::markdown::markdown;
pub use self::toml::toml;

use primitives::Name;

/// Names with commas between them.
fn listed<'n>(names: impl IntoIterator<Item = &'n Name>) -> String {
    names.into_iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}

/// The days of a week that a window has, as a profile names them.
fn days(bits: u8) -> String {
    let every = crate::profile::DAYS.iter().zip(0_u32..);
    let days: Vec<&str> =
        every.filter(|(_, bit)| bits.checked_shr(*bit).unwrap_or(0) & 1 == 1).map(|(day, _)| *day).collect();
    if days.len() == crate::profile::DAYS.len() { "mon..sun".into() } else { days.join(",") }
}

/// The time of a minute of the day, such as 08:00.
fn time(minute: u16) -> String {
    format!("{:02}:{:02}", minute.checked_div(60).unwrap_or(0), minute.checked_rem(60).unwrap_or(0))
}
