//! Which peer does a spelling mean?

use libp2p::PeerId;

/// The alphabet of base32 in RFC 4648, in the lower case of CIDs.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Version 1 of a CID, and the codec `libp2p-key` (libp2p's peer id specification).
const CID: [u8; 2] = [0x01, 0x72];

/// Reads a peer id in base58, in hexadecimal (its multihash), or as a CID in base32; surrounding space counts for nothing.
pub fn parse(text: &str) -> Option<PeerId> {
    let text = text.trim();
    if let Ok(peer) = text.parse() {
        return Some(peer);
    }
    if let Ok(multihash) = hex::decode(text) {
        return PeerId::from_bytes(&multihash).ok();
    }
    let cid = base32(text.strip_prefix('b')?)?;
    PeerId::from_bytes(cid.strip_prefix(&CID)?).ok()
}

/// Decodes base32 without padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0u32);
    for character in text.bytes() {
        let value = BASE32.iter().position(|known| *known == character)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    // What is left over has to be nothing, so that each peer has one spelling.
    (bits == 0 && count < 5).then_some(bytes)
}
