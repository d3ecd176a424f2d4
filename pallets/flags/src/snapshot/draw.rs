//! Shares, drawn without allocating: [`bucket`](crate::bucket()) of the same salt, which is hashed before anybody asks (ROLLOUTS 6.2).

use primitives::Name;

const BLOCK_FIRST: u32 = 0xcc9e_2d51;
const BLOCK_SECOND: u32 = 0x1b87_3593;

/// murmur3_x86_32 with seed 0, as far as it has read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Draw {
    state: u32,
    /// The bytes that make no whole block yet, the first of them lowest.
    rest: u32,
    /// How many bits those are: 0, 8, 16 or 24.
    rest_bits: u32,
    length: u32,
}

impl Draw {
    /// What every draw with a salt begins with.
    pub fn salted(salt: &Name) -> Self {
        Self::default().reading(salt.as_str()).reading("/")
    }

    /// Where somebody falls among `total` places, from 0.
    #[inline]
    pub fn place(self, attribute: &str, total: u32) -> u32 {
        let hash = self.reading(attribute).finished();
        let place = u64::from(hash).wrapping_mul(u64::from(total)).wrapping_shr(32);
        place as u32
    }

    #[inline]
    fn reading(mut self, text: &str) -> Self {
        for byte in text.bytes() {
            self.rest |= u32::from(byte).wrapping_shl(self.rest_bits);
            self.rest_bits = self.rest_bits.wrapping_add(8);
            self.length = self.length.wrapping_add(1);
            if self.rest_bits == 32 {
                self.state = (self.state ^ mixed(self.rest)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
                (self.rest, self.rest_bits) = (0, 0);
            }
        }
        self
    }

    #[inline]
    fn finished(self) -> u32 {
        // Of no byte that is left this is 0, and changes nothing.
        let mut hash = self.state ^ mixed(self.rest) ^ self.length;
        hash = (hash ^ hash.wrapping_shr(16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ hash.wrapping_shr(13)).wrapping_mul(0xc2b2_ae35);
        hash ^ hash.wrapping_shr(16)
    }
}

#[inline]
fn mixed(block: u32) -> u32 {
    block.wrapping_mul(BLOCK_FIRST).rotate_left(15).wrapping_mul(BLOCK_SECOND)
}
