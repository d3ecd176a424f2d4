//! What a profile comes to, and what is said of one that comes to nothing.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

mod applications;
mod asked;
mod files;

use files::Given;
use flags::Expiry;
use primitives::{Amount, Digest, Fraction, Name, Span};
use profiles::MistakeKind;
use rollouts::check::{Ask, SoakSince};
use rollouts::plan::{ChangeKind, Governs, Limit, Missed, Plan, WindowRule};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The values of a stage, as a bundle has them.
fn gates(plan: &Plan, stage: &str) -> Vec<(String, String)> {
    let stage = plan.stage(&name(stage)).unwrap();
    stage.values.iter().map(|(flag, variant)| (flag.to_string(), variant.to_string())).collect()
}

#[test]
fn req_008_the_chains_profile_sets_exactly_these_gates() {
    let plan = Given::chain().loaded().plan;
    let always = ["pruning", "recursive_proofs", "reconstruction", "consensus_enforcement"];
    let cases = [("development", [0, 0, 0]), ("testnet", [1, 0, 0]), ("canary", [1, 1, 0]), ("mainnet", [1, 1, 1])];
    let stages: Vec<String> = plan.stages.iter().map(|stage| stage.name.to_string()).collect();
    assert_eq!(stages, cases.map(|(stage, _)| stage), "REQ-001: in this order");
    for (stage, moved) in cases {
        let of_stage = ["malachite_consensus", "timetoke_rewards", "witness_network"].into_iter().zip(moved);
        let all = always.into_iter().map(|gate| (gate, 1)).chain(of_stage);
        let expected: Vec<(String, String)> =
            all.map(|(gate, on)| (gate.to_owned(), if on == 1 { "on" } else { "off" }.to_owned())).collect();
        assert_eq!(gates(&plan, stage), expected, "{stage}");
    }
}

#[test]
fn the_chains_profile_is_the_plan_that_its_words_say() {
    let given = Given::chain();
    let loaded = given.loaded();
    let plan = &loaded.plan;
    assert_eq!((plan.name.as_str(), &plan.governs, plan.version), ("chain", &Governs::Node, 1));
    assert_eq!(plan.bundle, Digest::blake3(given.bundle.as_bytes()));
    assert_eq!(plan.profile, Digest::blake3(given.profile.as_bytes()));
    assert_eq!(loaded.bundle_bytes, given.bundle.as_bytes());
    assert_eq!(plan.document.status.as_str(), "Active", "REQ-014");
    assert_eq!((plan.policy.deposit, plan.policy.freeze_at_most), (Amount(1_000), Span::hours(72)));
    assert_eq!((plan.checks.len(), plan.flags.len(), plan.roles.len()), (54, 7, 4));

    let windows: Vec<(&str, &WindowRule)> =
        plan.windows.iter().map(|window| (window.name.as_str(), &window.rule)).collect();
    assert_eq!(windows[0], ("daily", &WindowRule::Weekly { days: 0x7f, from_minute: 480, minutes: 600 }));
    assert_eq!(windows[1], ("twice-weekly", &WindowRule::Weekly { days: 0b1010, from_minute: 540, minutes: 360 }));
    let announced = WindowRule::Announced { notice: Span::days(14), longest: Span::hours(8) };
    assert_eq!(windows[3], ("scheduled-maintenance", &announced));

    let soak = plan.check(&name("mainnet.soak")).unwrap();
    let Ask::Soak { span, since, unless, .. } = &soak.ask else { panic!("{soak:?}") };
    assert_eq!((span, since), (&Span::Epochs(7), &SoakSince::On(name("timetoke_rewards"))));
    assert_eq!(unless.as_slice(), [name("regression"), name("emergency")]);
    let council = plan.check(&name("council.promote")).unwrap();
    let Ask::Vote { ballot } = &council.ask else { panic!("{council:?}") };
    assert_eq!((ballot.share, ballot.within), (Fraction::TWO_THIRDS, Span::days(7)));

    let canary = plan.stage(&name("canary")).unwrap();
    let limit = Limit { flag: name("timetoke_rewards"), segment: name("canary_validators") };
    assert_eq!(canary.limits.as_slice(), [limit]);
    let set = (name("witness_network"), name("on"), Some(name("canary_witnesses")));
    assert_eq!(canary.steps[2].sets.as_slice(), [set]);
    assert_eq!(canary.release_checks[1].owner, Some(name("sre_lead")));

    let disable = plan.procedure(ChangeKind::Disable, None).unwrap();
    assert!(disable.at_once && disable.execute_within == Span::Millis(0));
    assert_eq!((disable.close[0].within, disable.close[0].missed), (Some(Span::hours(24)), Missed::Hold));
    let rewards = plan.flag(&name("timetoke_rewards")).unwrap();
    assert_eq!((rewards.expires, rewards.fallback, rewards.off, rewards.emergency), (Expiry::Never, 1, 1, true));
    let segments: Vec<(&str, usize)> =
        loaded.segments.iter().map(|(name, members)| (name.as_str(), members.len())).collect();
    assert_eq!(segments, [("canary_validators", 0), ("canary_witnesses", 0)]);
}

