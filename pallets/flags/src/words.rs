//! How flags are spoken of.

use crate::{Call, Error, Event, Expiry, Flag, FlagEdit, Risk};
use primitives::Subject;
use roles::Actor;
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Define { plan, acting, flag } => format!("defines {} in plan {plan}, as {acting}", described(flag)),
            Call::Edit { plan, acting, key, edit } => {
                format!("edits flag {key:?} of plan {plan}{}, as {acting}", edits(edit))
            }
            Call::Retire { plan, acting, key } => format!("retires flag {key:?} of plan {plan} for good, as {acting}"),
            Call::RevokeTokens { plan, acting, account, issued_before } => format!(
                "revokes the tokens for plan {plan} that {account} issued before {issued_before} ms since 1970, as {acting}"
            ),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::Define { .. } | Call::Edit { .. } | Call::Retire { .. } => Vec::new(),
            Call::RevokeTokens { account, .. } => vec![Subject::Account(*account)],
        }
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::Defined { plan, flag, by } => format!("{by} defined {} in plan {plan}", described(flag)),
            Event::Edited { plan, flag, by } => format!("{by} edited {} of plan {plan}", described(flag)),
            Event::Retired { plan, key, by } => format!("{by} retired flag {key:?} of plan {plan} for good"),
            Event::Expired { plan, key, owner, .. } => format!(
                "the day has come by which flag {key:?} of plan {plan} was to be gone; it serves what it served, and {owner} answers \
                 for it"
            ),
            Event::TokensRevoked { plan, account, issued_before, by } => format!(
                "{by} revoked the tokens for plan {plan} that {account} issued before {issued_before} ms since 1970"
            ),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::Defined { by: Actor { account, .. }, .. }
            | Event::Edited { by: Actor { account, .. }, .. }
            | Event::Retired { by: Actor { account, .. }, .. } => vec![Subject::Account(*account)],
            Event::Expired { .. } => Vec::new(),
            Event::TokensRevoked { account, by, .. } if by.account == *account => vec![Subject::Account(*account)],
            Event::TokensRevoked { account, by, .. } => vec![Subject::Account(by.account), Subject::Account(*account)],
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "flags.refused"
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

/// A flag, as part of a sentence: what it is, what it can serve, and who answers for it until when.
fn described(flag: &Flag) -> String {
    let names: Vec<String> = flag.variants.iter().map(|variant| variant.name.to_string()).collect();
    let fallback = flag.variant(flag.fallback).map(|variant| format!(", {} where nothing is set", variant.name));
    let risk = if flag.risk == Risk::High { ", of high risk" } else { "" };
    format!(
        "flag {:?} ({}, {}{}{risk}), for which {} answers{}",
        flag.key,
        flag.kind,
        names.join(" or "),
        fallback.unwrap_or_default(),
        flag.owner,
        until(flag.expires)
    )
}

fn until(expires: Expiry) -> String {
    match expires {
        Expiry::At(time) => format!(" until {time} ms since 1970"),
        Expiry::Never => String::new(),
    }
}

/// What an edit changes, as the end of a sentence.
fn edits(FlagEdit { text, owner, expires, raises_risk, variants }: &FlagEdit) -> String {
    let names: Vec<String> = variants.iter().map(|variant| variant.name.to_string()).collect();
    let parts = [
        owner.as_ref().map(|owner| format!("{owner} answers for it")),
        expires.map(|expires| match expires {
            Expiry::At(_) => format!("it is there{}", until(expires)),
            Expiry::Never => "it is to stay".into(),
        }),
        raises_risk.then(|| "its risk is high".into()),
        (!names.is_empty()).then(|| format!("it can serve {} as well", names.join(" and "))),
        text.as_ref().map(|text| format!("it is described by {:?}", text.as_str())),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { " without a change".into() } else { format!(": {}", parts.join(", ")) }
}
