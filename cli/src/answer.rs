//! What a command answers, for people and for scripts.

use crate::escape;
use crate::failure::{Failure, failed};
use serde::Serialize;
use serde_json::Value;

/// What a command prints on standard output when it is done.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandAnswer {
    /// The view as the node serves it; all that `--json` prints. Null when everything is printed already.
    pub json: Value,
    /// The same for people, already escaped.
    pub text: String,
    /// Whether what was asked for is there. What is not exits with 1, as every failure does.
    pub found: bool,
}

impl CommandAnswer {
    /// Puts a view and its rendering together.
    ///
    /// # Errors
    /// When the view has no JSON form.
    pub fn new(view: &impl Serialize, text: String) -> Result<Self, Failure> {
        Ok(Self { json: serde_json::to_value(view).map_err(failed)?, text, found: true })
    }

    /// The same, of something that is there, or is not.
    pub fn found(self, found: bool) -> Self {
        Self { found, ..self }
    }

    /// The answer of a command that has printed everything already.
    pub fn told() -> Self {
        Self { json: Value::Null, text: String::new(), found: true }
    }

    /// What is printed.
    pub fn printed(&self, as_json: bool) -> String {
        if as_json && !self.json.is_null() { format!("{}\n", escape::json(&self.json)) } else { self.text.clone() }
    }
}