#[test]
fn req_012_every_section_has_the_hash_of_its_bytes() {
    let mut given = Given::chain();
    let section = "## Restore\n\nStop the node.\n";
    given.documents.push(("docs/storage_recovery.md", format!("# Storage\n\n{section}## After\n")));
    let loaded = given.loaded();
    let found = loaded.references.iter().find(|reference| reference.to_string() == "docs/storage_recovery.md#restore");
    assert_eq!(found.unwrap().hash, Digest::blake3(section.as_bytes()));
    assert_eq!(loaded.references.len(), 11);
}

#[test]
fn a_bundle_with_the_tables_of_another_node_loads_as_it_is_and_has_another_hash() {
    let tables = "\n[network]\nlisten = \"/ip4/0.0.0.0\"\n[network.peers]\nseeds = [\"a\"]\n[network.p2p.gossip]\nfanout = 6\n\
                  [admission_reconciler]\ninterval = 30\n";
    let given = Given::chain();
    let with_tables = Given { bundle: format!("{}{tables}", given.bundle), ..Given::chain() };
    let (plan, other) = (given.loaded().plan, with_tables.loaded().plan);
    assert_eq!(other.bundle, Digest::blake3(with_tables.bundle.as_bytes()));
    assert_eq!(Plan { bundle: plan.bundle, ..other }, plan, "nothing but the hash is of them");
    let stray = Given { bundle: format!("{}\n[networks]\na = 1\n", Given::chain().bundle), ..Given::chain() };
    assert_eq!(stray.fields(MistakeKind::UnknownKey), ["networks.a"]);
}

#[test]
fn req_041_unknown_keys_at_every_depth_are_told_at_once_each_with_the_nearest_known_one() {
    let given = Given::chain()
        .with("[segments]", "[segmnets]")
        .with("monotonic = true", "monotonic = true\nmonotone = true")
        .with(
            "word = { about = \"stage\", within = { of = \"baseline.consensus_latency\", most",
            "word = { about = \"stage\", wihtin = { of = \"baseline.consensus_latency\", most",
        )
        .with_bundle("wallet_template", "wallet_templates");
    let mistakes = given.mistakes();
    let told: Vec<&str> = mistakes.iter().map(|mistake| mistake.sentence.as_str()).collect();
    for sentence in [
        "policy.monotone is not a known key; did you mean policy.monotonic?",
        "segmnets.canary_validators is not a known key; did you mean segments.canary_validators?",
        "segmnets.canary_witnesses is not a known key; did you mean segments.canary_witnesses?",
        "checks.\"preflight.consensus_health\".word.wihtin.of is not a known key; did you mean \
         checks.\"preflight.consensus_health\".word.within.of?",
        "checks.\"preflight.consensus_health\".word.wihtin.most is not a known key; did you mean \
         checks.\"preflight.consensus_health\".word.within.most?",
        "wallet_templates is not a known key; did you mean wallet_template?",
    ] {
        assert!(told.contains(&sentence), "{sentence}\n{told:#?}");
    }
    assert_eq!(told.len(), 6, "{told:#?}");
    let lines: Vec<Option<usize>> =
        mistakes.iter().filter(|mistake| mistake.file == "chain.toml").map(|m| m.line).collect();
    assert!(lines.is_sorted() && lines.iter().all(Option::is_some), "{lines:?}");
    assert_eq!(mistakes.last().unwrap().file, "../defaults/mainnet.toml");
}

