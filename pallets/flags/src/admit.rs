//! Whether a plan may come with its flags, and a change do what it wants to them: what `rollouts` asks before it writes by
//! [`apply`](crate::apply).

use crate::apply::changed_members;
use crate::counts::*;
use crate::gates::require_shape;
use crate::requirements::FlagRequirements;
use crate::targeting::{SegmentMembers, Targeting};
use crate::tenants::{self, TenantRoom};
use crate::{Error, Expiry, Flag, FlagPart, FlagRegister, queries, storage::*};
use primitives::{AccountId, List, Moment, Name, Path, Text};
use roles::RoleKey;
use state::State;
use std::collections::BTreeSet;

/// What a setting has beside its targeting, in bytes: its moment and the number of its change.
const BYTES_OF_ORIGIN: u32 = 40;

/// The room that a plan has left. What is admitted takes of it, so that everything which one change does fits together; what the same
/// change frees counts from the next block on. Each effect is judged by what stood before the change: so a flag is set or unset at a
/// path, and a segment changed, each once.
#[derive(Clone)]
pub struct FlagRoom<'s> {
    state: &'s State<'s>,
    plan: Name,
    counts: FlagCounts,
    tenants: TenantRoom,
    asked: BTreeSet<Name>,
    set: BTreeSet<(Name, Path)>,
    changed: BTreeSet<Name>,
}

impl<'s> FlagRoom<'s> {
    /// The room that a plan has now.
    pub fn of(state: &'s State<'s>, plan: &Name) -> Self {
        Self {
            state,
            plan: plan.clone(),
            counts: queries::counts(state, plan),
            tenants: TenantRoom::default(),
            asked: BTreeSet::new(),
            set: BTreeSet::new(),
            changed: BTreeSet::new(),
        }
    }

    /// Whether that may be set at a path, each once; `levels` is how many the scopes of the plan have. Whether the flag is disabled
    /// there, and whether what it requires is on, is asked by [`require_enabled`] and [`require_prerequisites`]: another part of the
    /// same change may see to that, and a promotion's setting waits beneath what is disabled.
    ///
    /// # Errors
    /// Why it may not.
    pub fn setting(&mut self, key: &Name, path: &Path, levels: u8, targeting: &Targeting) -> Result<(), Error> {
        let (state, plan) = (self.state, self.plan.clone());
        let flag = known(state, &plan, key)?;
        require_path(&plan, path, levels)?;
        self.require_once(key, path)?;
        targeting.check(&flag)?;
        require_segments(state, &plan, targeting)?;
        if queries::is_node_plan(state, &plan) {
            require_shape(&flag, targeting)?;
        }
        let before = queries::setting(state, &plan, key, path);
        let bytes = size(targeting).saturating_add(BYTES_OF_ORIGIN);
        self.counts.weigh(before.as_ref().map(size), Some(bytes));
        self.counts.settings = self.counts.settings.saturating_add(u32::from(before.is_none()));
        let names: Vec<Name> = targeting.attributes().into_iter().filter_map(Name::new).collect();
        for name in names.iter().filter(|name| !ATTRIBUTES.contains(state, &(plan.clone(), (*name).clone()))) {
            let is_new = self.asked.insert(name.clone());
            self.counts.attributes = self.counts.attributes.saturating_add(u32::from(is_new));
        }
        self.require_fit()?;
        match path.tenant() {
            Some(tenant) => self.tenants.setting((state, &plan, &tenant), (before.as_ref(), bytes), &names),
            None => Ok(()),
        }
    }

    /// Whether what is set at a path may be taken away, each once, and not where the same change sets something.
    ///
    /// # Errors
    /// Why it may not.
    pub fn unset(&mut self, key: &Name, path: &Path) -> Result<(), Error> {
        known(self.state, &self.plan, key)?;
        self.require_once(key, path)
    }

    /// Whether the members of a segment may change so, each segment once and each member once: as one that comes, or as one that goes.
    /// Those of the node's plan are accounts.
    ///
    /// # Errors
    /// Why they may not.
    pub fn segment(&mut self, segment: &Name, add: &[Text<64>], remove: &[Text<64>]) -> Result<(), Error> {
        let (state, plan) = (self.state, &self.plan);
        let unknown = || Error::SegmentUnknown { plan: plan.clone(), segment: segment.clone() };
        let before = queries::segment(state, plan, segment).ok_or_else(unknown)?;
        if !self.changed.insert(segment.clone()) {
            return Err(Error::SegmentTwice { segment: segment.clone() });
        }
        require_each_once(segment, add, remove)?;
        if queries::is_node_plan(state, plan) {
            require_accounts(segment, add)?;
        }
        let after = changed_members(&before, add, remove);
        let most = MOST_MEMBERS_OF_SEGMENT;
        if after.len() > most as usize {
            return Err(Error::Full { of: segment.clone(), register: FlagRegister::Members, most });
        }
        let after = List::<Text<64>, MOST_MEMBERS_OF_SEGMENT>::truncate_from(after.into_iter().collect());
        self.counts.weigh(Some(size(&before)), Some(size(&after)));
        self.require_fit()
    }

