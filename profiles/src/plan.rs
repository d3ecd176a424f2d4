//! From a profile, its bundle and the documents that both name to a plan.

use crate::bundle::{self, BundleStage, StageBundle};
use crate::documents::{Documents, ProfileFiles};
use crate::mistake::{MistakeKind, ProfileMistake, ProfileMistakes};
use crate::profile::{self, Profile, StageRules, StageSource};
use crate::segments;
use crate::strict::{TableReader, UnreadableToml, WrittenValue, nearest};
use primitives::{Digest, List, Name, Text};
use rollouts::plan::{Plan, Reference, Stage};

/// What a profile comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The plan, as the first of its name; whoever installs a later one numbers it. It has no [`mistakes`](Plan::mistakes).
    pub plan: Plan,
    /// The bytes that [`Plan::bundle`] is the BLAKE3 of: of the bundle's file, or of the profile that holds its bundle.
    pub bundle_bytes: Vec<u8>,
    /// What the bundle says besides.
    pub bundle: StageBundle,
    /// Every section that the plan rests on, once for each role that signs it off.
    pub references: Vec<Reference>,
    /// The members that segments begin with, by segment, each once. They are no part of the plan.
    pub segments: Vec<(Name, List<Text<64>, 256>)>,
}

/// Reads a profile of which there are the bytes; what it names is asked of `files`. In mistakes the profile is called `file`.
///
/// # Errors
/// All that is wrong, in the order of the files.
pub fn read(file: &str, bytes: &[u8], files: &dyn ProfileFiles) -> Result<Loaded, ProfileMistakes> {
    let mut mistakes = Vec::new();
    let loaded = loaded(file, bytes, files, &mut mistakes).filter(|_| mistakes.is_empty());
    loaded.ok_or_else(|| {
        mistakes.sort_by_key(|mistake| (mistake.file != file, mistake.line));
        ProfileMistakes(mistakes)
    })
}

/// What a profile comes to, as far as it can be put together.
fn loaded(file: &str, bytes: &[u8], files: &dyn ProfileFiles, mistakes: &mut Vec<ProfileMistake>) -> Option<Loaded> {
    let tree = tree(file, bytes, mistakes)?;
    let mut documents = Documents::of(files);
    let (stages, profile) = TableReader::over(file, &tree, mistakes, |reader| {
        (profile::stages(reader, &mut documents), profile::read(reader, &mut documents))
    });
    let bundle = match stages? {
        StageSource::Own(bundle) => BundleFile { file: file.into(), bytes: bytes.to_vec(), tree: tree.clone(), bundle },
        StageSource::File(path) => bundle_file(path, files, &mut documents, mistakes)?,
    };
    let profile = profile?;
    mistakes.extend(segments::listed_wrongly(file, &tree, &profile));
    let segments = profile.segments.clone();
    let stages = stages_of(file, &tree, &profile, &bundle, mistakes);
    let plan = plan_of(profile, stages, Digest::blake3(&bundle.bytes), Digest::blake3(bytes));
    // What was left out of the plan because it cannot be read is missed everywhere where it is named.
    if mistakes.iter().all(|mistake| [MistakeKind::UnknownKey, MistakeKind::Anchor].contains(&mistake.kind)) {
        // Where `segments` itself may be what is misspelled, it is not known which there are.
        if tree.child("segments").is_some() || mistakes.iter().all(|mistake| mistake.kind == MistakeKind::Anchor) {
            let names: Vec<Name> = segments.iter().map(|(name, _)| name.clone()).collect();
            mistakes.extend(segments::missing(file, &tree, &names, &plan));
        }
        mistakes.extend(contradictions(&plan, (file, &tree), &bundle));
    }
    let references = references(&plan);
    Some(Loaded { plan, bundle_bytes: bundle.bytes, bundle: bundle.bundle, references, segments })
}

/// A bundle and where it was read from.
struct BundleFile {
    file: String,
    bytes: Vec<u8>,
    tree: WrittenValue,
    bundle: StageBundle,
}

impl BundleFile {
    /// The names of its stages, of those too that cannot be read.
    fn named(&self) -> Vec<&str> {
        let stages = self.tree.child("stages").into_iter().flat_map(|stages| stages.children());
        stages.filter_map(|(_, stage)| stage.child("name")?.value.as_str()).collect()
    }
}

fn bundle_file(
    path: String,
    files: &dyn ProfileFiles,
    documents: &mut Documents<'_>,
    mistakes: &mut Vec<ProfileMistake>,
) -> Option<BundleFile> {
    let bytes = files.bundle(&path).map_err(|reason| mistakes.push(unreadable(&path, "bundle", &reason))).ok()?;
    let tree = tree(&path, &bytes, mistakes)?;
    let bundle = TableReader::over(&path, &tree, mistakes, |reader| {
        bundle::pass_over_foreign(reader);
        bundle::read(reader, documents)
    })?;
    Some(BundleFile { file: path, bytes, tree, bundle })
}

/// That a file which is named cannot be read; `what` says which one it is.
pub(crate) fn unreadable(file: &str, what: &str, reason: &str) -> ProfileMistake {
    let sentence = format!("the {what} cannot be read: {reason}; put it there, or name the one that is meant");
    ProfileMistake { file: file.into(), line: None, kind: MistakeKind::Unreadable, field: String::new(), sentence }
}