#[test]
fn a_key_too_long_to_be_misspelled_is_told_without_a_nearest_one() {
    let key = "k".repeat(129);
    let mistakes = Given::chain().with("monotonic = true", &format!("monotonic = true\n{key} = 1")).mistakes();
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
    let told = format!("policy.{key} is not a known key, nor like one; leave it out");
    assert_eq!((mistakes[0].kind, &mistakes[0].sentence), (MistakeKind::UnknownKey, &told));
}

#[test]
fn other_versions_are_refused_by_name() {
    let profile = Given::chain().with("profile = 1", "profile = 2");
    assert_eq!(profile.fields(MistakeKind::Value), ["profile"]);
    let bundle = Given::chain().with_bundle("version = 1", "version = 2");
    assert_eq!(bundle.fields(MistakeKind::Value), ["version"]);
    assert!(
        bundle.mistakes()[0].to_string().starts_with("../defaults/mainnet.toml, line 1: version = 2 is not possible")
    );
}

#[test]
fn a_missing_section_is_told_with_the_nearest_and_a_missing_document_by_name() {
    let given = Given::chain().with_bundle("#canary-readiness", "#canary-readyness");
    let mistakes = given.mistakes();
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
    assert_eq!((mistakes[0].kind, mistakes[0].field.as_str()), (MistakeKind::Anchor, "stages[2].release_checks"));
    let told = mistakes[0].to_string();
    assert!(
        told.contains("E_ANCHOR: ")
            && told.ends_with("has no section #canary-readyness; the nearest is #canary-readiness"),
        "{told}"
    );
    let mut given = Given::chain();
    given.documents.push(("docs/storage_recovery.md", String::new()));
    assert_eq!(given.fields(MistakeKind::Anchor), ["playbooks.storage.doc"]);
    let out = Given::chain().with("docs/storage_recovery.md#restore", "../storage_recovery.md#restore");
    assert_eq!(out.fields(MistakeKind::Value), ["playbooks.storage.doc"]);
}

#[test]
fn every_number_that_is_left_out_is_refused_by_its_name() {
    let cases = [
        ("freeze_at_most = \"72 h\"\n", "", "policy.freeze_at_most"),
        ("hold_at_most = \"90 d\"\n", "", "policy.hold_at_most"),
        ("open_emergencies = 3 ", "", "policy.open_emergencies"),
        ("deposit = \"1000\"\n", "", "policy.deposit"),
        ("retain = {", "# retain = {", "policy.retain"),
        ("one_way = false ", "", "policy.one_way"),
        (", notice = \"14 d\"", "", "windows.scheduled-maintenance.notice"),
        (", longest = \"8 h\"", "", "windows.scheduled-maintenance.longest"),
        (", from = \"08:00\"", "", "windows.daily.from"),
        (", for = \"10 h\"", "", "windows.daily.for"),
        ("least = 3, ", "", "roles.governance_council.least"),
        (
            "profile = \"target\", share = \"9/10\"",
            "profile = \"target\"",
            "checks.\"preflight.config_drift\".fleet.share",
        ),
        (", span = \"48 h\"", "", "checks.\"testnet.soak\".soak.span"),
        (", least = \"1/1\" }", " }", "checks.\"canary.dry_run\".chorus.least"),
        (", lasted = \"24 h\"", "", "checks.\"mainnet.monitored\".watch.lasted"),
        (
            "of = \"baseline.consensus_latency\", most = \"1.5\"",
            "of = \"baseline.consensus_latency\"",
            "checks.\"preflight.consensus_health\".word.within.most",
        ),
        (
            ", within = \"72 h\" }, code = \"COUNCIL\"",
            " }, code = \"COUNCIL\"",
            "checks.\"council.demote\".vote.within",
        ),
        (", share = \"2/3\", within = \"24 h\"", ", within = \"24 h\"", "checks.ratify.vote.share"),
        ("execute_within = \"30 d\"\n", "", "procedures[0].execute_within"),
        ("every = \"90 d\", window = \"30 min\"", "window = \"30 min\"", "playbooks.chain.drill.every"),
        (
            "drill = { every = \"90 d\", window = \"60 min\" }",
            "drill = { every = \"90 d\" }",
            "playbooks.storage.drill.window",
        ),
    ];
    for (given, left, field) in cases {
        let mistakes = Given::chain().with(given, left).mistakes();
        let named = mistakes.iter().any(|mistake| mistake.field == field && mistake.kind == MistakeKind::LeftOut);
        assert!(named, "{field}: {mistakes:#?}");
        assert!(mistakes.iter().all(|mistake| mistake.kind == MistakeKind::LeftOut), "{field}: {mistakes:#?}");
    }
}

