//! Rules as programs: flat, over the slots of a context, comparing numbers instead of texts. What they come to is what
//! [`resolve`](crate::resolve) makes of the rule.

use super::context::{FlagContext, Known, bit};
use super::draw::Draw;
use super::names::NO_PLACE;
use super::source::SegmentTable;
use super::version::KeptVersion;
use super::words::{KEY_SLOT, Words};
use crate::evaluate::Truth;
use crate::rule::{Operand, Rule, RuleNode, VersionOrdering, WHOLE_SHARE};
use primitives::{Decimal, Name};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rule that can hold.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// The slots that have to be filled, or it does not hold.
    needs: u128,
    steps: Steps,
}

#[derive(Debug, Clone)]
enum Steps {
    /// Most rules are one question.
    One(Question),
    Several(Box<[Step]>),
}

#[derive(Debug, Clone)]
enum Step {
    Ask(Question),
    All(Joint),
    Any(Joint),
    Not,
}

/// How much of the stack a joint takes.
#[derive(Debug, Clone, Copy)]
struct Joint {
    mask: u64,
    bits: u32,
}

#[derive(Debug, Clone)]
enum Question {
    /// What nobody is: the member of a segment that the plan has not.
    Nobody,
    IsBool(u8, bool),
    IsNumber(u8, Decimal),
    IsText(u8, u32),
    In(u8, Box<Choices>),
    Member(Arc<SegmentTable>),
    Starts(u8, Box<str>),
    Ends(u8, Box<str>),
    Less(u8, Decimal),
    More(u8, Decimal),
    Version(u8, VersionOrdering, Box<KeptVersion>),
    Share {
        slot: u8,
        draw: Draw,
        per_100k: u32,
    },
}

/// What an attribute may be, by type.
#[derive(Debug, Clone, Default)]
struct Choices {
    /// Whether `false` and `true` are among them.
    bools: (bool, bool),
    numbers: Vec<Decimal>,
    /// Sorted.
    texts: Vec<u32>,
}

/// What the compiler of a rule knows beside it.
pub(super) struct ProgramParts<'p> {
    pub words: &'p mut Words,
    pub segments: &'p BTreeMap<Name, Arc<SegmentTable>>,
    /// What shares are drawn with.
    pub salt: &'p Name,
}

/// A truth on the stack, of two bits: neither is no.
const YES: u64 = 1;
const NEEDS_KEY: u64 = 2;
/// The lower bit of every truth on the stack, and the upper one.
const LOWER: u64 = 0x5555_5555_5555_5555;
const UPPER: u64 = 0xaaaa_aaaa_aaaa_aaaa;

impl Program {
    /// None for a rule that never holds, because it is not well formed.
    pub fn of(rule: &Rule, parts: &mut ProgramParts<'_>) -> Option<Self> {
        let (mut needs, mut height) = (0u128, 0usize);
        let mut steps = Vec::new();
        for node in rule.nodes() {
            let (step, takes) = match node {
                RuleNode::All(of) => (Step::All(Joint::of(*of)), usize::from(*of)),
                RuleNode::Any(of) => (Step::Any(Joint::of(*of)), usize::from(*of)),
                RuleNode::Not => (Step::Not, 1),
                asking => {
                    let (question, need) = Question::of(asking, parts)?;
                    needs |= need;
                    (Step::Ask(question), 0)
                }
            };
            let joins_nothing = takes == 0 && !matches!(step, Step::Ask(_));
            height = height.checked_sub(takes).filter(|_| !joins_nothing)?.saturating_add(1);
            steps.push(step);
        }
        if height != 1 {
            return None;
        }
        let one = if steps.len() == 1 { steps.pop() } else { None };
        let steps = match one {
            Some(Step::Ask(question)) => Steps::One(question),
            _ => Steps::Several(steps.into()),
        };
        Some(Self { needs, steps })
    }

    /// Whether it holds for somebody.
    #[inline]
    pub fn holds(&self, context: &FlagContext<'_>) -> Truth {
        if !context.has_all(self.needs) {
            return Truth::No;
        }
        let truth = match &self.steps {
            Steps::One(question) => question.answer(context),
            Steps::Several(steps) => run(steps, context),
        };
        match truth {
            YES => Truth::Yes,
            NEEDS_KEY => Truth::NeedsKey,
            _ => Truth::No,
        }
    }
}

/// A rule has no more parts than the stack has room for.
fn run(steps: &[Step], context: &FlagContext<'_>) -> u64 {
    let mut stack = 0u64;
    for step in steps {
        stack = match step {
            Step::Ask(question) => stack.wrapping_shl(2) | question.answer(context),
            Step::All(joint) => joint.of_stack(stack, |parts| {
                let is_no = !(parts | parts.wrapping_shr(1)) & LOWER & joint.mask != 0;
                if is_no { 0 } else { otherwise(parts, YES) }
            }),
            Step::Any(joint) => joint.of_stack(stack, |parts| {
                let is_yes = parts & LOWER != 0;
                if is_yes { YES } else { otherwise(parts, 0) }
            }),
            Step::Not if stack & NEEDS_KEY != 0 => stack,
            Step::Not => stack ^ YES,
        };
    }
    stack & (YES | NEEDS_KEY)
}

