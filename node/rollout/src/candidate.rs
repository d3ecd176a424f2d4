//! Which release is looked for.

use releases::{ApprovedRelease, Standing, Target};

/// The newest of some releases that is newer than the one that runs, of which the number is given, that governance has not taken out of
/// use, and that suits the machine.
pub fn newest(
    releases: impl IntoIterator<Item = ApprovedRelease>,
    running: u64,
    suits: impl Fn(&Target) -> bool,
) -> Option<ApprovedRelease> {
    let newer = releases.into_iter().filter(|release| {
        release.sequence > running && suits(&release.target) && matches!(release.standing, Standing::Active)
    });
    newer.max_by_key(|release| release.sequence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{BuildHash, Epoch, Reason};

    #[test]
    fn what_is_older_of_another_machine_or_out_of_use_is_not_looked_for() {
        let genesis = runtime::testing::genesis();
        let hash: BuildHash = genesis.releases.approved[0].build_hash;
        let memory = genesis.build();
        let first = releases::queries::release(&state::State::over(&memory), &hash).unwrap();
        let number = |sequence: u64| ApprovedRelease { sequence, ..first.clone() };
        let (reason, effective_epoch) = (Reason::new("it leaks").unwrap(), Epoch(9));
        let revoked = ApprovedRelease { standing: Standing::Revoked { reason, effective_epoch }, ..number(9) };
        let found = |running: u64, suits: bool| {
            let all = [number(3), number(7), revoked.clone(), number(5)];
            newest(all, running, |_| suits).map(|release| release.sequence)
        };
        assert_eq!((found(3, true), found(6, true)), (Some(7), Some(7)));
        assert_eq!((found(7, true), found(3, false)), (None, None));
    }
}
