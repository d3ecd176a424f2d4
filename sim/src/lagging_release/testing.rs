//! A quiet future for the tests of this folder: nothing goes wrong in it but what a test does.

use super::fleet::Fleet;
use super::happens::Happens;
use super::options::Options;
use super::plan::Plan;
use super::setting::Setting;
use crate::chance::Chance;
use crate::network::Network;
use crate::run::Run;
use crate::world::Moment;
use clap::Parser;

#[derive(Parser)]
struct TypedOptions {
    #[command(flatten)]
    options: Options,
}

/// What goes wrong where nobody says otherwise.
const FAULTS: [&str; 7] = ["--bad", "--revoke", "--lies", "--outages", "--crashes", "--full-disks", "--without-first"];

/// The built-in network with these options, and none of the faults that they do not name.
pub(super) fn setting(arguments: &str) -> Setting {
    broken_setting(arguments, None)
}

/// The same with a rule broken, if one is named.
fn broken_setting(arguments: &str, rule: Option<&str>) -> Setting {
    let quiet = FAULTS.into_iter().filter(|fault| !arguments.contains(fault)).flat_map(|fault| [fault, "0"]);
    let words = ["lagging_release"].into_iter().chain(quiet).chain(arguments.split_whitespace());
    Setting::new(&TypedOptions::parse_from(words).options, Network::small(), rule).unwrap()
}

/// Does something with a fleet at the beginning of its future.
pub(super) fn with_own_fleet(arguments: &str, test: impl FnOnce(Fleet<'_>)) {
    with_broken_fleet(arguments, None, test);
}

/// The same with a rule broken, if one is named.
pub(super) fn with_broken_fleet(arguments: &str, rule: Option<&str>, test: impl FnOnce(Fleet<'_>)) {
    let setting = broken_setting(arguments, rule);
    let plan = Plan::make(&setting, &mut Chance::of(0));
    let mut run = Run::new(0, false);
    test(Fleet::begin(&setting, &plan, Chance::of(1), &mut run).unwrap());
}

/// The same where the future does not end.
pub(super) fn with_fleet(arguments: &str, test: impl FnOnce(&mut Fleet<'_>)) {
    with_own_fleet(arguments, |mut fleet| test(&mut fleet));
}

/// Nothing happens until a moment.
pub(super) fn wait_until(fleet: &mut Fleet<'_>, at: Moment) {
    fleet.world.at(at, Happens::Glance);
    while fleet.now() < at {
        fleet.world.next();
    }
}
