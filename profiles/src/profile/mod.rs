//! What stands in a profile file, table by table.

mod ask;
mod check;
mod flag;
mod policy;
mod procedure;
mod role;
mod stage;
mod window;

pub(crate) use ask::{ON, RELEASE_CHECKS, WAIVERS};
pub(crate) use flag::{NEVER, ON_OFF, date};
pub(crate) use stage::StageRules;
pub(crate) use window::DAYS;

use crate::bundle::{self, StageBundle};
use crate::documents::Documents;
use crate::strict::TableReader;
use crate::words::{named, only, text, typed};
use flags::Flag;
use primitives::{List, Name, Text};
use roles::Role;
use rollouts::check::Check;
use rollouts::plan::{ArtifactRules, Governs, Phase, PlanDocument, Playbook, Policy, Procedure, Signal, Window};

/// The version of the form in which profiles are read.
const VERSION: i64 = 1;

/// A profile, as far as it does not depend on a bundle beside it.
pub(crate) struct Profile {
    pub(crate) name: Name,
    pub(crate) governs: Governs,
    pub(crate) levels: List<Name, 3>,
    pub(crate) document: PlanDocument,
    pub(crate) policy: Policy,
    pub(crate) windows: List<Window, 8>,
    pub(crate) roles: List<(Name, Role), 16>,
    pub(crate) segments: Vec<(Name, List<Text<64>, 256>)>,
    pub(crate) flags: List<Flag, 64>,
    pub(crate) signals: List<Signal, 32>,
    pub(crate) checks: List<Check, 256>,
    pub(crate) rules: Vec<StageRules>,
    pub(crate) procedures: List<Procedure, 24>,
    pub(crate) phases: List<Phase, 16>,
    pub(crate) artifacts: Option<ArtifactRules>,
    pub(crate) playbooks: List<Playbook, 32>,
}

/// Where a profile has its stages from.
pub(crate) enum StageSource {
    /// A file, by its path from the profile's folder.
    File(String),
    /// The profile itself.
    Own(StageBundle),
}

/// Reads a whole profile. Every key is asked for before anything is put together, so that no mistake hides another.
pub(crate) fn read(reader: &mut TableReader<'_, '_>, documents: &mut Documents<'_>) -> Option<Profile> {
    reader.need("profile", only(VERSION));
    let name = reader.need("name", typed);
    let governs = governs(reader);
    let levels = reader.may_list("levels", typed);
    let document = reader.need_table("document", document);
    let of_node = governs.as_ref().is_none_or(|governs| *governs == Governs::Node);
    let policy = policy::read(reader, governs.as_ref());
    let windows = window::read(reader);
    let roles = role::read(reader);
    let segments = segments(reader);
    let flags = flag::read(reader, of_node);
    let signals = role::signals(reader);
    let checks = check::read(reader);
    let rules = stage::read(reader);
    let procedures = procedure::read(reader);
    let phases = procedure::phases(reader);
    let artifacts = procedure::artifacts(reader);
    let playbooks = procedure::playbooks(reader, documents);
    locales(reader);
    Some(Profile {
        name: name?,
        governs: governs?,
        levels,
        document: document?,
        policy: policy?,
        windows,
        roles,
        segments,
        flags,
        signals,
        checks,
        rules,
        procedures,
        phases,
        artifacts,
        playbooks,
    })
}

fn governs(reader: &mut TableReader<'_, '_>) -> Option<Governs> {
    let is_of_node = reader.need("governs", |value| match text(value)? {
        "node" => Ok(true),
        "application" => Ok(false),
        _ => Err("write \"node\" or \"application\"".into()),
    });
    match is_of_node {
        Some(true) => {
            if reader.ask("owner").is_some() {
                reader.refuse("owner", "the stake amends the plan of a node; leave it out");
            }
            Some(Governs::Node)
        }
        Some(false) => reader.need("owner", typed).map(|owner| Governs::Application { owner }),
        None => {
            reader.pass_over("owner");
            None
        }
    }
}

/// Where the stages come from, with the stages themselves where the profile holds them. Asked before [`read`], with the same reader.
pub(crate) fn stages(reader: &mut TableReader<'_, '_>, documents: &mut Documents<'_>) -> Option<StageSource> {
    if reader.has("bundle_file") {
        return reader.need("bundle_file", |value| text(value).map(|path| StageSource::File(path.to_owned())));
    }
    // Known where it is left out, so that one that is misspelled finds it.
    reader.pass_over("bundle_file");
    bundle::read(reader, documents).map(StageSource::Own)
}

fn document(reader: &mut TableReader<'_, '_>) -> Option<PlanDocument> {
    let title = reader.need("title", typed);
    let version = reader.need("version", typed);
    let status = reader.need("status", typed);
    let date = reader.need("date", typed);
    let owner = reader.need("owner", typed);
    let references = reader.need_list("references", typed);
    let roadmap = reader.need("roadmap", typed);
    Some(PlanDocument {
        title: title?,
        version: version?,
        status: status?,
        date: date?,
        owner: owner?,
        references: references?,
        roadmap: roadmap?,
    })
}

/// The members that segments begin with; they are no part of a plan.
fn segments(reader: &mut TableReader<'_, '_>) -> Vec<(Name, List<Text<64>, 256>)> {
    reader.pairs("segments", |name, value| {
        let members = value.value.as_array().ok_or("write a list of its members, such as []")?;
        let member = |member: &toml::Value| {
            member.as_str().and_then(Text::new).ok_or("each member is a text of at most 64 bytes")
        };
        let members: Vec<Text<64>> = members.iter().map(member).collect::<Result<_, _>>()?;
        let count = members.len();
        let members = members.try_into().map_err(|_| format!("it has {count} members, and at most 256 fit"))?;
        Ok((named(name)?, members))
    })
}

/// Which languages a node speaks of the plan in: read by nodes, and no part of the plan.
fn locales(reader: &mut TableReader<'_, '_>) {
    reader.may_table("locales", |locales| {
        locales.need("default", |value| text(value).map(drop));
        locales.list("files", |value| text(value).map(drop));
        Some(())
    });
}
