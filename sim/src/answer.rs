//! What is answered: a sentence for each question, and the numbers behind it.

use primitives::grouped;
use serde::Serialize;

/// All that a simulation has to say.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// One after the other.
    pub questions: Vec<Question>,
}

/// One question with its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// What is asked, as a question.
    pub asks: String,
    /// What the futures say, in a sentence or two.
    pub says: String,
    /// The numbers behind it.
    pub chart: Option<Chart>,
}

/// Numbers, as they are drawn.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chart {
    /// How something is spread over futures, by name.
    Spread {
        /// What the numbers count.
        unit: &'static str,
        /// Each with its name.
        of: Vec<(String, Spread)>,
    },
    /// How something goes with something else, by name.
    Lines {
        /// What goes to the right.
        x: &'static str,
        /// What goes up.
        y: &'static str,
        /// Each with its name, from left to right.
        of: Vec<(String, Vec<(u64, u64)>)>,
    },
    /// One number each, by name.
    Bars {
        /// What the numbers count.
        unit: &'static str,
        /// Each with its name.
        of: Vec<(String, u64)>,
    },
}

/// How numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The least.
    pub least: u64,
    /// A tenth is not above this one.
    pub p10: u64,
    /// Half is not above this one.
    pub median: u64,
    /// Nine tenths are not above this one.
    pub p90: u64,
    /// All but a hundredth are not above this one.
    pub p99: u64,
    /// The most.
    pub most: u64,
    /// How many there are.
    pub count: u64,
}

impl Spread {
    /// That of some numbers; none of none.
    pub fn of(values: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut sorted: Vec<u64> = values.into_iter().collect();
        sorted.sort_unstable();
        let count = sorted.len();
        // The least number that so many in a hundred are not above.
        let at = |percent: usize| sorted.get((count * percent).div_ceil(100).max(1) - 1).copied();
        Some(Self {
            least: *sorted.first()?,
            p10: at(10)?,
            median: at(50)?,
            p90: at(90)?,
            p99: at(99)?,
            most: *sorted.last()?,
            count: count as u64,
        })
    }
}

/// A part of a whole, as people read it: `97.3 %`; `-` of nothing.
pub fn share(part: u64, whole: u64) -> String {
    let permille = (u128::from(part) * 1_000 + u128::from(whole) / 2).checked_div(whole.into());
    permille.map_or_else(|| "-".to_owned(), |permille| format!("{}.{} %", permille / 10, permille % 10))
}

/// So many of something, as people write it: `1 epoch`, `1,200 epochs`. `one` is its name in the singular.
pub fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_counted_as_several() {
        let read = [0, 1, 2, 1_200].map(|count| counted(count, "epoch"));
        assert_eq!(read, ["0 epochs", "1 epoch", "2 epochs", "1,200 epochs"]);
    }

    #[test]
    fn a_spread_is_of_what_is_there() {
        assert_eq!(Spread::of([]), None);
        let one = Spread::of([7]).unwrap();
        assert_eq!((one.least, one.p10, one.median, one.p99, one.most, one.count), (7, 7, 7, 7, 7, 1));
        let hundred = Spread::of((1..=100).rev()).unwrap();
        assert_eq!((hundred.least, hundred.p10, hundred.median), (1, 10, 50));
        assert_eq!((hundred.p90, hundred.p99, hundred.most), (90, 99, 100));
    }

    #[test]
    fn a_share_is_rounded_as_people_do() {
        assert_eq!([share(1, 3), share(2, 3), share(1, 1), share(0, 9)], ["33.3 %", "66.7 %", "100.0 %", "0.0 %"]);
        assert_eq!(share(u64::MAX, u64::MAX), "100.0 %");
        assert_eq!(share(0, 0), "-");
    }
}
