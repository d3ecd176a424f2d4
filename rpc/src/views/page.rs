//! One page of a long list.

use crate::error::RpcRefusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::corrupt;
use std::convert::Infallible;

/// The most entries a page can have.
pub const MOST_PER_PAGE: u32 = 100;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct PageOf<T> {
    /// Entries on all pages.
    pub total: u64,
    /// This page, from 0.
    pub page: u64,
    /// Entries on a full page.
    #[schemars(range(min = 1, max = MOST_PER_PAGE))]
    pub page_size: u32,
    /// The entries of this page; none when it lies behind the last.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub entries: Vec<T>,
}

/// How many entries a page is asked to have: 1 to [`MOST_PER_PAGE`], 20 when left out.
///
/// # Errors
/// A size out of range.
pub(crate) fn size_of_page(size: Option<u32>) -> Result<u32, RpcRefusal> {
    let size = size.unwrap_or(20);
    let fits = (1..=MOST_PER_PAGE).contains(&size);
    fits.then_some(size)
        .ok_or_else(|| RpcRefusal::Parameter(format!("page_size must be 1 to {MOST_PER_PAGE}, not {size}")))
}

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRange {
    page: u64,
    size: u32,
}

impl PageRange {
    /// The first page, as large as one can be.
    pub(crate) const FIRST: Self = Self { page: 0, size: MOST_PER_PAGE };

    /// A page, from 0, of 1 to [`MOST_PER_PAGE`] entries; 20 when left out.
    ///
    /// # Errors
    /// A size out of range.
    pub fn new(page: Option<u64>, size: Option<u32>) -> Result<Self, RpcRefusal> {
        Ok(Self { page: page.unwrap_or(0), size: size_of_page(size)? })
    }

    /// A page of a list of so many, from its end: the last of them first, each as `row` reads it by its number from 1. The others
    /// are not read.
    ///
    /// # Errors
    /// Those of `row`.
    pub fn descending<T, E>(self, total: u64, row: impl FnMut(u64) -> Result<T, E>) -> Result<PageOf<T>, E> {
        let last = total.saturating_sub(self.before());
        let first = last.saturating_sub(self.size.into()).saturating_add(1);
        self.of(total, (first..=last).rev().map(row).collect::<Result<_, E>>()?)
    }

    /// The same from its beginning.
    ///
    /// # Errors
    /// Those of `row`.
    pub fn ascending<T, E>(self, total: u64, row: impl FnMut(u64) -> Result<T, E>) -> Result<PageOf<T>, E> {
        let (first, after) = (self.before().saturating_add(1), self.before().saturating_add(self.size.into()));
        self.of(total, (first..=after.min(total)).map(row).collect::<Result<_, E>>()?)
    }

    /// A page of what comes one after the other and of which nobody knows how much there is. All of it is gone through, to be counted, and
    /// no more of it is held than the page has.
    ///
    /// # Errors
    /// That of the first row that is none.
    pub fn counted<T, E>(self, all: impl Iterator<Item = Result<T, E>>) -> Result<PageOf<T>, E> {
        let (mut total, mut entries) = (0u64, Vec::new());
        for row in all {
            let row = row?;
            if total >= self.before() && entries.len() < self.size as usize {
                entries.push(row);
            }
            total = total.saturating_add(1);
        }
        self.of(total, entries)
    }

    /// How many entries are on the pages before this one.
    fn before(self) -> u64 {
        self.page.saturating_mul(self.size.into())
    }

    fn of<T, E>(self, total: u64, entries: Vec<T>) -> Result<PageOf<T>, E> {
        Ok(PageOf { total, page: self.page, page_size: self.size, entries })
    }
}

impl<T> PageOf<T> {
    /// A page that nothing keeps from being read.
    pub(crate) fn read(page: Result<Self, Infallible>) -> Self {
        match page {
            Ok(page) => page,
            Err(never) => match never {},
        }
    }
}

/// Stops the node, because a row is not there that is counted.
pub(super) fn missing(what: &str, number: u64) -> ! {
    corrupt(&format!("{what} {number} is counted, and missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: u64, size: u32) -> PageRange {
        PageRange::new(Some(page), Some(size)).unwrap()
    }

    #[test]
    fn h06_a_page_reads_its_own_rows_and_no_others() {
        let descending = |range: PageRange, total| {
            let mut read = Vec::new();
            let row = |number| {
                read.push(number);
                Ok::<_, Infallible>(number)
            };
            let page = PageOf::read(range.descending(total, row));
            assert_eq!((page.total, &page.entries), (total, &read));
            read
        };
        assert_eq!(descending(page(0, 3), 100_000), [100_000, 99_999, 99_998]);
        assert_eq!(descending(page(1, 3), 4), [1]);
        for (range, total) in [(page(0, 3), 0), (page(2, 3), 6), (page(u64::MAX, 100), 100_000)] {
            assert!(descending(range, total).is_empty(), "{range:?} of {total}");
        }
        let ascending = |range: PageRange, total| PageOf::read(range.ascending(total, Ok::<u64, Infallible>)).entries;
        assert_eq!(ascending(page(1, 3), 5), [4, 5]);
        for (range, total) in [(page(0, 3), 0), (page(2, 3), 6), (page(u64::MAX, 100), 100_000)] {
            assert!(ascending(range, total).is_empty(), "{range:?} of {total}");
        }
    }

    #[test]
    fn a_page_of_what_is_counted_is_that_of_a_list_as_long() {
        for total in 0..8_u64 {
            for (number, size) in (0..5).flat_map(|number| (1..4).map(move |size| (number, size))) {
                let counted = PageOf::read(page(number, size).counted((1..=total).map(Ok)));
                assert_eq!(
                    counted,
                    PageOf::read(page(number, size).ascending(total, Ok)),
                    "{number} {size} of {total}"
                );
            }
        }
        assert_eq!(page(0, 3).counted([Ok(1), Err("nobody waits"), Ok(3)].into_iter()), Err("nobody waits"));
    }

    #[test]
    fn h06_a_row_that_fails_ends_the_page() {
        let mut read = 0;
        let failed = page(0, 10).descending(100, |number| {
            read += 1;
            if number > 97 { Ok(number) } else { Err("nobody waits") }
        });
        assert_eq!((failed, read), (Err("nobody waits"), 4));
    }
}
