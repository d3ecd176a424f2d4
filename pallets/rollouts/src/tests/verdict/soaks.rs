//! Soaks, to the millisecond and to the epoch.

use super::scene::{CHANGE, Scene, asking, moment, waiting};
use crate::change::ChangeState;
use crate::check::{Ask, SoakSince};
use crate::deadline::ChangeDeadline;
use crate::plan::EMERGENCY;
use crate::storage::MARKS;
use crate::tests::sample::{name, names};
use crate::verdict::FindingState;
use flags::{Setting, Targeting};
use primitives::{ChangeId, Epoch, Path, Span};
use state::Memory;

fn soak(span: Span, since: SoakSince) -> Ask {
    Ask::Soak { stage: name("development"), span, since, unless: names(&["paging_alert", EMERGENCY]) }
}

fn scene(memory: &Memory, span: Span, since: SoakSince) -> Scene<'_> {
    Scene::with(memory, [asking("asked", soak(span, since))])
}

#[test]
fn a_soak_in_hours_is_long_enough_to_the_millisecond() {
    for hours in [48u64, 24] {
        let (memory, span) = (Memory::default(), Span::hours(hours));
        let mut scene = scene(&memory, span, SoakSince::Entered);
        let end = 1_000 + hours * 3_600_000;
        for (running, state) in
            [(end - 1, FindingState::Missing), (end, FindingState::Met), (end + 1, FindingState::Met)]
        {
            scene.at = moment(100, 0, running);
            let finding = scene.ask("asked");
            assert_eq!((finding.state, finding.measured), (state, true), "{hours} h at {running}: {finding:?}");
            let until = (state == FindingState::Missing).then_some(ChangeDeadline::Running(end));
            assert_eq!(finding.until, until);
        }
    }
}

#[test]
fn a_soak_in_epochs_counts_whole_ones_after_its_start() {
    for epochs in [10u64, 7, 3] {
        let memory = Memory::default();
        let mut scene = scene(&memory, Span::Epochs(epochs), SoakSince::Entered);
        for (epoch, state) in
            [(epochs, FindingState::Missing), (epochs + 1, FindingState::Met), (epochs + 2, FindingState::Met)]
        {
            scene.at = moment(100, epoch, 2_000);
            let finding = scene.ask("asked");
            assert_eq!(finding.state, state, "{epochs} epochs in epoch {epoch}: {finding:?}");
            assert_eq!(finding.have, format!("{} of {epochs} epochs", epoch - 1));
            let until = (state == FindingState::Missing).then_some(ChangeDeadline::Epoch(Epoch(epochs + 1)));
            assert_eq!(finding.until, until);
        }
    }
}

#[test]
fn what_happened_in_the_stage_restarts_the_clock() {
    let memory = Memory::default();
    let mut scene = scene(&memory, Span::hours(24), SoakSince::Entered);
    let marked = moment(50, 0, 5_000);
    MARKS.set(&mut scene.state, &(name("chain"), name("development"), name("paging_alert")), &marked);
    MARKS.set(&mut scene.state, &(name("chain"), name("testnet"), name(EMERGENCY)), &moment(60, 0, 6_000));
    MARKS.set(&mut scene.state, &(name("chain"), name("development"), name("audit_integrity")), &moment(70, 0, 7_000));
    let end = 5_000 + 24 * 3_600_000;
    for (running, state) in [(end - 1, FindingState::Missing), (end, FindingState::Met)] {
        scene.at = moment(100, 0, running);
        let finding = scene.ask("asked");
        assert_eq!(finding.state, state);
        assert!(finding.have.ends_with("restarted by paging_alert"), "{}", finding.have);
    }
}

#[test]
fn a_stage_that_does_not_stand_soaks_nothing() {
    let memory = Memory::default();
    let ask =
        Ask::Soak { stage: name("testnet"), span: Span::Millis(1), since: SoakSince::Entered, unless: names(&[]) };
    let mut scene = Scene::with(&memory, [asking("asked", ask)]);
    scene.at = moment(1_000, 50, u64::MAX);
    assert_eq!(scene.ask("asked").have, "testnet does not stand");
}

#[test]
fn a_verified_soak_starts_when_the_promotion_is_closed() {
    let memory = Memory::default();
    let mut scene = scene(&memory, Span::hours(24), SoakSince::Verified);
    let entered = ChangeId(7);
    scene.stand("development", moment(1, 0, 1_000), entered);
    let mut progress = waiting(moment(1, 0, 1_000));
    progress.state = ChangeState::Active;
    scene.submit(entered, "development", progress.clone());
    scene.at = moment(1_000, 0, 1_000 + 48 * 3_600_000);
    assert_eq!(scene.ask("asked").have, "change 7, which entered development, is not closed");
    (progress.state, progress.since) = (ChangeState::Closed, moment(500, 0, 1_000 + 24 * 3_600_000 + 1));
    scene.submit(entered, "development", progress.clone());
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
    progress.since = moment(500, 0, 1_000 + 24 * 3_600_000);
    scene.submit(entered, "development", progress);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

#[test]
fn a_soak_since_a_flag_is_on_starts_with_its_value_and_not_while_it_is_off() {
    let memory = Memory::default();
    let mut scene = scene(&memory, Span::Epochs(3), SoakSince::On(name("timetoke_rewards")));
    scene.at = moment(1_000, 40, 40_000);
    assert_eq!(scene.ask("asked").have, "timetoke_rewards is off");
    let setting = Setting { targeting: Targeting::constant(0), since: moment(300, 37, 37_000), by: CHANGE };
    flags::apply::set(&mut scene.state, &name("chain"), &name("timetoke_rewards"), &Path::ROOT, &setting);
    assert_eq!(scene.ask("asked").have, "2 of 3 epochs");
    scene.at = moment(1_100, 41, 41_000);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}
