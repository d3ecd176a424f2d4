//! Does a rule hold for somebody? Pure and total: whatever the rule, whatever is known of whom (ROLLOUTS 6.2).

use crate::bucket::is_in_share;
use crate::rule::{Operand, Rule, RuleNode, TARGETING_KEY};
use crate::targeting::SegmentMembers;
use primitives::{Decimal, Name};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is known of whoever asks for a value: OpenFeature's evaluation context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvaluationContext(BTreeMap<String, Attribute>);

/// Something that is known of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// Yes or no.
    Bool(bool),
    /// A number; `7` and `7.0` are the same.
    Number(Decimal),
    /// Text, as it was sent.
    Text(String),
}

impl EvaluationContext {
    /// Nothing is known but the targeting key.
    pub fn of(targeting_key: &str) -> Self {
        Self::default().with(TARGETING_KEY, Attribute::Text(targeting_key.to_owned()))
    }

    /// And this as well, in place of what was known under that name.
    #[must_use]
    pub fn with(mut self, name: &str, attribute: Attribute) -> Self {
        self.0.insert(name.to_owned(), attribute);
        self
    }

    /// What is known under a name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.0.get(name)
    }

    /// What shares of people are drawn by; none when it is missing, and when nothing can be drawn by what it is.
    pub fn targeting_key(&self) -> Option<Cow<'_, str>> {
        self.attribute(TARGETING_KEY)?.drawn_by()
    }
}

impl Attribute {
    /// What shares are drawn by: a text as it is, and the decimal text of a whole number.
    fn drawn_by(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(number.to_string()).filter(|text| !text.contains('.')).map(Cow::Owned),
            Self::Bool(_) => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self) -> Option<&Decimal> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    fn is(&self, operand: &Operand) -> bool {
        match (self, operand) {
            (Self::Bool(one), Operand::Bool(other)) => one == other,
            (Self::Number(one), Operand::Number(other)) => one == other,
            (Self::Text(one), Operand::Text(other)) => one == other.as_str(),
            _ => false,
        }
    }
}

/// Whether a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    /// That hangs on a share of people, and there is no targeting key to draw by.
    NeedsKey,
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::NeedsKey => Self::NeedsKey,
        }
    }

    /// `decides` when one of them is that, however the draw that is missing would have come out; else the other, if none is missing.
    fn joined(parts: &[Truth], decides: Truth) -> Self {
        if parts.contains(&decides) {
            decides
        } else if parts.contains(&Self::NeedsKey) {
            Self::NeedsKey
        } else {
            decides.not()
        }
    }
}

/// Whom a rule is asked about, and by what it is judged.
pub(crate) struct Evaluation<'e> {
    pub salt: &'e Name,
    pub segments: &'e BTreeMap<Name, SegmentMembers>,
    pub context: &'e EvaluationContext,
}

impl Evaluation<'_> {
    /// Whether a rule holds. One that is not well formed does not.
    pub(crate) fn holds(&self, rule: &Rule) -> Truth {
        if rule.nodes().iter().any(|node| self.lacks(node)) {
            return Truth::No;
        }
        let mut truths: Vec<Truth> = Vec::new();
        for node in rule.nodes() {
            let truth = match node {
                RuleNode::All(parts) => taken(&mut truths, *parts).map(|parts| Truth::joined(&parts, Truth::No)),
                RuleNode::Any(parts) => taken(&mut truths, *parts).map(|parts| Truth::joined(&parts, Truth::Yes)),
                RuleNode::Not => truths.pop().map(Truth::not),
                asking => Some(self.answer(asking)),
            };
            let Some(truth) = truth else { return Truth::No };
            truths.push(truth);
        }
        match truths.as_slice() {
            [truth] => *truth,
            _ => Truth::No,
        }
    }

    /// Whether the attribute that a node asks is not known. A share of people is another matter: without a key to draw by nobody
    /// can say that it does not hold.
    fn lacks(&self, node: &RuleNode) -> bool {
        let draws_by_key = matches!(node, RuleNode::Share { of, .. } if of.as_str() == TARGETING_KEY);
        let asked = node.attribute().filter(|_| !draws_by_key);
        asked.is_some_and(|name| self.context.attribute(name).is_none())
    }

    fn answer(&self, node: &RuleNode) -> Truth {
        if let RuleNode::Share { of, per_100k } = node {
            return self.drawn(of, *per_100k);
        }
        let attribute = node.attribute().and_then(|name| self.context.attribute(name));
        Truth::of(attribute.is_some_and(|attribute| self.is_so(node, attribute)))
    }

    fn is_so(&self, node: &RuleNode, attribute: &Attribute) -> bool {
        match node {
            RuleNode::Is(_, operand) => attribute.is(operand),
            RuleNode::In(_, operands) => operands.iter().any(|operand| attribute.is(operand)),
            RuleNode::Segment(segment) => {
                let key = attribute.drawn_by();
                let members = self.segments.get(segment);
                key.zip(members).is_some_and(|(key, members)| members.iter().any(|member| member.as_str() == key))
            }
            RuleNode::Starts(_, start) => attribute.text().is_some_and(|text| text.starts_with(start.as_str())),
            RuleNode::Ends(_, end) => attribute.text().is_some_and(|text| text.ends_with(end.as_str())),
            RuleNode::Less(_, bound) => attribute.number().is_some_and(|number| number < bound),
            RuleNode::More(_, bound) => attribute.number().is_some_and(|number| number > bound),
            RuleNode::Version(_, ordering, version) => {
                let order = attribute.text().and_then(|text| version.compared(text));
                order.is_some_and(|order| ordering.is(order))
            }
            RuleNode::All(_) | RuleNode::Any(_) | RuleNode::Not | RuleNode::Share { .. } => false,
        }
    }

    fn drawn(&self, of: &Name, per_100k: u32) -> Truth {
        let drawn_by = self.context.attribute(of.as_str()).and_then(Attribute::drawn_by);
        match drawn_by {
            Some(attribute) => Truth::of(is_in_share(self.salt, &attribute, per_100k)),
            None if of.as_str() == TARGETING_KEY => Truth::NeedsKey,
            None => Truth::No,
        }
    }
}

/// The last so many; none when there are not so many, or none is asked for.
fn taken(truths: &mut Vec<Truth>, parts: u8) -> Option<Vec<Truth>> {
    let from = truths.len().checked_sub(usize::from(parts)).filter(|_| parts > 0)?;
    Some(truths.split_off(from))
}
