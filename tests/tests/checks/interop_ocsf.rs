//! Does the framework that an export is written by take its events? Its files are those of the Python package `ocsf-json-schema`.

use anyhow::{Context as _, ensure};
use explorer::topics::audit::answer::AuditEntry;
use explorer::topics::audit::export::ExportRow;
use primitives::{ChainPosition, Epoch, Height, Timestamp};
use runtime::testing::examples;
use runtime::{Cause, Fact};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use tests::explorer::repository;

/// What the framework says of each event: nothing of one that it takes.
fn judged(events: &[Value]) -> anyhow::Result<Vec<String>> {
    let python = tests::binaries::python();
    let missing = || format!("no Python at {}; run scripts/setup.sh test, or set TB_TEST_PYTHON", python.display());
    let mut child = Command::new(&python)
        .arg(repository().join("tests/fixtures/ocsf.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(missing)?;
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    let mut input = child.stdin.take().context("no input")?;
    // It answers while it reads, so that one of both has to have a thread of its own.
    let written = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "ocsf-json-schema failed; is it installed? run scripts/setup.sh test");
    written.join().ok().context("nothing could be written")??;
    let said = String::from_utf8(output.stdout)?;
    let judged: Vec<String> = said.lines().map(str::to_owned).collect();
    ensure!(judged.len() == events.len(), "{} answers for {} events", judged.len(), events.len());
    Ok(judged)
}

/// Every kind of fact there is, as it is exported.
fn exported() -> Vec<Value> {
    let at = ChainPosition { height: Height(7), epoch: Epoch(1), time: Timestamp(1_772_323_200_000) };
    let happened = examples::events().into_iter().map(Ok);
    let refused = examples::errors().into_iter().map(Err);
    let facts = happened.chain(refused).map(|outcome| Fact { cause: Cause::Clock, outcome });
    let entries = (0..).zip(facts).map(|(index, fact)| AuditEntry::of(at, index, fact));
    entries.map(|entry| ExportRow::of(&entry).event()).collect()
}

#[test]
fn req_154_the_framework_takes_every_kind_of_fact_as_an_event_of_the_class_that_it_says() -> anyhow::Result<()> {
    let events = exported();
    for (event, wrong) in events.iter().zip(judged(&events)?) {
        ensure!(wrong.is_empty(), "{wrong}\n{event:#}");
    }
    let classes: BTreeSet<u64> = events.iter().filter_map(|event| event["class_uid"].as_u64()).collect();
    ensure!(classes == BTreeSet::from([2003, 2005, 3004, 6003]), "{classes:?}");
    Ok(())
}

#[test]
fn req_154_an_event_that_lacks_what_its_class_requires_or_says_what_it_does_not_know_is_not_taken() -> anyhow::Result<()>
{
    let events = exported();
    let of_class = |class: u64| events.iter().find(|event| event["class_uid"] == class).cloned();
    let mut broken = Vec::new();
    for (class, required) in [(3004, "entity"), (2005, "finding_info_list"), (2003, "compliance"), (6003, "api")] {
        let event = of_class(class).with_context(|| format!("no event is of class {class}"))?;
        for (name, value) in [
            (required, Value::Null),
            ("time", json!("yesterday")),
            ("activity_id", json!(77)),
            ("type_uid", json!(1)),
            ("nobody_knows_this", json!(1)),
        ] {
            let mut changed = event.clone();
            changed[name] = value;
            broken.push(changed);
        }
    }
    for (event, wrong) in broken.iter().zip(judged(&broken)?) {
        ensure!(!wrong.is_empty(), "it is taken: {event:#}");
    }
    Ok(())
}