/// Where nothing decides: that a key is needed, when that is so of any part.
fn otherwise(parts: u64, without: u64) -> u64 {
    if parts & UPPER != 0 { NEEDS_KEY } else { without }
}

impl Joint {
    fn of(parts: u8) -> Self {
        let bits = u32::from(parts).saturating_mul(2);
        let mask = 1u64.checked_shl(bits).map_or(u64::MAX, |above| above.wrapping_sub(1));
        Self { mask, bits }
    }

    fn of_stack(&self, stack: u64, joined: impl FnOnce(u64) -> u64) -> u64 {
        let below = stack.checked_shr(self.bits).unwrap_or_default();
        below.wrapping_shl(2) | joined(stack & self.mask)
    }
}

impl Question {
    /// A question, and the slots that it needs. A share of people is asked without a key as well: nobody can say then that it does not
    /// hold. None where a plan asks more attributes than it may.
    fn of(node: &RuleNode, parts: &mut ProgramParts<'_>) -> Option<(Self, u128)> {
        let slot = parts.words.slot(node.attribute()?)?;
        let draws_by_key = slot == KEY_SLOT && matches!(node, RuleNode::Share { .. });
        let needs = if draws_by_key { 0 } else { bit(slot) };
        let question = match node {
            RuleNode::Is(_, Operand::Bool(is)) => Self::IsBool(slot, *is),
            RuleNode::Is(_, Operand::Number(number)) => Self::IsNumber(slot, *number),
            RuleNode::Is(_, Operand::Text(text)) => Self::IsText(slot, parts.words.symbol(text.as_str())),
            RuleNode::In(_, operands) => Self::In(slot, Box::new(Choices::of(operands, parts.words))),
            RuleNode::Segment(segment) => parts.segments.get(segment).cloned().map_or(Self::Nobody, Self::Member),
            RuleNode::Starts(_, start) => Self::Starts(slot, start.as_str().into()),
            RuleNode::Ends(_, end) => Self::Ends(slot, end.as_str().into()),
            RuleNode::Less(_, bound) => Self::Less(slot, *bound),
            RuleNode::More(_, bound) => Self::More(slot, *bound),
            RuleNode::Version(_, ordering, version) => {
                let kept = KeptVersion::new(version.as_str());
                kept.map_or(Self::Nobody, |kept| Self::Version(slot, *ordering, Box::new(kept)))
            }
            RuleNode::Share { per_100k, .. } => {
                Self::Share { slot, draw: Draw::salted(parts.salt), per_100k: *per_100k }
            }
            RuleNode::All(_) | RuleNode::Any(_) | RuleNode::Not => return None,
        };
        Some((question, needs))
    }

    #[inline]
    fn answer(&self, context: &FlagContext<'_>) -> u64 {
        let holds = match self {
            Self::Nobody => false,
            Self::IsText(slot, text) => matches!(context.known(*slot), Known::Text { symbol, .. } if symbol == text),
            Self::IsNumber(slot, number) => context.number(*slot) == Some(number),
            Self::IsBool(slot, is) => matches!(context.known(*slot), Known::Bool(other) if other == is),
            Self::In(slot, choices) => choices.have(context.known(*slot)),
            Self::Member(segment) => segment.has(context.member()),
            Self::Starts(slot, start) => context.text(*slot).is_some_and(|text| text.starts_with(&**start)),
            Self::Ends(slot, end) => context.text(*slot).is_some_and(|text| text.ends_with(&**end)),
            Self::Less(slot, bound) => context.number(*slot).is_some_and(|number| number < bound),
            Self::More(slot, bound) => context.number(*slot).is_some_and(|number| number > bound),
            Self::Version(slot, ordering, version) => {
                let order = context.text(*slot).and_then(|text| version.compared(text));
                order.is_some_and(|order| ordering.is(order))
            }
            Self::Share { slot, draw, per_100k } => match context.drawn(*slot, *draw, WHOLE_SHARE) {
                Some(place) => place < *per_100k,
                None if *slot == KEY_SLOT => return NEEDS_KEY,
                None => false,
            },
        };
        u64::from(holds)
    }
}

impl Choices {
    fn of(operands: &[Operand], words: &mut Words) -> Self {
        let mut choices = Self::default();
        for operand in operands {
            match operand {
                Operand::Bool(false) => choices.bools.0 = true,
                Operand::Bool(true) => choices.bools.1 = true,
                Operand::Number(number) => choices.numbers.push(*number),
                Operand::Text(text) => choices.texts.push(words.symbol(text.as_str())),
            }
        }
        choices.texts.sort_unstable();
        choices
    }

    fn have(&self, known: &Known<'_>) -> bool {
        match known {
            Known::Nothing => false,
            Known::Bool(false) => self.bools.0,
            Known::Bool(true) => self.bools.1,
            Known::Number(number) => self.numbers.contains(number),
            Known::Text { symbol: NO_PLACE, .. } => false,
            Known::Text { symbol, .. } => self.texts.binary_search(symbol).is_ok(),
        }
    }
}
