//! A bundle: the stages in their order, with the gates of each (`config/defaults/mainnet.toml`).
//!
//! It has exactly the keys of the file that other nodes of this family read. Their tables `network` and `admission_reconciler` are
//! another node's configuration: they are hashed with the rest and handed to nobody.

use crate::documents::{Documents, Resolved};
use crate::mistake::MistakeKind;
use crate::strict::{TableReader, WrittenValue};
use crate::words::{named, only, text, typed};
use primitives::{List, Name};
use rollouts::plan::Reference;
use toml::Value;

/// The version of the form in which bundles are read.
pub const VERSION: i64 = 1;
/// The variant that a gate serves which is on.
pub const ON: &str = "on";
/// The variant that a gate serves which is off.
pub const OFF: &str = "off";

/// What a bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageBundle {
    /// What it is called.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// The configuration that a node begins with, by its path from the bundle's folder.
    pub node_template: Option<String>,
    /// The same for a node that serves a wallet.
    pub wallet_template: Option<String>,
    /// What its authors note.
    pub notes: Vec<String>,
    /// The stages, in their order.
    pub stages: List<BundleStage, 8>,
}

/// A stage, as far as a bundle says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleStage {
    /// What it is called.
    pub name: Name,
    /// The channel that builds for it are released in.
    pub channel: Name,
    /// The window in which something may move there.
    pub window: Name,
    /// Which variant each flag serves there.
    pub values: List<(Name, Name), 64>,
    /// The sections to go through before a release is done with; nobody owns them yet.
    pub release_checks: List<Reference, 8>,
    /// What to do when it goes wrong.
    pub recovery_playbook: Reference,
}

/// Reads what a bundle says: of a file of its own, or of the profile that holds it.
pub(crate) fn read(reader: &mut TableReader<'_, '_>, documents: &mut Documents<'_>) -> Option<StageBundle> {
    reader.need("version", only(VERSION));
    let name = reader.need("bundle", typed);
    let description = reader.need("description", said);
    let node_template = reader.may("node_template", said);
    let wallet_template = reader.may("wallet_template", said);
    let notes = reader.list("notes", said);
    reader.want("stages");
    let stages = reader.tables("stages", |stage| of_stage(stage, documents));
    let stages = reader.bounded("stages", stages);
    Some(StageBundle { name: name?, description: description?, node_template, wallet_template, notes, stages })
}

/// The tables that a bundle's file may have besides, for nodes that are not this one.
pub(crate) fn pass_over_foreign(reader: &mut TableReader<'_, '_>) {
    reader.pass_over("network");
    reader.pass_over("admission_reconciler");
}

fn of_stage(stage: &mut TableReader<'_, '_>, documents: &mut Documents<'_>) -> Option<BundleStage> {
    let name = stage.need("name", typed);
    let channel = stage.need("release_channel", typed);
    let window = stage.need("change_window", typed);
    stage.want("feature_gates");
    let values = stage.pairs("feature_gates", served);
    let values = stage.bounded("feature_gates", values);
    let release_checks = references(stage, "release_checks", documents);
    let recovery_playbook = reference(stage, "recovery_playbook", documents);
    Some(BundleStage {
        name: name?,
        channel: channel?,
        window: window?,
        values,
        release_checks,
        recovery_playbook: recovery_playbook?,
    })
}

/// A flag and the variant that it serves: of a gate whether it is on, of any other the variant's name.
fn served(flag: &str, value: &WrittenValue) -> Result<(Name, Name), String> {
    let variant = match &value.value {
        Value::Boolean(true) => named(ON)?,
        Value::Boolean(false) => named(OFF)?,
        Value::String(variant) => named(variant)?,
        _ => return Err("write true or false, or the name of a variant".into()),
    };
    Ok((named(flag)?, variant))
}

fn said(value: &WrittenValue) -> Result<String, String> {
    text(value).map(str::to_owned)
}

/// Reads a reference that there has to be; a section that is not there is noted.
pub(crate) fn reference(
    reader: &mut TableReader<'_, '_>,
    key: &'static str,
    documents: &mut Documents<'_>,
) -> Option<Reference> {
    let resolved = reader.need(key, |value| documents.resolve(text(value)?))?;
    Some(noted(reader, key, resolved))
}

fn references<const N: u32>(
    reader: &mut TableReader<'_, '_>,
    key: &'static str,
    documents: &mut Documents<'_>,
) -> List<Reference, N> {
    reader.want(key);
    let resolved = reader.list(key, |value| documents.resolve(text(value)?));
    let references = resolved.into_iter().map(|resolved| noted(reader, key, resolved)).collect();
    reader.bounded(key, references)
}

fn noted(reader: &mut TableReader<'_, '_>, key: &'static str, resolved: Resolved) -> Reference {
    if let Some(lacking) = resolved.lacking {
        let sentence = format!("{} names {}, and {lacking}", reader.path(key), resolved.reference);
        reader.note_of(MistakeKind::Anchor, key, sentence);
    }
    resolved.reference
}