    /// Whether a plan may come with these segments; those that are there stay as they are, and one that is named twice is one.
    ///
    /// # Errors
    /// When there is no room.
    pub fn segments(&mut self, segments: &[Name]) -> Result<(), Error> {
        let is_new = |name: &&Name| queries::segment(self.state, &self.plan, name).is_none();
        let new: BTreeSet<&Name> = segments.iter().filter(is_new).collect();
        let new = u32::try_from(new.len()).unwrap_or(u32::MAX);
        self.counts.segments = self.counts.segments.saturating_add(new);
        self.counts.weigh(None, Some(new));
        self.require_fit()
    }

    /// Whether a plan may come with a segment that has members from the start, each segment once; one that is there stays as it is.
    /// `is_of_node` says whether it is the plan that governs this network, whose members are accounts: it may be that only from then
    /// on.
    ///
    /// # Errors
    /// Why it may not.
    pub fn filled_segment(&mut self, is_of_node: bool, segment: &Name, members: &[Text<64>]) -> Result<(), Error> {
        if !self.changed.insert(segment.clone()) {
            return Err(Error::SegmentTwice { segment: segment.clone() });
        }
        if is_of_node {
            require_accounts(segment, members)?;
        }
        if queries::segment(self.state, &self.plan, segment).is_none() {
            let members = changed_members(&SegmentMembers::new(), members, &[]);
            let members = SegmentMembers::truncate_from(members.into_iter().collect());
            self.counts.segments = self.counts.segments.saturating_add(1);
            self.counts.weigh(None, Some(size(&members)));
        }
        self.require_fit()
    }

    /// Whether a version of a plan may come with these flags: see [`flags_of_plan`].
    ///
    /// # Errors
    /// Why one of them may not.
    pub fn flags(&mut self, at: Moment, is_of_node: bool, flags: &[Flag]) -> Result<(), Error> {
        let (state, plan) = (self.state, self.plan.clone());
        for flag in flags {
            flag.check(is_of_node)?;
            match queries::flag(state, &plan, &flag.key) {
                Some(before) if !before.flag.may_become(flag) => return Err(Error::Fixed { key: flag.key.clone() }),
                Some(before) => require_to_come(at, flag, Some(&before.flag))?,
                None => {
                    require_free(state, &plan, &flag.key)?;
                    require_to_come(at, flag, None)?;
                }
            }
            for required in &flag.requires {
                if !flags.iter().any(|other| other.key == *required) {
                    known(state, &plan, required)?;
                }
            }
            self.flag(flag)?;
        }
        Ok(())
    }

    /// Takes the room of a flag that is new, or takes the place of one.
    pub(crate) fn flag(&mut self, flag: &Flag) -> Result<(), Error> {
        let before = queries::flag(self.state, &self.plan, &flag.key).map(|before| before.flag);
        self.counts.flags = self.counts.flags.saturating_add(u32::from(before.is_none()));
        let height = if before.is_none() { 8 } else { 0 };
        self.counts.weigh(before.as_ref().map(size), Some(size(flag).saturating_add(height)));
        self.require_fit()
    }

    fn require_once(&mut self, key: &Name, path: &Path) -> Result<(), Error> {
        let is_first = self.set.insert((key.clone(), path.clone()));
        if is_first { Ok(()) } else { Err(Error::SetTwice { key: key.clone(), path: path.clone() }) }
    }

    fn require_fit(&self) -> Result<(), Error> {
        let FlagCounts { flags, settings, segments, attributes, bytes } = self.counts;
        let registers = [
            (flags, MOST_FLAGS, FlagRegister::Flags),
            (settings, MOST_SETTINGS, FlagRegister::Settings),
            (segments, MOST_SEGMENTS, FlagRegister::Segments),
            (attributes, MOST_ATTRIBUTES, FlagRegister::Attributes),
            (bytes, MOST_FLAGS_BYTES, FlagRegister::Bytes),
        ];
        match registers.into_iter().find(|(count, most, _)| count > most) {
            Some((_, most, register)) => Err(Error::Full { of: self.plan.clone(), register, most }),
            None => Ok(()),
        }
    }
}

/// Whether a version of a plan may come with these flags: each is new, or an edit of what is there. The roles that own them are the
/// plan's own, and for its mistakes to name.
///
/// # Errors
/// Why one of them may not.
pub fn flags_of_plan(state: &State, at: Moment, plan: &Name, is_of_node: bool, flags: &[Flag]) -> Result<(), Error> {
    FlagRoom::of(state, plan).flags(at, is_of_node, flags)
}

/// Whether a flag can serve that at all: asked of what comes with the flag itself, when a plan is installed at a stage. Whether there
/// are the segments that it names is for whoever installs them with it.
///
/// # Errors
/// Why it cannot.
pub fn targeting_of_plan(flag: &Flag, is_of_node: bool, targeting: &Targeting) -> Result<(), Error> {
    targeting.check(flag)?;
    if is_of_node { require_shape(flag, targeting) } else { Ok(()) }
}

