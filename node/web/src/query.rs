//! What the query of a request says.

use crate::refusal::Refusal;
use axum::extract::Query;
use axum::http::Uri;
use primitives::Name;

/// The parameters that are known; others are passed over, since providers send what their users have them send.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AskedQuery {
    /// The plan, where it is asked without a token.
    pub plan: Option<Name>,
    /// The channel of a stream.
    pub channel: Option<String>,
    /// The configuration that the asker was told of.
    pub config_tag: Option<String>,
}

impl AskedQuery {
    /// Reads the query of a URL.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] for a parameter that stands twice, and for what is no name or time.
    pub fn read(uri: &Uri) -> Result<Self, Refusal> {
        if uri.query().is_none() {
            return Ok(Self::default());
        }
        let unreadable = |why: &str| Refusal::Unreadable(format!("the query {why}"));
        let Query(said) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| unreadable("is not encoded as queries are; percent-encode it"))?;
        let mut asked = Self::default();
        let mut modified = None;
        for (name, value) in said {
            let twice = match name.as_str() {
                "plan" => {
                    let plan =
                        Name::new(&value).ok_or_else(|| unreadable("names a plan that is no name; correct it"))?;
                    asked.plan.replace(plan).is_some()
                }
                "channel" => asked.channel.replace(value).is_some(),
                "flagConfigEtag" => asked.config_tag.replace(unquoted(&value).to_owned()).is_some(),
                "flagConfigLastModified" => modified.replace(value).is_some(),
                _ => false,
            };
            if twice {
                return Err(unreadable("has a parameter twice; leave one of them out"));
            }
        }
        // It is taken and adds nothing: what a configuration is called says more than when it was made.
        if modified.is_some_and(|time| !is_time(unquoted(&time))) {
            return Err(unreadable(
                "has a flagConfigLastModified that is neither seconds since 1970 nor a date of ISO 8601",
            ));
        }
        Ok(asked)
    }
}

/// A tag without its quotes; some clients send them.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("W/").unwrap_or(text).trim_matches('"')
}

fn is_time(text: &str) -> bool {
    text.parse::<u64>().is_ok() || humantime::parse_rfc3339(text).is_ok() || has_offset(text)
}

/// A date of RFC 3339 with an offset in the place of its `Z`.
fn has_offset(text: &str) -> bool {
    let Some((date, offset)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) else { return false };
    let of_offset =
        |part: Option<&str>, most: u8| part.is_some_and(|part| part.parse::<u8>().is_ok_and(|of| of <= most));
    let is_offset = offset.starts_with(['+', '-'])
        && offset.get(3..4) == Some(":")
        && of_offset(offset.get(1..3), 23)
        && of_offset(offset.get(4..), 59);
    is_offset && humantime::parse_rfc3339(&format!("{date}Z")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<AskedQuery, Refusal> {
        AskedQuery::read(&format!("/ofrep/v1/evaluate/flags?{query}").parse().unwrap())
    }

    #[test]
    fn known_parameters_are_read_and_others_passed_over() {
        assert_eq!(read(""), Ok(AskedQuery::default()));
        let asked =
            read("plan=pos&channel=pos.1f&flagConfigEtag=%22cfg-1%22&flagConfigLastModified=1771622898&x=1&x=2");
        let asked = asked.unwrap();
        assert_eq!((asked.plan, asked.channel.as_deref()), (Name::new("pos"), Some("pos.1f")));
        assert_eq!(asked.config_tag.as_deref(), Some("cfg-1"));
    }

    #[test]
    fn what_stands_twice_or_is_no_name_or_time_is_refused() {
        for bad in ["plan=", "plan=a%20b", "plan=a&plan=a", "channel=a&channel=b", "flagConfigLastModified=yesterday"] {
            assert_eq!(read(bad).unwrap_err().status(), 400, "{bad}");
        }
        for time in ["0", "1771622898", "2026-02-20T21:28:18Z", "2026-02-20T21:28:18.5Z", "2026-02-20T21:28:18%2B01:00"]
        {
            assert!(read(&format!("flagConfigLastModified={time}")).is_ok(), "{time}");
        }
        for time in ["-1", "1.5", "2026-02-30T00:00:00Z", "2026-02-20", "2026-02-20T21:28:18%2B25:00", "é%2B01:00"] {
            let bad = format!("flagConfigLastModified={time}").replace('é', "%C3%A9");
            assert!(read(&bad).is_err(), "{time}");
        }
    }
}
