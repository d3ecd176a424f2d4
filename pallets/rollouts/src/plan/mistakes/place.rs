//! Where something stands in a profile.

use primitives::Name;

/// A name as a key of TOML: between quotes where it has a dot.
pub(super) fn key(name: &Name) -> String {
    if name.as_str().contains('.') { format!("\"{name}\"") } else { name.to_string() }
}

pub(super) fn stage(name: &Name) -> String {
    format!("stage.{}", key(name))
}

pub(super) fn check(name: &Name) -> String {
    format!("checks.{}", key(name))
}

pub(super) fn flag(name: &Name) -> String {
    format!("flags.{}", key(name))
}

pub(super) fn role(name: &Name) -> String {
    format!("roles.{}", key(name))
}

pub(super) fn phase(name: &Name) -> String {
    format!("phases.{}", key(name))
}

pub(super) fn playbook(name: &Name) -> String {
    format!("playbooks.{}", key(name))
}

pub(super) fn window(name: &Name) -> String {
    format!("windows.{}", key(name))
}

pub(super) fn signal(name: &Name) -> String {
    format!("signals.{}", key(name))
}

/// The value of a flag at the stage of that place in the order.
pub(super) fn value(stage: usize, flag: &Name) -> String {
    format!("stages[{stage}].feature_gates.{}", key(flag))
}
