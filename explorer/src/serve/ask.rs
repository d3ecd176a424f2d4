//! What stands in a URL, read strictly.

use super::problem::Problem;
use crate::queries::Parameters;
use axum::extract::Query;
use axum::http::Uri;
use rpc::views::MOST_PER_PAGE;
use std::str::FromStr;

/// The most characters behind a `?`.
const LONGEST: usize = 2048;

/// The parameters of a URL. Empty ones, as forms send them, count as left out; unknown ones, and ones that are there twice,
/// are refused.
///
/// # Errors
/// The first that is wrong.
pub fn query<T: Parameters>(uri: &Uri) -> Result<T, Problem> {
    let raw = uri.query().unwrap_or_default();
    if raw.len() > LONGEST {
        return Err(Problem::bad_request(format!("the query has {} characters, and may have {LONGEST}", raw.len())));
    }
    // A database keeps no text with it.
    if raw.contains("%00") {
        return Err(Problem::bad_request("the query has a zero byte (%00), which stands in nothing that can be found"));
    }
    let names = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or_default());
    if let Some(unknown) = names.into_iter().find(|name| !T::NAMES.contains(name)) {
        let known =
            if T::NAMES.is_empty() { "there is none here".into() } else { format!("there is {}", T::NAMES.join(", ")) };
        return Err(Problem::bad_request(format!("{unknown:?} is not the name of a parameter; {known}")));
    }
    let said: Vec<&str> =
        raw.split('&').filter(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty())).collect();
    let uri =
        Uri::from_str(&format!("/?{}", said.join("&"))).map_err(|error| Problem::bad_request(error.to_string()))?;
    let Query(query) = Query::try_from_uri(&uri).map_err(|error| Problem::bad_request(error.body_text()))?;
    Ok(query)
}

/// A part of the path as its type.
///
/// # Errors
/// It is no such thing.
pub fn part<T: FromStr<Err: std::fmt::Display>>(what: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::bad_request(format!("{text:?} is not {what}: {error}")))
}

/// How many entries are asked for.
///
/// # Errors
/// Not 1 to 100.
pub fn page_size(size: Option<u32>) -> Result<u32, Problem> {
    match size.unwrap_or(20) {
        size @ 1..=MOST_PER_PAGE => Ok(size),
        size => Err(Problem::bad_request(format!("page_size must be 1 to {MOST_PER_PAGE}, not {size}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::Nothing;

    #[test]
    fn pages_have_one_to_a_hundred_entries() {
        assert_eq!([None, Some(1), Some(100)].map(|size| page_size(size).unwrap()), [20, 1, 100]);
        assert!([0, 101, u32::MAX].iter().all(|size| page_size(Some(*size)).is_err()));
    }

    #[test]
    fn a_url_without_parameters_takes_none() {
        let asked = |query: &str| super::query::<Nothing>(&Uri::from_str(&format!("/x?{query}")).unwrap());
        assert_eq!(asked(""), Ok(Nothing {}));
        for bad in ["x", "x=", "=", "=1", "page"] {
            assert!(asked(bad).is_err(), "{bad}");
        }
    }
}
