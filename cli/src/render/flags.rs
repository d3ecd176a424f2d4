//! Flags: what they are, and what they serve.

use super::screen::{Screen, TableCell};
use super::words::or_dash;
use flags::{Expiry, Flag, Serve, Targeting, Value};
use primitives::Path;
use rpc::views::{FlagDetail, FlagEvaluation, FlagView, FlagsOfPlan};

/// Draws the flags of a plan at a path.
pub fn list(screen: &Screen, view: &FlagsOfPlan) -> String {
    let rows: Vec<Vec<TableCell>> = view.flags.iter().map(|flag| row(screen, flag)).collect();
    let header = ["FLAG", "SERVES", "WHY", "KIND", "OWNER", "RISK", "SEEN BY", "EXPIRES"];
    screen.table(&header, &rows, "The plan has no flags.")
}

fn row(screen: &Screen, view: &FlagView) -> Vec<TableCell> {
    let FlagView { flag, served, .. } = view;
    let off = served.disabled_at.as_ref().map(|path| format!(", disabled {}", at(path))).unwrap_or_default();
    vec![
        TableCell::text(&flag.key),
        TableCell::text(&served.variant),
        TableCell::text(format!("{}{off}", served.reason)),
        TableCell::text(flag.kind),
        TableCell::text(&flag.owner),
        TableCell::text(flag.risk),
        TableCell::text(flag.audience),
        TableCell::text(expires(screen, view)),
    ]
}

fn at(path: &Path) -> String {
    if path.is_root() { "everywhere".into() } else { format!("at {path}") }
}

fn expires(screen: &Screen, view: &FlagView) -> String {
    match view.flag.expires {
        Expiry::Never => "never".into(),
        Expiry::At(_) if view.is_expired => "over".into(),
        Expiry::At(time) => screen.time(time),
    }
}

/// Draws a flag.
pub fn flag(screen: &Screen, detail: &FlagDetail) -> String {
    let FlagView { flag, served, since, .. } = &detail.view;
    let variants = flag.variants.iter().map(|variant| format!("{} ({})", variant.name, worth(&variant.value)));
    let named = |place: u8| or_dash(flag.variant(place).map(|variant| &variant.name));
    let listed = |keys: &[primitives::Name]| keys.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
    let mut fields = vec![
        ("Flag", format!("{} of plan {}, {}", flag.key, detail.plan, flag.kind)),
        ("Variants", variants.collect::<Vec<_>>().join(", ")),
        ("Fallback", named(flag.fallback)),
        ("Off", named(flag.off)),
        ("Owner", flag.owner.to_string()),
        ("Expires", expires(screen, &detail.view)),
        ("Risk", flag.risk.to_string()),
        ("Seen by", flag.audience.to_string()),
        ("Emergency", if flag.emergency { "may disable it".into() } else { "may not disable it".into() }),
        ("Defined", format!("in block {since}")),
        ("Serves", format!("{} at the root, by {}", served.variant, served.reason)),
    ];
    if !flag.text.as_str().is_empty() {
        fields.insert(1, ("About", flag.text.to_string()));
    }
    if !flag.requires.is_empty() {
        fields.push(("Requires", listed(&flag.requires)));
    }
    if !detail.required_by.is_empty() {
        fields.push(("Required by", listed(&detail.required_by)));
    }
    let set = settings(screen, detail);
    let off = disablings(screen, detail);
    format!("{}\n{set}\n{off}", screen.fields(&fields))
}

fn settings(screen: &Screen, detail: &FlagDetail) -> String {
    let rows = detail.settings.iter().map(|set| {
        vec![
            TableCell::text(at(&set.path)),
            TableCell::text(targeting(&detail.view.flag, &set.setting.targeting)),
            TableCell::number(set.setting.by),
            TableCell::number(set.setting.since.height),
        ]
    });
    let none = "Nothing is set, so it serves its fallback.";
    let table = screen.table(&["SET", "SERVES", "CHANGE", "BLOCK"], &rows.collect::<Vec<_>>(), none);
    table + &more(screen, detail.setting_count, detail.settings.len())
}

fn disablings(screen: &Screen, detail: &FlagDetail) -> String {
    let rows = detail.disablings.iter().map(|off| {
        let (by, since) = (off.disabled.by, off.disabled.since.height);
        vec![TableCell::text(at(&off.path)), TableCell::number(by), TableCell::number(since)]
    });
    let table = screen.table(&["DISABLED", "CHANGE", "BLOCK"], &rows.collect::<Vec<_>>(), "It is disabled nowhere.");
    table + &more(screen, detail.disabling_count, detail.disablings.len())
}

/// That there is more than is shown.
fn more(screen: &Screen, count: u64, shown: usize) -> String {
    let rest = count.saturating_sub(shown as u64);
    if rest == 0 { String::new() } else { screen.line(&format!("{rest} more are not shown.")) }
}

/// What is served at a path, in short: its cases, and what everybody else has.
fn targeting(flag: &Flag, targeting: &Targeting) -> String {
    let otherwise = serve(flag, &targeting.otherwise);
    if targeting.cases.is_empty() {
        return otherwise;
    }
    let cases = targeting.cases.iter().map(|case| {
        let segments: Vec<&str> = case.when.segments().into_iter().map(|name| name.as_str()).collect();
        let whom = if segments.is_empty() { "those whom its rule names".into() } else { segments.join(" and ") };
        format!("{} to {whom}", serve(flag, &case.serve))
    });
    format!("{}; otherwise {otherwise}", cases.collect::<Vec<_>>().join(", "))
}

fn serve(flag: &Flag, serve: &Serve) -> String {
    match serve {
        Serve::Variant(place) => or_dash(flag.variant(*place).map(|variant| &variant.name)),
        Serve::Inherit => "what the path above serves".into(),
        Serve::Split(_) => "shares of its variants".into(),
    }
}

/// What a variant is worth.
fn worth(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Text(value) => format!("{:?}", value.as_str()),
        Value::Object(value) => value.to_string(),
    }
}

/// Draws what somebody is served.
pub fn evaluation(screen: &Screen, view: &FlagEvaluation) -> String {
    let mut fields = vec![
        ("Flag", format!("{} of plan {}, {}", view.key, view.plan, at(&view.scope))),
        ("Serves", format!("{} ({})", view.variant, worth(&view.value))),
        ("Why", view.reason.to_string()),
        ("Version", format!("block {}", view.version)),
    ];
    fields.extend(view.error_code.as_ref().map(|code| ("Error", code.clone())));
    screen.fields(&fields)
}
