//! Where a node listens: at an address, or at several, such as one of IPv4 and one of IPv6.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::iter::once;
use std::str::FromStr;

/// An address to listen on, or several. Written as one text, or as a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen<A> {
    first: A,
    others: Vec<A>,
}

impl<A> Listen<A> {
    /// The one that is shown where there is room for one.
    pub fn first(&self) -> &A {
        &self.first
    }

    /// All of them, in the order in which they are written.
    pub fn all(&self) -> impl Iterator<Item = &A> {
        once(&self.first).chain(&self.others)
    }
}

impl<A> From<A> for Listen<A> {
    fn from(first: A) -> Self {
        Self { first, others: Vec::new() }
    }
}

impl<A: FromStr> FromStr for Listen<A> {
    type Err = A::Err;

    fn from_str(text: &str) -> Result<Self, A::Err> {
        text.parse::<A>().map(Self::from)
    }
}

impl<A: fmt::Display> fmt::Display for Listen<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.others.iter().try_for_each(|other| write!(f, ", {other}"))
    }
}

impl<A: Serialize> Serialize for Listen<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.others.is_empty() { self.first.serialize(serializer) } else { serializer.collect_seq(self.all()) }
    }
}

impl<'de, A: Deserialize<'de>> Deserialize<'de> for Listen<A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected an address and a port, or a list of them")]
        enum Written<A> {
            One(A),
            Several(Vec<A>),
        }
        match Written::<A>::deserialize(deserializer)? {
            Written::One(first) => Ok(first.into()),
            Written::Several(list) => {
                let mut list = list.into_iter();
                let first = list.next().ok_or_else(|| D::Error::custom("the list has no address"))?;
                Ok(Self { first, others: list.collect() })
            }
        }
    }
}