#[test]
fn a_value_of_another_type_or_word_is_told_with_what_would_be_right() {
    let cases = [
        ("self_approval = false", "self_approval = \"no\"", "policy.self_approval", "write true or false"),
        ("open_emergencies = 3", "open_emergencies = 300", "policy.open_emergencies", "larger than there may be"),
        ("freeze_at_most = \"72 h\"", "freeze_at_most = \"72 hours\"", "policy.freeze_at_most", "h, d"),
        ("missing = \"no-go\"", "missing = \"nogo\"", "checks.\"preflight.no_incident\".missing", "\"no-go\""),
        ("days = \"wed\"", "days = \"wednesday\"", "windows.weekly.days", "mon..fri"),
        (
            "kind = \"gate\", owner = \"security_steward\"",
            "kind = \"door\", owner = \"security_steward\"",
            "flags.consensus_enforcement.kind",
            "\"gate\"",
        ),
        (
            "recoverable = true, ",
            "recoverable = true, drill = \"chain\", ",
            "checks.\"preflight.recoverable\"",
            "it asks 2 questions",
        ),
        ("recoverable = true, ", "", "checks.\"preflight.recoverable\"", "it asks 0 questions"),
        ("[stage.testnet]", "[stage.testnets]", "stage.testnets", "did you mean stage.testnet?"),
    ];
    for (from, to, field, said) in cases {
        let mistakes = Given::chain().with(from, to).mistakes();
        let found = mistakes.iter().find(|mistake| mistake.field == field && mistake.kind == MistakeKind::Value);
        assert!(found.is_some_and(|mistake| mistake.sentence.contains(said)), "{field}: {mistakes:#?}");
    }
}

#[test]
fn what_contradicts_itself_is_told_at_its_line_in_its_file() {
    let mistakes = Given::chain().with("span = \"48 h\"", "span = \"48 s\"").mistakes();
    let line = Given::chain().profile.lines().position(|line| line.starts_with("\"testnet.soak\"")).unwrap() + 1;
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
    assert_eq!((mistakes[0].kind, mistakes[0].line), (MistakeKind::Plan, Some(line)), "{mistakes:#?}");
    assert_eq!(
        (mistakes[0].file.as_str(), mistakes[0].field.as_str()),
        ("chain.toml", "checks.\"testnet.soak\".soak.span")
    );
}