/// Whether what is set of a flag at a path would be served: it is disabled neither there nor above.
///
/// # Errors
/// [`Error::Disabled`], which names where.
pub fn require_enabled(state: &State, plan: &Name, key: &Name, path: &Path) -> Result<(), Error> {
    match queries::disabled_above(state, plan, key, path) {
        Some(above) => Err(Error::Disabled { key: key.clone(), above }),
        None => Ok(()),
    }
}

/// Whether there is room to disable so many flags at a path, which only a tenant may find used up (ROLLOUTS 17). It is not asked of the
/// roles that own the plan: their emergencies never find the door closed.
///
/// # Errors
/// [`Error::ShareFull`].
pub fn require_room_to_disable(state: &State, plan: &Name, path: &Path, flags: u32) -> Result<(), Error> {
    tenants::require_room_to_disable(state, plan, path, flags)
}

/// Whether a flag is off for everybody at a path, or everything that it requires is on for everybody there; and so at every path
/// below, where something closer may decide (REQ-011). Asked of a state in which all of a change is done.
///
/// # Errors
/// [`Error::Prerequisite`], which names the first that is missing, and where.
pub fn require_prerequisites(state: &State, plan: &Name, key: &Name, path: &Path) -> Result<(), Error> {
    let flag = known(state, plan, key)?;
    let flags = FlagRequirements::among(state, plan, [&flag.key]);
    let places = flags.decided(key, &BTreeSet::from([path.clone()]));
    places.iter().find_map(|place| flags.missing(key, place)).map_or(Ok(()), Err)
}

/// A flag that there has to be.
pub(crate) fn known(state: &State, plan: &Name, key: &Name) -> Result<Flag, Error> {
    let unknown = || Error::FlagUnknown { plan: plan.clone(), key: key.clone() };
    queries::flag(state, plan, key).map(|defined| defined.flag).ok_or_else(unknown)
}

/// Refuses a key that a flag of the plan has or had.
pub(crate) fn require_free(state: &State, plan: &Name, key: &Name) -> Result<(), Error> {
    let is_taken = queries::flag(state, plan, key).is_some() || queries::is_retired(state, plan, key);
    if is_taken { Err(Error::FlagTaken { plan: plan.clone(), key: key.clone() }) } else { Ok(()) }
}

/// Refuses a day that is over, unless it was said before.
pub(crate) fn require_to_come(at: Moment, flag: &Flag, before: Option<&Flag>) -> Result<(), Error> {
    let is_said = before.is_some_and(|before| before.expires == flag.expires);
    match flag.expires {
        Expiry::At(end) if flag.expires.is_over(at.time) && !is_said => {
            Err(Error::AlreadyExpired { key: flag.key.clone(), at: end })
        }
        _ => Ok(()),
    }
}

/// Refuses an owner that is no role of the plan.
pub(crate) fn require_owner(state: &State, plan: &Name, flag: &Flag) -> Result<(), Error> {
    let key = RoleKey { plan: plan.clone(), role: flag.owner.clone() };
    let is_role = roles::queries::role(state, &key).is_some();
    if is_role { Ok(()) } else { Err(Error::Incomplete { key: flag.key.clone(), part: FlagPart::Owner }) }
}

fn require_path(plan: &Name, path: &Path, levels: u8) -> Result<(), Error> {
    let is_scope = path.depth() <= usize::from(levels);
    if is_scope { Ok(()) } else { Err(Error::BadPath { plan: plan.clone(), path: path.clone(), most: levels }) }
}

fn require_segments(state: &State, plan: &Name, targeting: &Targeting) -> Result<(), Error> {
    let missing = targeting.segments().into_iter().find(|name| queries::segment(state, plan, name).is_none());
    match missing {
        Some(segment) => Err(Error::SegmentUnknown { plan: plan.clone(), segment: segment.clone() }),
        None => Ok(()),
    }
}

/// A change says of each member what becomes of it. One that is listed twice would be in the segment once, and one that both comes and
/// goes would be in it ([`change_segment`](crate::apply::change_segment)): whoever reads such a change takes it for another.
fn require_each_once(segment: &Name, add: &[Text<64>], remove: &[Text<64>]) -> Result<(), Error> {
    let mut named = BTreeSet::new();
    match add.iter().chain(remove).find(|member| !named.insert(*member)) {
        Some(member) => Err(Error::MemberTwice { segment: segment.clone(), member: member.clone() }),
        None => Ok(()),
    }
}

/// As text an account is 64 hex digits in lower case, and so it is looked for.
fn require_accounts(segment: &Name, members: &[Text<64>]) -> Result<(), Error> {
    let is_account =
        |text: &Text<64>| text.as_str().parse::<AccountId>().is_ok_and(|id| id.to_string() == text.as_str());
    match members.iter().find(|member| !is_account(member)) {
        Some(member) => Err(Error::NoAccount { segment: segment.clone(), member: member.clone() }),
        None => Ok(()),
    }
}
