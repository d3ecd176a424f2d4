//! What a role may do, and where.

use parity_scale_codec::{Decode, Encode};
use primitives::{Name, ScopePattern};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// That a role may do something where a pattern covers. Text and JSON: the action, a blank and the pattern, such as
/// `promote.submit **`; an action alone is one at the root alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(from = "String", into = "String"))]
pub struct Grant {
    /// What, such as `promote.submit`, `hold` or `appoint.TENANT_OWNER`.
    pub action: Name,
    /// Where.
    pub scope: ScopePattern,
}

impl Grant {
    /// What whoever has it may do is at least what another lets do.
    pub fn includes(&self, other: &Self) -> bool {
        self.action == other.action && self.scope.includes(&other.scope)
    }
}

impl std::fmt::Display for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.scope.as_str() {
            "" => write!(f, "{}", self.action),
            scope => write!(f, "{} {scope}", self.action),
        }
    }
}

/// The text between quotes: sentences show it so.
impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl std::str::FromStr for Grant {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (action, scope) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let wrong = |problem: String| format!("{text:?} is no grant such as \"promote.submit **\": {problem}");
        Ok(Self { action: action.parse().map_err(wrong)?, scope: scope.parse().map_err(wrong)? })
    }
}

impl Serialize for Grant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Grant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let grant: Self = text.parse().map_err(de::Error::custom)?;
        // Only what is typed may have other blanks than it is written with.
        if grant.to_string() == text {
            Ok(grant)
        } else {
            Err(de::Error::custom(format!("write the grant {grant:?} so")))
        }
    }
}
