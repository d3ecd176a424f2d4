//! What a check is judged in: the state, the moment, the plan, and the change whose list it is on.

use crate::change::{ChangeProgress, ChangeRequest, ChangeState, Effect, SubmittedChange};
use crate::check::AboutKind;
use crate::phase;
use crate::plan::{AskedCheck, ListOf};
use crate::plans::{FIRST_CHANGE, KeptRef};
use crate::statement::StatementSubject;
use crate::storage::{CHANGES, PROGRESS};
use primitives::{BuildHash, ChangeId, Digest, Moment, Name, Path};
use state::State;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::Display;

/// What a list is judged in. What several of its checks ask for is read once.
pub(crate) struct JudgedIn<'a> {
    pub state: &'a State<'a>,
    pub at: Moment,
    pub plan: &'a KeptRef,
    pub change: Option<&'a SubmittedChange>,
    pub progress: Option<&'a ChangeProgress>,
    /// Whether somebody reads how each check came out; otherwise what would be put together to tell of it is not.
    is_told: bool,
    /// What words about the change are found by.
    about_change: Option<Digest>,
    /// The stage that is to be left, with the change by which it stands; a list asks about one.
    left: OnceCell<(Name, AskedChange<'static>)>,
}

/// The change that one check asks about: that of the list; or, of what the stage before still owes, the one by which that stage stands.
pub(crate) struct AskedChange<'a> {
    /// Its number; none before anything is submitted.
    pub id: Option<ChangeId>,
    pub change: Option<Cow<'a, SubmittedChange>>,
    pub progress: Option<Cow<'a, ChangeProgress>>,
    /// What moves by it: an artifact or a build.
    pub subject: Option<Digest>,
    /// Since when its stage stands, where it is asked of one that is to be left.
    pub stands: Option<Moment>,
    /// Whether it is asked of a stage that is to be left, whose steps have to be taken.
    pub is_before: bool,
}

impl<'a> JudgedIn<'a> {
    /// Of a change with how it stands, or of none before anything is submitted; for whoever reads how each check came out.
    pub fn new(
        state: &'a State<'a>,
        at: Moment,
        plan: &'a KeptRef,
        change: Option<&'a SubmittedChange>,
        progress: Option<&'a ChangeProgress>,
    ) -> Self {
        let about_change = change.map(|change| StatementSubject::Change(change.id).digest());
        Self { state, at, plan, change, progress, is_told: true, about_change, left: OnceCell::new() }
    }

    /// The same for whoever only goes by it.
    pub fn untold(self) -> Self {
        Self { is_told: false, ..self }
    }

    /// Words, where somebody reads them; otherwise none.
    pub fn words(&self, told: impl FnOnce() -> String) -> String {
        if self.is_told { told() } else { String::new() }
    }

    /// Names, where somebody reads them; otherwise none.
    pub fn named<N: Display>(&self, all: impl IntoIterator<Item = N>) -> Vec<String> {
        if self.is_told { all.into_iter().map(|name| name.to_string()).collect() } else { Vec::new() }
    }

    /// What words about something are found by; most are about the change.
    pub fn digest_of(&self, subject: &StatementSubject) -> Digest {
        let own = self.about_change.filter(|_| {
            let id = self.change.map(|change| change.id);
            matches!(subject, StatementSubject::Change(asked) if Some(*asked) == id)
        });
        own.unwrap_or_else(|| subject.digest())
    }

    /// What a check asks about.
    pub fn asked_change(&self, asked: &AskedCheck) -> AskedChange<'_> {
        let is_owed = matches!(asked.from, ListOf::Step(_) | ListOf::Leave);
        let entered = self.change.and_then(|change| change.asked.request.stage());
        match &asked.stage {
            Some(stage) if is_owed && entered != Some(stage) => self.standing_change(stage),
            _ => AskedChange {
                id: self.change.map(|change| change.id),
                change: self.change.map(Cow::Borrowed),
                progress: self.progress.map(Cow::Borrowed),
                subject: self.change.and_then(subject_of),
                stands: None,
                is_before: false,
            },
        }
    }

    fn standing_change(&self, stage: &Name) -> AskedChange<'_> {
        let (left, change) = self.left.get_or_init(|| (stage.clone(), self.read_standing(stage)));
        if left == stage { change.lent() } else { self.read_standing(stage) }
    }

    fn read_standing(&self, stage: &Name) -> AskedChange<'static> {
        let standing = self.plan.standing(self.state, stage);
        let id = standing.as_ref().map(|standing| standing.change);
        AskedChange {
            id,
            change: id.and_then(|id| CHANGES.get(self.state, &id)).map(Cow::Owned),
            progress: id.and_then(|id| PROGRESS.get(self.state, &id)).map(Cow::Owned),
            subject: standing.as_ref().and_then(|standing| standing.subject),
            stands: standing.map(|standing| standing.since),
            is_before: true,
        }
    }

    /// The stage that a check asks about; of a change that is about none, the last that stands.
    pub fn stage_of(&self, asked: &AskedCheck) -> Option<Name> {
        let of_change = || self.change.and_then(|change| stage_of(self.plan, change));
        let last = || self.plan.last_standing(self.state).map(|(stage, _)| stage);
        asked.stage.clone().or_else(of_change).or_else(last)
    }

    /// What an answer of a kind is about; none when there is nothing of that kind yet.
    pub fn subject(&self, asked: &AskedCheck, about: AboutKind) -> Option<StatementSubject> {
        let of = self.asked_change(asked);
        match about {
            AboutKind::Plan => Some(StatementSubject::Plan),
            AboutKind::Stage => self.stage_of(asked).map(StatementSubject::Stage),
            AboutKind::Change => of.id.map(StatementSubject::Change),
            AboutKind::Artifact => of.subject.map(StatementSubject::Artifact),
            AboutKind::Phase => of.change.and_then(|change| self.phase_of(asked, &change)).map(StatementSubject::Phase),
            AboutKind::Scope => Some(StatementSubject::Scope(self.path_of(&of))),
        }
    }

    /// The phase that a check asks about: the one that the change moves on or belongs to.
    fn phase_of(&self, asked: &AskedCheck, change: &SubmittedChange) -> Option<Name> {
        match &change.asked.request {
            ChangeRequest::Phase { phase, .. } if asked.from == ListOf::Start => {
                Some(phase::asked_to_begin(self.state, self.plan, phase))
            }
            ChangeRequest::Phase { phase, .. } => Some(phase.clone()),
            _ => change.asked.phase.clone(),
        }
    }

    /// Where the change that a check asks about moves something; the root where there is none.
    pub fn path_of(&self, of: &AskedChange<'_>) -> Path {
        of.change.as_ref().map(|change| path_of(self.plan, change)).unwrap_or_default()
    }
}

