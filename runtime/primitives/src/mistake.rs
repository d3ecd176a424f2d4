//! What is wrong with something that a person wrote: everything at once, each with its place.

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Mistake {
    /// The dotted path.
    pub field: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Collects what is wrong below one part of a document.
#[derive(Debug)]
pub struct Checker<'m> {
    within: &'static str,
    mistakes: &'m mut Vec<Mistake>,
}

impl<'m> Checker<'m> {
    /// Mistakes of the part named `within`; each of its fields is named after it.
    pub fn within(within: &'static str, mistakes: &'m mut Vec<Mistake>) -> Self {
        Self { within, mistakes }
    }

    /// Notes `problem` with a field, unless what is required `holds`.
    pub fn require(&mut self, holds: bool, field: &str, problem: impl FnOnce() -> String) {
        if !holds {
            self.mistakes.push(Mistake { field: format!("{}.{field}", self.within), problem: problem() });
        }
    }
}
