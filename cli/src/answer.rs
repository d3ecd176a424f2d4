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
    /// What the process exits with: 0, or 1 where what was asked for is not there, as with every failure.
    pub code: u8,
}

impl CommandAnswer {
    /// Puts a view and its rendering together.
    ///
    /// # Errors
    /// When the view has no JSON form.
    pub fn new(view: &impl Serialize, text: String) -> Result<Self, Failure> {
        Ok(Self { json: serde_json::to_value(view).map_err(failed)?, text, code: 0 })
    }

    /// The same, of something that is there, or is not.
    pub fn found(self, found: bool) -> Self {
        self.with_code(u8::from(!found))
    }

    /// The same, of a command whose exit code says what the answer is.
    pub fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// The answer of a command that has printed everything already.
    pub fn told() -> Self {
        Self { json: Value::Null, text: String::new(), code: 0 }
    }

    /// What is printed.
    pub fn printed(&self, as_json: bool) -> String {
        if as_json && !self.json.is_null() { format!("{}\n", escape::json(&self.json)) } else { self.text.clone() }
    }
}