impl AskedChange<'_> {
    /// The same again, of which nothing is copied that was read.
    fn lent(&self) -> AskedChange<'_> {
        let Self { id, subject, stands, is_before, .. } = *self;
        let change = self.change.as_deref().map(Cow::Borrowed);
        let progress = self.progress.as_deref().map(Cow::Borrowed);
        AskedChange { id, change, progress, subject, stands, is_before }
    }

    /// Whether it is the change of genesis, or of a first installation, which owes nothing.
    pub fn is_first(&self) -> bool {
        self.id == Some(FIRST_CHANGE)
    }

    /// The build that moves by it.
    pub fn build(&self) -> Option<BuildHash> {
        self.subject.map(|subject| BuildHash(subject.0))
    }

    /// Since when it is carried out; the first change since its stage stands.
    pub fn executed(&self) -> Option<Moment> {
        let of_first = self.stands.filter(|_| self.is_first());
        self.progress.as_ref().and_then(|progress| progress.executed).or(of_first)
    }

    /// Whether a step of its stage was taken.
    pub fn has_taken(&self, step: &Name) -> bool {
        self.is_first() || self.progress.as_ref().is_some_and(|progress| progress.steps.contains(step))
    }

    /// Whether it was approved, whatever came of it since.
    pub fn is_approved(&self) -> bool {
        let state = self.progress.as_ref().map(|progress| progress.state);
        self.is_first() || !matches!(state, None | Some(ChangeState::Open | ChangeState::Ended { .. }))
    }
}

/// What moves by a change: an artifact, or of the node's plan a build.
fn subject_of(change: &SubmittedChange) -> Option<Digest> {
    match change.asked.request {
        ChangeRequest::Promote { artifact, .. } => artifact,
        _ => None,
    }
}

/// The stage that a change is about: the one that it names, or under which its scope lies; none where there is neither.
pub(crate) fn stage_of(plan: &KeptRef, change: &SubmittedChange) -> Option<Name> {
    stage_of_request(plan, &change.asked.request)
}

/// The same of a request, also before it is submitted.
pub(crate) fn stage_of_request(plan: &KeptRef, request: &ChangeRequest) -> Option<Name> {
    let named = request.stage().cloned();
    named.or_else(|| stage_of_path(plan, &scope_of(request)?))
}

/// The stage under which a path lies.
pub(crate) fn stage_of_path(plan: &KeptRef, path: &Path) -> Option<Name> {
    let first = path.names().next().and_then(Name::new);
    first.filter(|first| plan.kept.place(first).is_some())
}

/// Where a change moves something: its scope, or the stage that it names; in a node's plan, the root.
pub(crate) fn path_of(plan: &KeptRef, change: &SubmittedChange) -> Path {
    if plan.kept.is_of_node() {
        return Path::ROOT;
    }
    let named = || Path::new(change.asked.request.stage().cloned());
    scope_of(&change.asked.request).or_else(named).unwrap_or_default()
}

/// The scope that a request says; of several effects, what all of them lie under.
fn scope_of(request: &ChangeRequest) -> Option<Path> {
    match request {
        ChangeRequest::Disable { scope, .. } | ChangeRequest::Freeze { scope, .. } => Some(scope.clone()),
        ChangeRequest::Set { effects } => effects.iter().map(path_of_effect).reduce(|one, other| common(&one, &other)),
        _ => None,
    }
}

/// A segment is of the whole plan.
fn path_of_effect(effect: &Effect) -> Path {
    match effect {
        Effect::Flag { path, .. } => path.clone(),
        Effect::Segment { .. } => Path::ROOT,
    }
}

fn common(one: &Path, other: &Path) -> Path {
    one.ancestors().find(|above| other.is_under(above)).unwrap_or_default()
}
