//! Places for streams: so many in all, half of them for channels that a verified token was told of, and of all so many for one address.

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
    by_address: HashMap<IpAddr, usize>,
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

    /// A place for a stream from an address; none where there is no room. Whoever was told of its channel with a token may have any of
    /// them, since many pages are behind one address; of strangers an address has an eighth, and all together a half.
    pub fn take(self: &Arc<Self>, address: IpAddr, is_known: bool) -> Option<StreamPlace> {
        let mut taken = self.taken();
        let of_address = taken.by_address.get(&address).copied().unwrap_or_default();
        let is_free = taken.all < self.most;
        let of_strangers = taken.unknown < self.most.div_ceil(2) && of_address < self.most.div_ceil(8);
        if !is_free || (!is_known && !of_strangers) {
            return None;
        }
        taken.all += 1;
        if !is_known {
            taken.unknown += 1;
            *taken.by_address.entry(address).or_default() += 1;
        }
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
        taken.all = taken.all.saturating_sub(1);
        if !self.is_known {
            taken.unknown = taken.unknown.saturating_sub(1);
            let left = taken.by_address.get_mut(&self.address).map(|count| {
                *count = count.saturating_sub(1);
                *count
            });
            if left == Some(0) {
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
    fn strangers_have_half_of_the_places_and_one_address_an_eighth() {
        let places = StreamPlaces::new(16, WebMetrics::default());
        let mut held: Vec<StreamPlace> = (0..2).map(|_| places.take(from(1), false).unwrap()).collect();
        assert!(places.take(from(1), false).is_none());
        held.extend((2..5).flat_map(|number| [from(number); 2]).map(|address| places.take(address, false).unwrap()));
        assert!(places.take(from(9), false).is_none(), "eight of sixteen are taken by strangers");
        held.extend((0..8).map(|_| places.take(from(1), true).unwrap()));
        assert!(places.take(from(1), true).is_none());
        held.clear();
        assert!(places.take(from(1), false).is_some() && places.taken().by_address.is_empty());
    }
}
