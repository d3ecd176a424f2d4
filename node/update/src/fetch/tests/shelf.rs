//! A source in memory, which says and sends what it is told to.

use crate::fault::Fault;
use crate::source::{ArtifactSource, Body, Part};
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use primitives::BuildHash;
use std::ops::Range;
use std::time::Duration;

/// How a source sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// What it is asked for.
    Plain,
    /// Everything, whatever it is asked for.
    NoRanges,
    /// Nothing, for ever.
    Silent,
    /// Half of what it is asked for; then the connection breaks.
    Breaking,
    /// What it is asked for, and then zeros for ever.
    Endless,
    /// So many zeros each tenth of a second, for ever.
    Steady(usize),
}

/// A source in memory.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// What it is called.
    pub name: String,
    /// The size that it says.
    pub says: Option<u64>,
    /// Its hash tree.
    pub tree: Option<Vec<u8>>,
    /// Its bytes.
    pub data: Vec<u8>,
    /// How it sends them.
    pub manner: Manner,
}

#[async_trait]
impl ArtifactSource for Shelf {
    fn name(&self) -> &str {
        &self.name
    }

    async fn size(&self, _hash: BuildHash) -> Result<Option<u64>, Fault> {
        Ok(self.says)
    }

    async fn read(&self, _hash: BuildHash, part: Part, range: Range<u64>) -> Result<Body, Fault> {
        if self.manner == Manner::Silent {
            std::future::pending::<()>().await;
        }
        let (held, total) = match (part, &self.tree) {
            (Part::Data, _) => (&self.data, self.says),
            (Part::Tree, Some(tree)) => (tree, None),
            (Part::Tree, None) => return Err(Fault::NotHeld("it has no tree".into())),
        };
        let to_the_end = self.manner == Manner::NoRanges;
        let range = if to_the_end { 0..u64::MAX } else { range };
        let length = held.len() as u64;
        if range.start > 0 && range.start >= length {
            return Err(Fault::Status(416));
        }
        let sent = held[range.start as usize..range.end.min(length) as usize].to_vec();
        Ok(Body { starts_at: range.start, to_the_end, total, bytes: self.sent(sent) })
    }
}

impl Shelf {
    fn sent(&self, mut bytes: Vec<u8>) -> BoxStream<'static, Result<Bytes, Fault>> {
        if self.manner == Manner::Breaking {
            bytes.truncate(bytes.len() / 2);
        }
        let pieces: Vec<Result<Bytes, Fault>> =
            bytes.chunks(5000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let pieces = stream::iter(pieces);
        match self.manner {
            Manner::Breaking => {
                let broken = Fault::Broken("as it always does".into());
                pieces.chain(stream::once(async move { Err(broken) })).boxed()
            }
            Manner::Endless => pieces.chain(stream::repeat_with(|| Ok(Bytes::from(vec![0; 5000])))).boxed(),
            Manner::Steady(bytes) => stream::unfold((), move |()| async move {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Some((Ok(Bytes::from(vec![0; bytes])), ()))
            })
            .boxed(),
            Manner::Plain | Manner::NoRanges | Manner::Silent => pieces.boxed(),
        }
    }
}
