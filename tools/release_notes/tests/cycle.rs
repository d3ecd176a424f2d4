//! Stories of a cycle.

use primitives::{BuildHash, ChainPosition, Epoch, Height, List, ProposalId, PublicKey, Text, Timestamp};
use release_notes::{Component, EnactedMotion, History, Notes, Since};
use releases::{Amended, ApprovedRelease, Components, Departure, Manifest, Motion, Roster, RosterCause, RosterRecord};
use releases::{Standing, Target};

fn text<const MAX: u32>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

fn build(sequence: u64, hash: u8, components: [Option<&str>; 3]) -> ApprovedRelease {
    let [runtime, transport, storage] = components.map(|name| name.map(text));
    let platform = "x86_64-linux".parse().unwrap();
    let target = Target { build_hash: BuildHash([hash; 32]), platform, sha256: None, size: None };
    ApprovedRelease {
        build_hash: target.build_hash,
        proposal_id: (sequence > 1).then_some(ProposalId(sequence * 10)),
        proposer: None,
        activated_epoch: Epoch(sequence * 100 - 100),
        activated: None,
        sequence,
        level: 1,
        standing: Standing::Active,
        target,
        manifest: Manifest {
            version: Some(text(&format!("{sequence}.0.0"))),
            components: Components { runtime, transport, storage },
            ..Manifest::default()
        },
        signatures: List::default(),
        signature_threshold: 1,
        signer_set: List::default(),
        long_parts: Default::default(),
        support_end: None,
        amended: None,
    }
}

/// A roster, the first of whose keys leaves it in an epoch.
fn left(mut record: RosterRecord, epoch: u64) -> RosterRecord {
    record.leave(Departure { signer: record.roster.signers[0], from_epoch: Epoch(epoch) });
    record
}

fn roster(version: u64, epoch: Option<u64>, keys: &[u8], cause: RosterCause) -> RosterRecord {
    let signers = List::truncate_from(keys.iter().map(|key| PublicKey([*key; 32])).collect());
    let since = epoch.map(|epoch| ChainPosition { height: Height(epoch), epoch: Epoch(epoch), time: Timestamp(0) });
    RosterRecord { roster: Roster { version, signers, threshold: 1 }, since, cause, left: List::default() }
}

/// Three releases, the second with two builds; a roster that changed twice; a revocation.
fn history() -> History {
    let revoke = Motion::Revoke {
        build_hashes: List::truncate_from(vec![BuildHash([2; 32])]),
        reason: "a `bug`".parse().unwrap(),
    };
    History {
        chain_id: text("test|net"),
        height: Height(4000),
        epoch: Epoch(400),
        releases: vec![
            build(3, 9, [None, Some("quic"), Some("redb")]),
            build(1, 1, [Some("tokio"), Some("libp2p"), None]),
            build(2, 4, [Some("tokio"), None, Some("rocksdb")]),
            build(2, 2, [Some("tokio"), None, Some("rocksdb")]),
            build(2, 4, [Some("tokio"), None, Some("rocksdb")]),
        ],
        rosters: vec![
            left(roster(2, Some(150), &[2, 3], RosterCause::Proposal(ProposalId(25))), 250),
            roster(1, None, &[1, 2], RosterCause::Genesis),
        ],
        decisions: vec![EnactedMotion { proposal_id: ProposalId(35), epoch: Epoch(300), motion: revoke }],
    }
    .in_order()
}

#[test]
fn a_backend_switches_where_a_release_names_another_one() {
    let notes = Notes::of(&history(), Since::default());
    let switches: Vec<_> = notes
        .switches
        .iter()
        .map(|s| (s.sequence, s.component, s.from.as_ref().map(Text::as_str), s.to.as_str()))
        .collect();
    assert_eq!(
        switches,
        [
            (1, Component::Runtime, None, "tokio"),
            (1, Component::Transport, None, "libp2p"),
            (2, Component::Storage, None, "rocksdb"),
            (3, Component::Transport, Some("libp2p"), "quic"),
            (3, Component::Storage, Some("rocksdb"), "redb"),
        ]
    );
    let builds: Vec<usize> = notes.releases.iter().map(|release| release.builds.len()).collect();
    assert_eq!(builds, [1, 2, 1], "a release is one entry, whatever it was built for");
}

#[test]
fn each_roster_is_told_against_the_one_before() {
    let notes = Notes::of(&history(), Since::default());
    let changes: Vec<_> = notes
        .rosters
        .iter()
        .map(|keys| {
            let first = |keys: &[PublicKey]| keys.iter().map(|key| key.0[0]).collect::<Vec<_>>();
            (keys.version, keys.epoch.0, first(&keys.joined), first(&keys.left))
        })
        .collect();
    assert_eq!(changes, [(1, 0, vec![1, 2], vec![]), (2, 150, vec![3], vec![1]), (2, 250, vec![], vec![2])]);
}

