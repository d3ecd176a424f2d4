//! The columns: what they are called, how their keys are written, and how RocksDB is tuned for each.

use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{BlockHash, Height, TransactionHash};
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, Options, SliceTransform,
};

use super::DbError;

/// The version of everything in [the module's table](super).
pub const SCHEMA: u32 = 4;

/// Bytes of a file. A state of ten million accounts has some two hundred and fifty then, all of which may be open at once.
pub const FILE: u64 = 128 << 20;

/// A file is compacted soon once so many of some rows in a line are removals.
const MOST_REMOVALS: usize = 512;
/// How many rows in a line those are.
const REMOVALS_WITHIN: usize = 1_024;

/// A column family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Meta,
    State,
    Tree,
    Values,
    Stale,
    Headers,
    Bodies,
    Records,
    Indexes,
    Epochs,
    Hops,
    Log,
}

impl Column {
    pub const ALL: [Self; 12] = [
        Self::Meta,
        Self::State,
        Self::Tree,
        Self::Values,
        Self::Stale,
        Self::Headers,
        Self::Bodies,
        Self::Records,
        Self::Indexes,
        Self::Epochs,
        Self::Hops,
        Self::Log,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => rocksdb::DEFAULT_COLUMN_FAMILY_NAME,
            Self::State => "state",
            Self::Tree => "tree",
            Self::Values => "values",
            Self::Stale => "stale",
            Self::Headers => "headers",
            Self::Bodies => "bodies",
            Self::Records => "records",
            Self::Indexes => "indexes",
            Self::Epochs => "epochs",
            Self::Hops => "hops",
            Self::Log => "log",
        }
    }

    /// Whether stores of a schema had this column.
    pub fn is_in(self, schema: u32) -> bool {
        match self {
            Self::Epochs => schema >= 2,
            Self::Hops => schema >= 3,
            Self::Log => schema >= 4,
            _ => true,
        }
    }

    pub fn descriptor(self, cache: &Cache) -> ColumnFamilyDescriptor {
        ColumnFamilyDescriptor::new(self.name(), self.options(cache))
    }

    pub fn options(self, cache: &Cache) -> Options {
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(cache);
        table.set_format_version(6);
        // Of an index and a filter the top is read when a file is opened, and the rest when it is asked for, within the cache: else every
        // start, and its memory, would grow with the state.
        table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
        table.set_partition_filters(true);
        let mut options = Options::default();
        options.set_target_file_size_base(FILE);
        options.set_level_compaction_dynamic_level_bytes(true);
        options.set_compression_type(DBCompressionType::Lz4);
        match self {
            // Point reads of short rows. Hashes do not compress, and versions only grow, so files rarely overlap. No node is asked for that is
            // not there, so whoever comes to the last level finds it there, and reads no filter.
            Self::Tree => {
                table.set_bloom_filter(10.0, false);
                options.set_optimize_filters_for_hits(true);
                options.set_compression_type(DBCompressionType::None);
                options.set_write_buffer_size(64 << 20);
            }
            Self::State | Self::Indexes => {
                table.set_bloom_filter(10.0, false);
                options.set_write_buffer_size(32 << 20);
                // What falls due is read from the front of a queue in every block, behind all rows that went and are still in a file. Those
                // that are in none yet are no more than the write buffer has.
                options.add_compact_on_deletion_collector_factory(REMOVALS_WITHIN, MOST_REMOVALS, 0.0);
            }
            // Asked only for the newest row under a key hash.
            Self::Values => {
                table.set_bloom_filter(10.0, false);
                table.set_whole_key_filtering(false);
                options.set_prefix_extractor(SliceTransform::create_fixed_prefix(32));
                options.set_write_buffer_size(32 << 20);
            }
            // Whole blocks, read one at a time.
            Self::Headers | Self::Bodies | Self::Records | Self::Stale | Self::Epochs => {
                table.set_block_size(16 << 10);
                options.set_write_buffer_size(16 << 20);
            }
            // Hashes, in the order in which they come and are read; none of them is asked for that is not there.
            Self::Log => {
                options.set_compression_type(DBCompressionType::None);
                options.set_write_buffer_size(8 << 20);
            }
            Self::Meta | Self::Hops => options.set_write_buffer_size(8 << 20),
        }
        options.set_block_based_table_factory(&table);
        options
    }
}

/// Rows of the meta column.
pub mod meta {
    pub const SCHEMA: &[u8] = b"schema";
    pub const GENESIS: &[u8] = b"genesis";
    pub const HEAD: &[u8] = b"head";
    pub const EARLIEST: &[u8] = b"earliest";
    pub const IMPORTED: &[u8] = b"imported";
}

/// What a block replaced: the row that pruning reads.
#[derive(Debug, Encode, Decode)]
pub struct Stale {
    /// Keys of tree nodes that earlier heights use and this one does not.
    pub nodes: Vec<Vec<u8>>,
    /// Hashes of the state keys written at this height.
    pub written: Vec<[u8; 32]>,
}

/// The value row of a state key at a height: the key and its value, or `None` where it was removed.
pub type ValueRow = Option<(Vec<u8>, Vec<u8>)>;

pub fn height_key(height: Height) -> [u8; 8] {
    height.0.to_be_bytes()
}

pub fn number_key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// The key of a node of the tree of blocks: its level, from 0, and its number on that.
pub fn log_key(level: u8, index: u64) -> [u8; 9] {
    let mut out = [0; 9];
    out[0] = level;
    out[1..].copy_from_slice(&index.to_be_bytes());
    out
}

pub fn value_key(key_hash: &[u8; 32], version: u64) -> [u8; 40] {
    let mut out = [0; 40];
    out[..32].copy_from_slice(key_hash);
    out[32..].copy_from_slice(&version.to_be_bytes());
    out
}

pub fn transaction_key(hash: &TransactionHash) -> Vec<u8> {
    [b"tx/", hash.as_bytes()].concat()
}

pub fn block_key(hash: &BlockHash) -> Vec<u8> {
    [b"block/", hash.as_bytes()].concat()
}

/// Decodes a row; a row that does not decode is damage.
pub fn decode<T: Decode>(column: Column, what: &dyn std::fmt::Display, mut bytes: &[u8]) -> Result<T, DbError> {
    T::decode_all(&mut bytes)
        .map_err(|error| DbError::Damaged(format!("row {what} of column {} does not decode: {error}", column.name())))
}
