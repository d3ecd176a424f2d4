//! What went wrong: the exit code, and what is printed about it.

use crate::next_step;
use host::keys::KeyFileError;
use serde_json::{Value, json};

/// Why a command did not do what was asked.
///
/// With `--json` it is printed on standard error as `{"error":{"code":…,"message":…,"data":…}}`. The code is the exit code
/// (1, 2 or 130; see [`FailureCodes`]), or the JSON-RPC code where the node refused. `data` is the typed error of the node or of the chain.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The arguments, the environment or a file named in them cannot be used. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It was tried and did not work. Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// What answered cannot be read: it is no node, or one of a network that knows more. Exit code 1.
    #[error("{0}")]
    Unread(String),
    /// The node or the chain said no. Exit code 1.
    #[error("{message}")]
    Refused {
        /// The JSON-RPC code of a node's refusal; 1 for the chain's.
        code: i32,
        /// The sentence.
        message: String,
        /// The typed error.
        data: Value,
        /// What to do about it, where the sentence does not say so.
        next: Option<&'static str>,
    },
    /// The user ended it with ctrl-c. Exit code 130, as a shell reports SIGINT, so that what a script does after a conclusion
    /// is not done after an interruption.
    #[error("{0}")]
    Interrupted(String),
}

impl Failure {
    /// What the process exits with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Failed(_) | Failure::Unread(_) | Failure::Refused { .. } => 1,
            Failure::Interrupted(_) => 130,
        }
    }

    /// What to do about it, where its sentence does not say so.
    pub fn next_step(&self) -> Option<&'static str> {
        match self {
            Failure::Refused { next, .. } => *next,
            _ => None,
        }
    }

    /// The error object that `--json` prints.
    pub fn to_json(&self, codes: FailureCodes) -> Value {
        let (code, data) = match self {
            Failure::Refused { code, data, .. } => (*code, data.clone()),
            other => (i32::from(codes.of(other)), Value::Null),
        };
        json!({ "error": { "code": code, "message": self.to_string(), "data": data } })
    }
}

/// What a failure exits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureCodes {
    /// 1 or 2, and 130 for ctrl-c.
    Usual,
    /// Where 1 and 2 are answers: 3 for what could not be asked, 64 for usage, and 130 for ctrl-c.
    Explanation,
}

impl FailureCodes {
    /// The exit code of a failure.
    pub fn of(self, failure: &Failure) -> u8 {
        match (self, failure) {
            (Self::Explanation, Failure::Usage(_)) => 64,
            (Self::Explanation, Failure::Failed(_) | Failure::Unread(_) | Failure::Refused { .. }) => 3,
            (Self::Explanation, Failure::Interrupted(_)) | (Self::Usual, _) => failure.exit_code(),
        }
    }
}

/// A failure of the environment, in its own words.
pub fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(error.to_string())
}

/// A mistake in the arguments or the configuration, in its own words.
pub fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::Usage(error.to_string())
}

/// What a key file or a passphrase that cannot be used means for the command.
pub(crate) fn unusable(error: KeyFileError) -> Failure {
    match error {
        KeyFileError::Io { .. } => failed(error),
        _ => usage(error),
    }
}

/// What the chain refused, or would refuse: its own sentence, and the typed error.
pub fn refused(error: impl Into<runtime::Error>) -> Failure {
    refused_so(error.into(), "")
}

/// The same, with what it means for the one who asked behind the sentence.
pub fn refused_so(error: runtime::Error, so: &str) -> Failure {
    let data = serde_json::to_value(&error).unwrap_or_default();
    let next = next_step::after(&error);
    Failure::Refused { code: 1, message: format!("{}{so}", coded(&error)), data, next }
}

/// The sentence of a refusal, behind the code by which tools know it, where it has one.
pub fn coded(error: &runtime::Error) -> String {
    error.code().map_or_else(|| error.to_string(), |code| format!("{code}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_1_and_2_are_answers_failures_have_other_codes() {
        let failures = [usage("x"), failed("x"), Failure::Interrupted("x".into())];
        let codes = |of: FailureCodes| failures.iter().map(|failure| of.of(failure)).collect::<Vec<_>>();
        assert_eq!(codes(FailureCodes::Usual), [2, 1, 130]);
        assert_eq!(codes(FailureCodes::Explanation), [64, 3, 130]);
        assert_eq!(usage("x").to_json(FailureCodes::Explanation)["error"]["code"], 64);
    }

    #[test]
    fn the_code_of_a_refusal_stands_before_its_sentence() {
        let plan = primitives::Name::new("chain").unwrap();
        let unknown = rollouts::Error::PlanUnknown { plan };
        let said = refused(unknown.clone()).to_string();
        assert_eq!(said, format!("E_PLAN: {unknown}"));
        assert_eq!(refused(accounts::Error::ZeroAmount).to_string(), accounts::Error::ZeroAmount.to_string());
    }
}