#[test]
fn a_cycle_begins_with_an_epoch_or_a_proposal() {
    let seen = |since: Since| {
        let notes = Notes::of(&history(), since);
        let numbers = |numbers: Vec<u64>| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        [
            numbers(notes.switches.iter().map(|switch| switch.sequence).collect()),
            numbers(notes.releases.iter().map(|release| release.sequence).collect()),
            numbers(notes.rosters.iter().map(|keys| keys.version).collect()),
            numbers(notes.retirements.iter().map(|decision| decision.proposal_id.0).collect()),
        ]
        .join(" ")
    };
    let epoch = |epoch| Since { epoch: Some(Epoch(epoch)), proposal: None };
    let proposal = |id| Since { epoch: None, proposal: Some(ProposalId(id)) };
    assert_eq!(seen(epoch(100)), "2,3,3 2,3 2,2 35");
    assert_eq!(seen(epoch(101)), "3,3 3 2,2 35");
    assert_eq!(seen(epoch(301)), "   ");
    assert_eq!(seen(proposal(20)), "2,3,3 2,3 2,2 35");
    assert_eq!(seen(proposal(21)), "3,3 3 2,2 35", "a key that left by itself belongs to the cycle of its epoch");
    assert_eq!(seen(proposal(26)), "3,3 3 2 35", "and proposal 30 took effect before it left");
    assert_eq!(seen(proposal(31)), "   35", "which it did before proposal 35 took effect");
    assert_eq!(seen(proposal(36)), "   ");
    assert_eq!(seen(Since { epoch: Some(Epoch(300)), ..proposal(20) }), "   35", "both bounds hold");
}

#[test]
fn an_exported_history_gives_the_same_notes_and_nothing_else_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.json");
    history().export(&file).unwrap();
    assert_eq!(History::of_file(&file).unwrap(), history());
    let again = history().export(&file).unwrap_err().to_string();
    assert!(again.contains("was not overwritten"), "{again}");

    let written = std::fs::read_to_string(&file).unwrap();
    let spoiled = [
        (written.replace("history/1", "history/2"), "and this program reads"),
        (written.replacen("\"height\"", "\"hight\"", 1), "unknown field `hight`"),
        (written[..written.len() / 2].to_owned(), "EOF while parsing"),
    ];
    for (document, sentence) in spoiled {
        std::fs::write(&file, document).unwrap();
        let said = History::of_file(&file).unwrap_err().to_string();
        assert!(said.contains(sentence), "{said}");
    }
    let missing = History::of_file(&folder.path().join("none")).unwrap_err().to_string();
    assert!(missing.contains("cannot be read"), "{missing}");
}

#[test]
fn markdown_shows_what_the_chain_says_as_text() {
    let mut history = history();
    history.releases[3].manifest.version = Some(text("`[x](http://y)`\n# Fake\u{202e}|<b>"));
    let shown = Notes::of(&history, Since::default()).markdown();
    assert!(
        shown
            .starts_with("# What governance approved on `test|net`\n\nSince genesis, up to block 4000 of epoch 400.\n")
    );
    assert!(shown.contains("- transport: `libp2p` to `quic` with release 3, epoch 200, proposal 30\n"), "{shown}");
    assert!(shown.contains("`` `[x](http://y)`\\u{a}# Fake\\u{202e}|<b> ``"), "{shown}");
    assert!(shown.contains(": `` a `bug` ``"), "{shown}");
    assert!(!shown.lines().any(|line| line.starts_with("# Fake")), "{shown}");
    let empty = Notes::of(&history, Since { epoch: Some(Epoch(999)), proposal: None }).markdown();
    assert_eq!(empty.matches("None.").count(), 4, "{empty}");
}

#[test]
fn h09_a_release_that_was_described_anew_says_by_which_decision() {
    let mut history = history();
    let at = ChainPosition { height: Height(3500), epoch: Epoch(350), time: Timestamp(0) };
    let amended = Amended { proposal_id: ProposalId(38), at, signature_threshold: 1, signer_set: List::default() };
    history.releases[3].amended = Some(amended);
    let shown = Notes::of(&history, Since::default()).markdown();
    assert_eq!(shown.matches("- described anew by proposal 38\n").count(), 1, "{shown}");
}

#[test]
fn a_code_span_cannot_be_left() {
    let cases = [
        ("a", "`a`"),
        ("", "`  `"),
        ("`", "`` ` ``"),
        ("a``b`", "``` a``b` ```"),
        (" a", "`  a `"),
        ("é\t", "`é\\u{9}`"),
    ];
    for (name, span) in cases {
        let mut history = history();
        history.releases[0].manifest.version = Some(text(name));
        let shown = Notes::of(&history, Since::default()).markdown();
        assert!(shown.contains(&format!("### Release 1: {span}\n")), "{name:?}: {shown}");
    }
}
