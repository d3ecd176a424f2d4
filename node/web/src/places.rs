//! Places for streams: so many in all, half of them for channels that a verified token was told of, and of all so many for one address,
//! whoever is there: a token of pages is public, and whoever has it could take the places of all others.

use crate::metrics::WebMetrics;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places.
#[derive(Debug)]
pub(crate) struct StreamPlaces {
    most: usize,
    metrics: WebMetrics,
    taken: Mutex<TakenPlaces>,
}

#[derive(Debug, Default)]
struct TakenPlaces {
    all: usize,
    /// Those of strangers.
    unknown: usize,
    by_address: HashMap<IpAddr, TakenBy>,
}

/// What one address has taken.
#[derive(Debug, Default, PartialEq, Eq)]
struct TakenBy {
    all: usize,
    unknown: usize,
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
pub(crate) struct StreamPlace {
    places: Arc<StreamPlaces>,
    address: IpAddr,
    is_known: bool,
}

impl StreamPlaces {
    /// So many.
    pub fn new(most: u32, metrics: WebMetrics) -> Arc<Self> {
        Arc::new(Self { most: most as usize, metrics, taken: Mutex::default() })
    }

    /// A place for a stream from an address; none where there is no room. An address has a quarter of them, since many pages may be behind
    /// one, and an eighth for those that were not told of their channel with a token, who all together have a half.
    pub fn take(self: &Arc<Self>, address: IpAddr, is_known: bool) -> Option<StreamPlace> {
        let mut taken = self.taken();
        let (of_all, of_address) = taken.by_address.get(&address).map_or((0, 0), |of| (of.all, of.unknown));
        let is_free = taken.all < self.most && of_all < self.most.div_ceil(4);
        let of_strangers = taken.unknown < self.most.div_ceil(2) && of_address < self.most.div_ceil(8);
        if !is_free || (!is_known && !of_strangers) {
            return None;
        }
        let stranger = usize::from(!is_known);
        taken.all += 1;
        taken.unknown += stranger;
        let by = taken.by_address.entry(address).or_default();
        by.all += 1;
        by.unknown += stranger;
        self.metrics.streams(taken.all);
        Some(StreamPlace { places: self.clone(), address, is_known })
    }

    fn taken(&self) -> MutexGuard<'_, TakenPlaces> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        let stranger = usize::from(!self.is_known);
        taken.all = taken.all.saturating_sub(1);
        taken.unknown = taken.unknown.saturating_sub(stranger);
        if let Some(by) = taken.by_address.get_mut(&self.address) {
            by.all = by.all.saturating_sub(1);
            by.unknown = by.unknown.saturating_sub(stranger);
            if by.all == 0 {
                taken.by_address.remove(&self.address);
            }
        }
        self.places.metrics.streams(taken.all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(number: u8) -> IpAddr {
        [10, 0, 0, number].into()
    }

    #[test]
    fn e03_strangers_have_half_of_the_places_and_one_address_an_eighth() {
        let places = StreamPlaces::new(16, WebMetrics::default());
        let mut held: Vec<StreamPlace> = (0..2).map(|_| places.take(from(1), false).unwrap()).collect();
        assert!(places.take(from(1), false).is_none());
        held.extend((2..5).flat_map(|number| [from(number); 2]).map(|address| places.take(address, false).unwrap()));
        assert!(places.take(from(9), false).is_none(), "eight of sixteen are taken by strangers");
        held.extend((10..12).flat_map(|number| [from(number); 4]).map(|address| places.take(address, true).unwrap()));
        assert!(places.take(from(12), true).is_none());
        held.clear();
        assert!(places.take(from(1), false).is_some() && places.taken().by_address.is_empty());
    }

    #[test]
    fn e01_whoever_has_a_token_of_pages_takes_a_quarter_of_the_places_from_one_address() {
        let places = StreamPlaces::new(16, WebMetrics::default());
        let held: Vec<StreamPlace> = (0..4).map(|_| places.take(from(1), true).unwrap()).collect();
        assert!(places.take(from(1), true).is_none() && places.take(from(1), false).is_none());
        assert!(places.take(from(2), true).is_some(), "others have theirs");
        drop(held);
        assert!(places.take(from(1), true).is_some());
    }
}
