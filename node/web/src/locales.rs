//! What codes mean in the language of whoever reads: files of sentences, with fields by name. Consensus knows codes alone.
//!
//! English is built in, and says which codes there are: a code of another language that English has not is a mistake, and one that is
//! missing there is said in English (ROLLOUTS 12.3).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The language that everything falls back to.
const ENGLISH: &str = "en-US";
/// The languages that are built in, each with its file: those of `config/locales`, here once more because a release is built where
/// that folder is not.
const BUILT_IN: [(&str, &str); 2] =
    [(ENGLISH, include_str!("sentences/en-US.toml")), ("my-MM", include_str!("sentences/my-MM.toml"))];
/// The fields that a sentence may have.
pub(crate) const FIELDS: [&str; 4] = ["plan", "stage", "keys", "owners"];
/// How many bytes a file has at most.
const MOST_BYTES: u64 = 256 * 1024;
/// How many languages there are at most.
const MOST_LANGUAGES: usize = 64;

/// Why a file of sentences is not taken.
#[derive(Debug, thiserror::Error)]
#[error("{} is no file of sentences: {why}", file.display())]
pub struct LocaleMistake {
    file: PathBuf,
    why: String,
}

/// The sentences of all languages.
#[derive(Debug, Clone)]
pub struct Locales {
    /// By the tag of the language as RFC 5646 writes it; English is the first.
    languages: Vec<(String, BTreeMap<String, String>)>,
}

impl Locales {
    /// The languages that are built in.
    ///
    /// # Errors
    /// A mistake in one of them; a test reads them all.
    pub fn built_in() -> Result<Self, LocaleMistake> {
        let mut locales = Self { languages: Vec::new() };
        for (language, text) in BUILT_IN {
            let mistake = |why| LocaleMistake { file: format!("{language}.toml").into(), why };
            locales.add(language, text).map_err(mistake)?;
        }
        Ok(locales)
    }

    /// The same, and those in a folder, whose files are named after the languages, such as `de-DE.toml`; a file goes before what is built
    /// in. A folder that is not there adds none.
    ///
    /// # Errors
    /// The first mistake, with its file.
    pub fn with(folder: &Path) -> Result<Self, LocaleMistake> {
        let mut locales = Self::built_in()?;
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(locales) };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
        files.sort();
        for file in files {
            locales.read(&file).map_err(|why| LocaleMistake { file, why })?;
        }
        Ok(locales)
    }

    fn read(&mut self, file: &Path) -> Result<(), String> {
        let language = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let bytes = std::fs::metadata(file).map_err(|error| error.to_string())?.len();
        if bytes > MOST_BYTES {
            return Err(format!(
                "it has more than {MOST_BYTES} bytes; leave sentences out, which are then said in English"
            ));
        }
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        self.add(&language, &text)
    }

    fn add(&mut self, language: &str, text: &str) -> Result<(), String> {
        if !is_language(language) {
            return Err(format!("{language:?} is no language; name the file like de-DE.toml"));
        }
        let sentences: BTreeMap<String, String> = toml::from_str(text).map_err(|error| error.to_string())?;
        for (code, sentence) in &sentences {
            if self.languages.first().is_some_and(|(_, english)| !english.contains_key(code)) {
                return Err(format!("there is no code {code}; correct it, or leave it out"));
            }
            check_fields(sentence).map_err(|why| format!("{code}: {why}"))?;
        }
        self.languages.retain(|(known, _)| known == ENGLISH || !known.eq_ignore_ascii_case(language));
        let is_full = self.languages.len() >= MOST_LANGUAGES;
        match self.languages.first_mut() {
            Some((english, before)) if english.eq_ignore_ascii_case(language) => before.extend(sentences),
            _ if is_full => return Err("there are 64 languages already".into()),
            _ => self.languages.push((language.to_owned(), sentences)),
        }
        Ok(())
    }

    /// The best language for what a client accepts, by its place; English when it accepts none of them.
    pub(crate) fn accepted(&self, accept: &str) -> usize {
        let mut wanted: Vec<(u16, &str)> = accept.split(',').take(32).filter_map(weighed).collect();
        // The first of equal ones stays first.
        wanted.sort_by(|(one, _), (other, _)| other.cmp(one));
        wanted.into_iter().find_map(|(_, range)| self.matching(range)).unwrap_or(0)
    }

    /// The language that is this, or the first that begins with it, such as `my-MM` for `my`; or that it begins with in its first part.
    fn matching(&self, range: &str) -> Option<usize> {
        if range == "*" {
            return Some(0);
        }
        let tags = || self.languages.iter().map(|(tag, _)| tag.as_str());
        let main = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let exactly = tags().position(|tag| tag.eq_ignore_ascii_case(range));
        exactly.or_else(|| tags().position(|tag| main(tag) == main(range)))
    }

    /// The tag of a language.
    pub(crate) fn tag(&self, language: usize) -> &str {
        self.languages.get(language).map_or(ENGLISH, |(tag, _)| tag)
    }

    /// What a code means in a language, with its fields filled in; in English where that language has no sentence, and the code itself
    /// where English has none.
    pub(crate) fn sentence(&self, language: usize, code: &str, fields: &[(&str, &str)]) -> String {
        let of = |language: usize| self.languages.get(language).and_then(|(_, sentences)| sentences.get(code));
        let Some(sentence) = of(language).or_else(|| of(0)) else { return code.to_owned() };
        filled(sentence, fields)
    }
}

