//! What a change moves, as words.

use crate::pages::parts::{badge, table};
use crate::pages::text::{count, short, stranger};
use flags::{Arm, Flag, Rule, RuleNode, Serve, Targeting};
use maud::{Markup, html};
use primitives::{List, Name};
use rollouts::change::{Effect, EffectTo, Effected, FlagSide};

/// What moved, each with what was before: which is also what would undo it.
pub(super) fn effects(effects: &[Effected], flags: &[Flag]) -> Markup {
    let rows = html! {
        @for effect in effects {
            @match effect {
                Effected::Flag { flag, path, before, after } => {
                    @let known = flags.iter().find(|known| known.key == *flag);
                    tr {
                        td data-label="What" { "flag " code { (flag.as_str()) } }
                        td data-label="Where" { (super::parts::path(path)) }
                        td data-label="Before" { (side(before, known)) }
                        td data-label="After" { (side(after, known)) }
                    }
                },
                Effected::Segment { name, added, removed } => {
                    tr {
                        td data-label="What" { "segment " code { (name.as_str()) } }
                        td data-label="Where" { "everywhere" }
                        td data-label="Before" { (count(removed.len() as u64, "member")) " in it that went" }
                        td data-label="After" {
                            (count(added.len() as u64, "member")) " came"
                            @for member in added.iter().take(8) { " " (stranger(&short(member.as_str()))) }
                        }
                    }
                },
            }
        }
    };
    table("What moved", &["What", "Where", "Before", "After"], rows)
}

/// What a change asks to move, of one that is not carried out.
pub(super) fn asked(effects: &[Effect], flags: &[Flag]) -> Markup {
    html! {
        ul.plain {
            @for effect in effects {
                li {
                    @match effect {
                        Effect::Flag { flag, path, to, .. } => {
                            "flag " code { (flag.as_str()) } " " (super::parts::path(path)) ": "
                            @match to {
                                EffectTo::Setting(set) => (targeting(set, flags.iter().find(|known| known.key == *flag))),
                                EffectTo::Unset => "what the path above serves",
                                EffectTo::Enabled => "enabled again",
                            }
                        },
                        Effect::Segment { name, add, remove, .. } => {
                            "segment " code { (name.as_str()) } ": " (count(add.len() as u64, "member")) " come, "
                            (count(remove.len() as u64, "member")) " go"
                        },
                    }
                }
            }
        }
    }
}

/// How a flag stands at exactly a path.
pub(super) fn side(side: &FlagSide, flag: Option<&Flag>) -> Markup {
    html! {
        @if side.disabled { (badge("warn", "disabled")) " " }
        @match &side.targeting { Some(set) => (targeting(set, flag)), None => "nothing set" }
    }
}

/// What is served, and to whom.
pub(super) fn targeting(targeting: &Targeting, flag: Option<&Flag>) -> Markup {
    html! {
        @for arm in targeting.cases.iter() {
            (serve(&arm.serve, flag)) " to "
            @match segment_of(arm) { Some(segment) => code { (segment.as_str()) }, None => "those of a rule" }
            "; "
        }
        @if targeting.cases.is_empty() { (serve(&targeting.otherwise, flag)) }
        @else { (serve(&targeting.otherwise, flag)) " to all others" }
    }
}

/// The segment that a case is about, if that is all that it asks.
fn segment_of(arm: &Arm) -> Option<Name> {
    let alone = Targeting { cases: List::truncate_from(vec![arm.clone()]), otherwise: Serve::Inherit };
    let segment = alone.segments().into_iter().next().cloned()?;
    let rule = Rule::from(List::truncate_from(vec![RuleNode::Segment(segment.clone())]));
    (arm.when == rule).then_some(segment)
}

fn serve(serve: &Serve, flag: Option<&Flag>) -> Markup {
    match serve {
        Serve::Variant(place) => variant(*place, flag),
        Serve::Split(weights) => html! {
            "one of "
            @for (number, (place, weight)) in weights.iter().enumerate() {
                @if number > 0 { ", " }
                (variant(*place, flag)) " (" (weight) ")"
            }
        },
        Serve::Inherit => html! { "what the path above serves" },
    }
}

fn variant(place: u8, flag: Option<&Flag>) -> Markup {
    match flag.and_then(|flag| flag.variant(place)) {
        Some(variant) => html! { code { (variant.name.as_str()) } },
        None => html! { "variant " (place) },
    }
}