#[test]
fn a_vote_that_an_incident_stands_for_or_a_class_drops_is_told_at_its_line() {
    let cases = [
        ("missed = \"restore\" }", "missed = \"restore\", or_incident = true }", "procedures[5].close[0].or_incident"),
        (
            "share = \"2/3\", within = \"72 h\" }, code",
            "share = \"2/3\", within = \"72 h\" }, skip = [\"hotfix\"], code",
            "checks.\"council.demote\".skip",
        ),
    ];
    for (from, to, field) in cases {
        let given = Given::chain().with(from, to);
        let line = given.profile.lines().position(|line| line.contains(to)).unwrap() + 1;
        assert_eq!(given.fields(MistakeKind::Plan), [field]);
        let told = given.mistakes().remove(0);
        assert_eq!((told.file.as_str(), told.line), ("chain.toml", Some(line)), "{told}");
        assert!(told.sentence.contains("is a vote"), "{told}");
    }
}

#[test]
fn req_007_a_gate_that_goes_off_again_is_named_with_its_stage_and_line_in_the_bundle() {
    let given = Given::chain();
    let last = given.bundle.rfind("pruning = true").unwrap();
    let mut bundle = given.bundle.clone();
    bundle.replace_range(last.., &given.bundle[last..].replacen("pruning = true", "pruning = false", 1));
    let mistakes = Given { bundle, ..Given::chain() }.mistakes();
    let found = mistakes.iter().find(|mistake| mistake.field.contains("pruning")).unwrap();
    assert_eq!((found.kind, found.file.as_str()), (MistakeKind::Plan, "../defaults/mainnet.toml"), "{found:?}");
    let line = given.bundle[..last].matches('\n').count() + 1;
    assert!(found.line == Some(line) && found.sentence.contains("mainnet"), "{found:?}");
}

#[test]
fn every_segment_that_a_plan_names_is_listed_or_built_in() {
    let cases = [
        (
            "canary_validators = []",
            "canary_validatrs = []",
            vec![
                "checks.\"canary.dry_run\".chorus.segment",
                "checks.\"canary.installed\".installed.segment",
                "stage.canary.limits.timetoke_rewards",
            ],
        ),
        ("canary_witnesses = []", "", vec!["stage.canary.steps[2].sets[0].segment"]),
        (
            "segment = \"validators\", least = \"2/3\"",
            "segment = \"validator\", least = \"2/3\"",
            vec!["checks.\"testnet.acknowledged\".chorus.segment"],
        ),
        ("segment = \"canary_witnesses\"", "segment = \"validators\"", vec!["stage.canary.steps[2].sets[0].segment"]),
    ];
    for (from, to, fields) in cases {
        let given = Given::chain().with(from, to);
        let mut found = given.fields(MistakeKind::Value);
        found.sort();
        assert_eq!(found, fields, "{to}");
        for mistake in given.mistakes() {
            let line = given.profile.lines().nth(mistake.line.unwrap() - 1).unwrap();
            assert!(line.contains("segment") || line.contains("limits"), "{mistake}: {line}");
        }
    }
    let near = Given::chain().with("canary_validators = []", "canary_validatrs = []").mistakes();
    assert!(near.iter().all(|mistake| mistake.sentence.ends_with("did you mean canary_validatrs?")), "{near:#?}");
}

#[test]
fn segments_have_names_of_their_own_and_those_of_a_node_have_accounts() {
    let account = "0123456789abcdef".repeat(4);
    let with = |text: &str| Given::chain().with("canary_witnesses = []", &format!("canary_witnesses = []\n{text}"));
    let listed = with(&format!("more = [\"{account}\"]")).loaded().segments;
    assert_eq!(listed[2].1[0].as_str(), account);
    let many = |most: usize| (2..most).map(|number| format!("s{number} = []\n")).collect::<String>();
    assert_eq!(with(&many(64)).loaded().segments.len(), 64);
    let cases = [
        (many(65), "segments"),
        ("validators = []".into(), "segments.validators"),
        ("Validators = []".into(), "segments.Validators"),
        ("Canary_witnesses = []".into(), "segments.Canary_witnesses"),
        (format!("more = [\"{account}\", \"{}\"]", account.to_uppercase()), "segments.more[1]"),
        (format!("more = [\"0x{}\"]", &account[2..]), "segments.more[0]"),
        ("more = [\"anna\"]".into(), "segments.more[0]"),
        (format!("more = [\"{account}\", \"{account}\"]"), "segments.more[1]"),
    ];
    for (text, field) in cases {
        assert_eq!(with(&text).fields(MistakeKind::Value), [field], "{text}");
    }
}