/// A sentence with its fields filled in. What is filled in is not looked at again.
fn filled(sentence: &str, fields: &[(&str, &str)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(sentence.len() + 64), sentence);
    while let Some((before, (field, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        out.push_str(before);
        out.push_str(fields.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| *value));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether all that stands between braces is a field.
fn check_fields(sentence: &str) -> Result<(), String> {
    let mut rest = sentence;
    while let Some(at) = rest.find(['{', '}']) {
        let field = rest.get(at..).and_then(|from| from.strip_prefix('{')).and_then(|from| from.split_once('}'));
        let (field, after) = field.ok_or("it has a brace without its other half; a field is like {keys}")?;
        if !FIELDS.contains(&field) {
            return Err(format!("there is no field {{{field}}}; a sentence may have {{{}}}", FIELDS.join("}, {")));
        }
        rest = after;
    }
    if sentence.trim().is_empty() { Err("it says nothing".into()) } else { Ok(()) }
}

/// Whether a text is the tag of a language, such as `en-US` or `my`.
fn is_language(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_part = |part: &&str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (1..=4).contains(&parts.len())
        && parts.iter().all(is_part)
        && parts[0].bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A range of languages with its weight, in thousandths; none when nobody can tell, or it is not wanted at all (RFC 9110 section 12.5.4).
fn weighed(entry: &str) -> Option<(u16, &str)> {
    let (range, weight) = match entry.split_once(';') {
        Some((range, weight)) => (range, thousandths(weight.trim().strip_prefix("q=")?)?),
        None => (entry, 1_000),
    };
    let range = range.trim();
    (weight > 0 && (range == "*" || is_language(range))).then_some((weight, range))
}

/// A weight from 0 to 1 with at most three digits behind its point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = part.bytes().all(|byte| byte.is_ascii_digit());
    let part: u16 = format!("{part:0<3}").parse().ok().filter(|_| is_digits && part.len() <= 3)?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales() -> Locales {
        Locales::built_in().unwrap()
    }

    #[test]
    fn the_languages_that_are_built_in_have_no_mistake() {
        let locales = locales();
        assert_eq!((locales.tag(0), locales.tag(1)), ("en-US", "my-MM"));
        let english = locales.sentence(0, "SOAK", &[("keys", "soaked")]);
        assert!(english.contains("soaked") && !english.contains('{'), "{english}");
        assert_ne!(locales.sentence(1, "SOAK", &[("keys", "soaked")]), english);
    }

    #[test]
    fn what_is_built_in_is_what_the_repository_has() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/locales");
        let mut found: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml"))
            .collect();
        found.sort();
        assert_eq!(found, BUILT_IN.map(|(language, _)| format!("{language}.toml")));
        for (language, text) in BUILT_IN {
            let of_repository = std::fs::read_to_string(folder.join(format!("{language}.toml"))).unwrap();
            assert!(of_repository == text, "copy config/locales/{language}.toml to node/web/src/sentences");
        }
    }

    #[test]
    fn a_missing_translation_falls_back_to_english_and_an_unknown_code_to_itself() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("de-DE.toml"), "SOAK = \"{keys}: noch nicht lange genug\"\n").unwrap();
        std::fs::write(folder.path().join("readme.md"), "no sentences").unwrap();
        let locales = Locales::with(folder.path()).unwrap();
        let german = locales.accepted("de");
        assert_eq!(locales.sentence(german, "SOAK", &[("keys", "a{owners}")]), "a{owners}: noch nicht lange genug");
        assert_eq!(locales.sentence(german, "APPROVAL", &[]), locales.sentence(0, "APPROVAL", &[]));
        assert_eq!(locales.sentence(german, "NOBODY_KNOWS", &[]), "NOBODY_KNOWS");
        assert!(Locales::with(&folder.path().join("none")).is_ok());
    }

    #[test]
    fn a_code_or_field_that_nobody_knows_is_a_mistake_with_its_file() {
        let bad = [
            ("de-DE.toml", "SOKA = \"x\""),
            ("de-DE.toml", "SOAK = \"{key} fehlt\""),
            ("de-DE.toml", "SOAK = \"{keys fehlt\""),
            ("de-DE.toml", "SOAK = \"keys} fehlt\""),
            ("de-DE.toml", "SOAK = \" \""),
            ("de-DE.toml", "SOAK = 7"),
            ("de-DE.toml", "SOAK = \"a\"\nSOAK = \"b\""),
            ("german language.toml", "SOAK = \"x\""),
        ];
        for (file, text) in bad {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), text).unwrap();
            let mistake = Locales::with(folder.path()).unwrap_err().to_string();
            assert!(mistake.contains(file), "{text}: {mistake}");
        }
    }

    #[test]
    fn the_language_is_the_one_that_a_client_likes_best_and_english_else() {
        let locales = locales();
        let burmese = locales.accepted("my-MM");
        assert_eq!(burmese, 1);
        for (accept, language) in [
            ("my", burmese),
            ("MY-mm", burmese),
            ("my-ZZ", burmese),
            ("fr, my;q=0.5, en;q=0.1", burmese),
            ("en;q=0.9, my;q=0.95", burmese),
            ("en, my", 0),
            ("fr", 0),
            ("", 0),
            ("*", 0),
            ("my;q=0", 0),
            ("my;q=1.5", 0),
            ("my;q=0.1234", 0),
            ("my;q=x, my;level=1", 0),
            ("\u{7f}\u{0},;;q=,-", 0),
        ] {
            assert_eq!(locales.accepted(accept), language, "{accept:?}");
        }
    }
}
