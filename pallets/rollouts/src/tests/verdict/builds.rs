//! The build of a promotion: approved, with what is asked for, tested, on the nodes, and with one before it to go back to.

use super::scene::{ANN, BEN, CHANGE, DAN, Scene, asking, word_about};
use crate::check::{AboutKind, Ask, Refs};
use crate::plans::FIRST_CHANGE;
use crate::standing::StageStanding;
use crate::statement::{StatementOutcome, StatementSubject};
use crate::storage::STANDINGS;
use crate::tests::sample::{name, names};
use crate::verdict::FindingState;
use primitives::{AccountId, BuildHash, Digest};
use releases::{InstallStage, StageName, StageNodes, StageReport};
use state::{Apply, Memory};

fn build(sbom: bool, provenance: bool, commit_of: &[&str]) -> Ask {
    Ask::Build { sbom, provenance, commit_of: names(commit_of) }
}

#[test]
fn a_build_is_named_and_approved_and_has_what_is_asked_for() {
    let memory = Memory::default();
    let checks = [asking("sbom", build(true, false, &[])), asking("signed", build(false, true, &[]))];
    let mut scene = Scene::with(&memory, checks);
    assert_eq!(scene.ask("signed").have, "the change names no build");
    scene.name_build(6);
    assert_eq!(scene.ask("signed").have, "the build is not approved");
    scene.approve(6, None);
    assert_eq!((scene.ask("signed").state, scene.ask("signed").measured), (FindingState::Met, true));
    assert_eq!(
        (scene.ask("sbom").state, scene.ask("sbom").missing),
        (FindingState::Missing, vec!["its sbom".to_owned()])
    );
}

#[test]
fn a_build_is_of_the_commit_that_was_tested_below() {
    let smoke = Ask::Word { about: AboutKind::Artifact, predicate: None, refs: Refs::Any, within: None };
    for (commit, state) in
        [(Some("c0ffee"), FindingState::Met), (Some("decaf"), FindingState::Missing), (None, FindingState::Missing)]
    {
        let memory = Memory::default();
        let checks = [asking("asked", build(false, false, &["smoke"])), asking("smoke", smoke.clone())];
        let mut scene = Scene::with(&memory, checks);
        scene.approve(5, Some("c0ffee"));
        scene.approve(6, commit);
        scene.name_build(6);
        let tested = StageStanding { subject: Some(Digest([5; 32])), since: scene.at, change: FIRST_CHANGE };
        STANDINGS.set(&mut scene.state, &(name("chain"), name("development")), &tested);
        assert_eq!(scene.ask("asked").state, FindingState::Missing, "before anybody tested it");
        let about = StatementSubject::Artifact(Digest([5; 32]));
        scene.says(ANN, "sre", word_about("smoke", about, StatementOutcome::Passed)).unwrap();
        assert_eq!(scene.ask("asked").state, state, "{commit:?}");
    }
}

fn report(scene: &mut Scene<'_>, node: AccountId, stage: InstallStage) {
    let report = StageReport::after(None, 1, stage, scene.at.position());
    let reported = releases::Event::Reported {
        build_hash: BuildHash([6; 32]),
        node,
        report,
        running: None,
        nodes: StageNodes::default(),
    };
    reported.apply(&mut scene.state, scene.at);
}

#[test]
fn every_node_has_come_as_far_as_is_asked_and_one_that_failed_has_not() {
    let memory = Memory::default();
    let installed = Ask::Installed { segment: name("validators"), stage: StageName::Booted };
    let mut scene = Scene::with(&memory, [asking("asked", installed)]);
    scene.name_build(6);
    report(&mut scene, ANN, InstallStage::Healthy);
    report(&mut scene, BEN, InstallStage::Booted);
    report(&mut scene, DAN, InstallStage::Staged);
    let finding = scene.ask("asked");
    assert_eq!((finding.state, finding.have.as_str()), (FindingState::Missing, "2 of 3 nodes"));
    assert_eq!(finding.missing, [DAN.to_string()]);
    report(&mut scene, DAN, InstallStage::RolledBack { reason: "it halted".parse().unwrap() });
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
    report(&mut scene, DAN, InstallStage::Booted);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

#[test]
fn there_is_an_earlier_build_to_go_back_to_or_none_is_asked_of_the_first() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", Ask::Recoverable)]);
    scene.name_build(6);
    assert_eq!(scene.ask("asked").have, "no build is approved");
    scene.approve(6, None);
    assert_eq!(scene.ask("asked").have, "no earlier build may run");
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", Ask::Recoverable)]);
    scene.approve(5, None);
    scene.approve(6, None);
    scene.name_build(6);
    assert_eq!((scene.ask("asked").state, scene.ask("asked").have.as_str()), (FindingState::Met, "release 5 may run"));
    scene.approve(1, None);
    scene.name_build(1);
    assert_eq!(scene.ask("asked").have, "release 1 is the first that may run");
    assert_eq!(scene.change().id, CHANGE);
}