#[test]
fn a_text_of_several_lines_stays_in_one_line_of_the_page() {
    let given = Given::chain().with("turn on the canary subset of witnesses", "turn on\\n\\n## Policy\\r\\n| forged |");
    let page = profiles::text::markdown(&given.loaded().plan);
    assert!(page.contains("turn on  ## Policy  | forged |"), "{page}");
    assert_eq!(page.lines().filter(|line| *line == "## Policy").count(), 1);
}

#[test]
fn what_is_no_toml_and_what_is_no_text_are_told_with_the_line() {
    let broken = Given::chain().with("one_way = false", "one_way = = false");
    let line = Given::chain().profile.lines().position(|line| line.starts_with("one_way")).unwrap() + 1;
    let mistakes = broken.mistakes();
    assert_eq!((mistakes.len(), mistakes[0].kind, mistakes[0].line), (1, MistakeKind::Syntax, Some(line)));
    let mistakes = profiles::read("chain.toml", &[0xff], &Given::chain()).map(|_| ()).unwrap_err().0;
    assert_eq!((mistakes[0].kind, mistakes[0].line), (MistakeKind::Syntax, None));
}

#[test]
fn a_profile_or_a_bundle_made_to_cost_memory_is_refused_at_its_line_and_nothing_else_is_said_of_it() {
    let values: String = (0..20_000).map(|number| format!("k{number} = 1\n")).collect();
    let cases = [
        (format!("[{}]\n{values}", "k".repeat(100_000)), "more than 256 bytes in front of it"),
        (format!("[k]\n{}k = 1\n", "k.".repeat(20)), "more than 16 tables and lists"),
        (format!("[k]\nk = {}{}\n", "[".repeat(50_000), "]".repeat(50_000)), "more than 16 tables and lists"),
    ];
    for (hostile, said) in cases {
        for of_bundle in [false, true] {
            let mut given = Given::chain();
            let file = if of_bundle { &mut given.bundle } else { &mut given.profile };
            let before = file.matches('\n').count();
            file.push_str(&hostile);
            let mistakes = given.mistakes();
            assert_eq!((mistakes.len(), mistakes[0].kind), (1, MistakeKind::Syntax), "{mistakes:#?}");
            assert!(mistakes[0].line.is_some_and(|line| (before + 1..=before + 2).contains(&line)), "{mistakes:#?}");
            assert!(mistakes[0].sentence.starts_with("it is not read: "), "{mistakes:#?}");
            assert!(mistakes[0].sentence.contains(said), "{mistakes:#?}");
            assert_eq!(mistakes[0].file.ends_with("mainnet.toml"), of_bundle);
        }
    }
}

#[test]
fn no_stage_is_named_as_the_one_that_is_meant_where_the_bundle_has_none() {
    let chain = Given::chain();
    let head = chain.bundle.split("[[stages]]").next().unwrap();
    let given = Given { bundle: format!("{head}stages = []\n"), ..Given::chain() };
    let fields = given.fields(MistakeKind::Value);
    assert_eq!(fields, ["development", "testnet", "canary", "mainnet"].map(|stage| format!("stage.{stage}")));
    for mistake in given.mistakes() {
        let field = &mistake.field;
        let told =
            format!("{field} is of no stage of the bundle, which has none; leave it out, or add the stage there");
        assert_eq!(mistake.sentence, told);
    }
}

#[test]
fn a_plan_as_a_profile_comes_to_the_same_plan() {
    for given in [Given::chain(), Given::pos(), Given::trunk()] {
        let plan = given.loaded().plan;
        let text = profiles::text::toml(&plan);
        let again = profiles::read("again.toml", text.as_bytes(), &given).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(again.bundle_bytes, text.as_bytes(), "it holds its bundle");
        assert_eq!(Plan { bundle: plan.bundle, profile: plan.profile, ..again.plan }, plan, "{text}");
    }
}
