//! Where somebody asks: the token fixes the leading levels, and attributes of the context that are named like deeper ones go on from
//! there (ROLLOUTS 12.2). A context that names another tenant than the token is refused, whatever it would have come to.

use crate::asked::AskedContext;
use crate::refusal::Refusal;
use flags::ContextValue;
use primitives::{Name, Path};

/// The name of the first level of an application's scopes, in which the stages of its plan stand.
const STAGE: &str = "stage";

/// The path at which flags are asked: the scope of the token, the root without one, and below it what the context names, level by level
/// until one is missing.
///
/// # Errors
/// [`Refusal::Outside`] when the context names another than the token does, and [`Refusal::Context`] for what is no name.
pub(crate) fn asked_at(levels: &[Name], scope: &Path, context: &AskedContext<'_>) -> Result<Path, Refusal> {
    // The stage that a token fixes is in its scope alone: applications know other stages than ours.
    for (level, name) in levels.iter().zip(scope.names().skip(1)) {
        if let Some(said) = context.get(level.as_str())
            && named(level.as_str(), said)?.as_str() != name
        {
            return Err(Refusal::Outside { field: level.to_string() });
        }
    }
    let deeper = std::iter::once(STAGE).chain(levels.iter().map(Name::as_str)).skip(scope.depth());
    let below = deeper.map_while(|level| Some(named(level, context.get(level)?)));
    let below = below.collect::<Result<Vec<Name>, Refusal>>()?;
    if below.is_empty() {
        return Ok(scope.clone());
    }
    let path = Path::new(scope.names().filter_map(Name::new).chain(below));
    path.ok_or_else(|| Refusal::Context("the context names more levels than a path has".into()))
}

/// The name that an attribute says.
fn named(level: &str, said: ContextValue<'_>) -> Result<Name, Refusal> {
    let name = match said {
        ContextValue::Text(text) => Name::new(text),
        ContextValue::Bool(_) | ContextValue::Number(_) => None,
    };
    name.ok_or_else(|| {
        let why = "is a level of the scope, and no name; send 1 to 64 letters, digits, dots, underscores and hyphens as a text";
        Refusal::Context(format!("{level} {why}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(scope: &str, context: &str) -> Result<String, &'static str> {
        let levels = ["tenant", "branch"].map(|level| Name::new(level).unwrap());
        let body = format!("{{\"context\":{context}}}");
        let context = AskedContext::read(body.as_bytes()).unwrap();
        let asked = asked_at(&levels, &scope.parse().unwrap(), &context);
        asked
            .map(|path| path.to_string())
            .map_err(|refusal| if refusal.status() == 403 { "E_TENANT" } else { refusal.code() })
    }

    #[test]
    fn deeper_levels_go_on_from_the_token_until_one_is_missing() {
        assert_eq!(at("PROD/t1", "{}"), Ok("PROD/t1".into()));
        assert_eq!(at("PROD/t1", r#"{"branch":"b2"}"#), Ok("PROD/t1/b2".into()));
        assert_eq!(at("PROD/t1", r#"{"branch":"b2","tenant":"t1","stage":"any"}"#), Ok("PROD/t1/b2".into()));
        assert_eq!(at("PROD", r#"{"branch":"b2"}"#), Ok("PROD".into()), "no branch without its tenant");
        assert_eq!(at("PROD", r#"{"branch":"b2","tenant":"t9"}"#), Ok("PROD/t9/b2".into()));
        assert_eq!(at("", r#"{"stage":"DEV","tenant":"t1"}"#), Ok("DEV/t1".into()));
        assert_eq!(at("", r#"{"tenant":"t1"}"#), Ok(String::new()));
    }

    #[test]
    fn e06_a_context_that_names_another_tenant_or_branch_than_the_token_is_refused() {
        assert_eq!(at("PROD/t1", r#"{"tenant":"t2"}"#), Err("E_TENANT"));
        assert_eq!(at("PROD/t1", r#"{"tenant":"T1"}"#), Err("E_TENANT"), "names are compared by their bytes");
        assert_eq!(at("PROD/t1/b1", r#"{"tenant":"t1","branch":"b2"}"#), Err("E_TENANT"));
        assert_eq!(at("PROD/t1/b1", r#"{"branch":"b1"}"#), Ok("PROD/t1/b1".into()));
    }

    #[test]
    fn a_level_that_is_no_name_is_refused_and_climbs_nowhere() {
        for bad in [r#""../t2""#, r#""t2/b1""#, r#""""#, r#""*""#, r#"" t1""#, "7", "true"] {
            assert_eq!(at("PROD/t1", &format!(r#"{{"branch":{bad}}}"#)), Err("INVALID_CONTEXT"), "{bad}");
            assert_eq!(at("PROD/t1", &format!(r#"{{"tenant":{bad}}}"#)), Err("INVALID_CONTEXT"), "{bad}");
        }
    }

    #[test]
    fn no_refusal_says_what_the_context_named() {
        let context = AskedContext::read(br#"{"context":{"tenant":"secret-tenant"}}"#).unwrap();
        let levels = [Name::new("tenant").unwrap()];
        let refused = asked_at(&levels, &"PROD/t1".parse().unwrap(), &context).unwrap_err();
        assert!(!refused.to_string().contains("secret-tenant"), "{refused}");
    }
}
