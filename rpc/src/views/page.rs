//! One page of a long list.

use crate::error::RpcRefusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRange {
    page: u64,
    size: u32,
}

impl PageRange {
    /// A page, from 0, of 1 to [`MOST_PER_PAGE`] entries; 20 when left out.
    ///
    /// # Errors
    /// A size out of range.
    pub fn new(page: Option<u64>, size: Option<u32>) -> Result<Self, RpcRefusal> {
        let size = size.unwrap_or(20);
        if !(1..=MOST_PER_PAGE).contains(&size) {
            return Err(RpcRefusal::Parameter(format!("page_size must be 1 to {MOST_PER_PAGE}, not {size}")));
        }
        Ok(Self { page: page.unwrap_or(0), size })
    }

    /// The entries of `all` on this page, each as `view` shows it; the others are not looked at.
    pub fn cut<A, T>(self, all: Vec<A>, view: impl FnMut(A) -> T) -> PageOf<T> {
        let total = all.len() as u64;
        let first = usize::try_from(self.page.saturating_mul(self.size.into())).unwrap_or(usize::MAX);
        let entries = all.into_iter().skip(first).take(self.size as usize).map(view).collect();
        PageOf { total, page: self.page, page_size: self.size, entries }
    }
}