fn tree(file: &str, bytes: &[u8], mistakes: &mut Vec<ProfileMistake>) -> Option<WrittenValue> {
    let parsed = std::str::from_utf8(bytes)
        .map_err(|_| (None, not_toml("its bytes are not UTF-8")))
        .and_then(|text| WrittenValue::parse(text).map_err(|error| unread(text, &error)));
    parsed
        .map_err(|(line, sentence)| {
            let (kind, field) = (MistakeKind::Syntax, String::new());
            mistakes.push(ProfileMistake { file: file.into(), line, kind, field, sentence });
        })
        .ok()
}

/// The line at which a text is not read, and why.
fn unread(text: &str, error: &UnreadableToml) -> (Option<usize>, String) {
    let UnreadableToml::Syntax(error) = error else { return (error.line(), format!("it is not read: {error}")) };
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| before.matches('\n').count().saturating_add(1));
    (line, not_toml(&error.message().trim().replace('\n', " ")))
}

fn not_toml(reason: &str) -> String {
    format!("it is not TOML; correct it: {reason}")
}

/// The stages of the bundle with what the profile says of each.
fn stages_of(
    file: &str,
    tree: &WrittenValue,
    profile: &Profile,
    bundle: &BundleFile,
    mistakes: &mut Vec<ProfileMistake>,
) -> List<Stage, 8> {
    let mut note = |kind, field: String, sentence: String| {
        let line = Some(tree.on_the_way_to(&field).line);
        mistakes.push(ProfileMistake { file: file.into(), line, kind, field, sentence });
    };
    let stages = bundle.named();
    for rules in &profile.rules {
        if !stages.contains(&rules.name.as_str()) {
            let field = crate::strict::joined("stage", rules.name.as_str());
            let sentence = match nearest(rules.name.as_str(), stages.iter().copied()) {
                Some(near) => {
                    let near = crate::strict::joined("stage", near);
                    format!("{field} is of no stage of the bundle; did you mean {near}?")
                }
                None => format!(
                    "{field} is of no stage of the bundle, which has none; leave it out, or add the stage there"
                ),
            };
            note(MistakeKind::Value, field, sentence);
        }
    }
    let mut joined = Vec::new();
    for stage in &bundle.bundle.stages {
        let field = crate::strict::joined("stage", stage.name.as_str());
        let Some(rules) = profile.rules.iter().find(|rules| rules.name == stage.name) else {
            // One that cannot be read was told of already.
            if tree.on_the_way_to(&field).path != field {
                let sentence =
                    format!("{field} is left out, and the bundle has that stage; write what it takes to enter it");
                note(MistakeKind::LeftOut, field, sentence);
            }
            continue;
        };
        let (owners, checks) = (rules.release_owners.len(), stage.release_checks.len());
        if owners != 0 && owners != checks {
            let field = format!("{field}.release_owners");
            let sentence =
                format!("{field} names {owners} roles for {checks} release checks; name one for each, in their order");
            note(MistakeKind::Value, field, sentence);
        }
        joined.push(stage_of(stage, rules));
    }
    List::truncate_from(joined)
}

fn stage_of(stage: &BundleStage, rules: &StageRules) -> Stage {
    let owners = rules.release_owners.iter().cloned().map(Some).chain(std::iter::repeat(None));
    let signed = stage.release_checks.iter().cloned().zip(owners);
    Stage {
        name: stage.name.clone(),
        channel: stage.channel.clone(),
        window: stage.window.clone(),
        production: rules.production,
        freezes: rules.freezes,
        thaws: rules.thaws.clone(),
        ticket: rules.ticket.clone(),
        public_report: rules.public_report,
        values: stage.values.clone(),
        limits: rules.limits.clone(),
        readiness: rules.readiness.clone(),
        steps: rules.steps.clone(),
        leave: rules.leave.clone(),
        close: rules.close.clone(),
        release_checks: List::truncate_from(signed.map(|(check, owner)| Reference { owner, ..check }).collect()),
        recovery_playbook: stage.recovery_playbook.clone(),
        playbook: rules.playbook.clone(),
    }
}

fn plan_of(profile: Profile, stages: List<Stage, 8>, bundle: Digest, bytes: Digest) -> Plan {
    Plan {
        name: profile.name,
        version: 1,
        bundle,
        profile: bytes,
        document: profile.document,
        governs: profile.governs,
        levels: profile.levels,
        stages,
        checks: profile.checks,
        procedures: profile.procedures,
        windows: profile.windows,
        phases: profile.phases,
        playbooks: profile.playbooks,
        signals: profile.signals,
        roles: profile.roles,
        flags: profile.flags,
        artifacts: profile.artifacts,
        policy: profile.policy,
    }
}

/// What is wrong with the plan itself, each where it stands: what begins with `stages[` in the bundle, all else in the profile.
fn contradictions(plan: &Plan, profile: (&str, &WrittenValue), bundle: &BundleFile) -> Vec<ProfileMistake> {
    let placed = plan.mistakes().into_iter().map(|mistake| {
        let of_bundle = mistake.field.starts_with("stages[");
        let (file, tree) = if of_bundle { (bundle.file.as_str(), &bundle.tree) } else { profile };
        ProfileMistake {
            file: file.into(),
            line: Some(tree.on_the_way_to(&mistake.field).line),
            kind: MistakeKind::Plan,
            sentence: mistake.to_string(),
            field: mistake.field,
        }
    });
    placed.collect()
}

fn references(plan: &Plan) -> Vec<Reference> {
    let of_stages = plan.stages.iter().flat_map(|stage| stage.release_checks.iter().chain([&stage.recovery_playbook]));
    let of_playbooks = plan.playbooks.iter().map(|playbook| &playbook.doc);
    let mut references: Vec<Reference> = Vec::new();
    for reference in of_stages.chain(of_playbooks) {
        if !references.contains(reference) {
            references.push(reference.clone());
        }
    }
    references
}
