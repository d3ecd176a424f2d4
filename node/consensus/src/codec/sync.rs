//! The encodings of what nodes ask and answer to catch up.

use super::{MAX_MESSAGE_BYTES, MAX_SYNC_BYTES, Wire};
use crate::context::{BlockHeight, ChainContext};
use arc_malachitebft_app::types::PeerId;
use arc_malachitebft_core_types::ExtendedCommitCertificate;
use arc_malachitebft_sync::{RawDecidedValue, Request, Response, Status, ValueRequest, ValueResponse};
use parity_scale_codec::{Compact, Decode, Encode, Error};
use primitives::List;

/// The most heights one answer may have.
pub(crate) const MAX_HEIGHTS: usize = 64;

impl Wire for Status<ChainContext> {
    const MAX: usize = 256;

    fn put(&self, out: &mut Vec<u8>) {
        (self.peer_id.to_bytes(), self.tip_height, self.history_min_height).encode_to(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        let (peer, tip_height, history_min_height) = <(List<u8, 64>, _, _)>::decode(input)?;
        let peer_id = PeerId::from_bytes(&peer).map_err(|_| "not a peer id")?;
        Ok(Self { peer_id, tip_height, history_min_height })
    }
}

impl Wire for Request<ChainContext> {
    const MAX: usize = 64;

    fn put(&self, out: &mut Vec<u8>) {
        let Self::ValueRequest(request) = self;
        (0u8, *request.range.start(), *request.range.end()).encode_to(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        match <(u8, BlockHeight, BlockHeight)>::decode(input)? {
            (0, first, last) => Ok(Self::ValueRequest(ValueRequest::new(first..=last))),
            _ => Err("not a request for blocks".into()),
        }
    }
}

impl Wire for Response<ChainContext> {
    const MAX: usize = MAX_SYNC_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        let Self::ValueResponse(response) = self;
        (0u8, response.start_height, Compact(response.values.len() as u32)).encode_to(out);
        for value in &response.values {
            value.value_bytes[..].encode_to(out);
            value.certificate.put(out);
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        let (0u8, start, Compact(count)) = <(u8, BlockHeight, Compact<u32>)>::decode(input)? else {
            return Err("not an answer with blocks".into());
        };
        if count as usize > MAX_HEIGHTS {
            return Err("an answer with too many blocks".into());
        }
        let value = |_| {
            let block = Vec::<u8>::decode(input)?;
            let certificate = ExtendedCommitCertificate::take(input)?;
            Ok(RawDecidedValue::new(block.into(), certificate))
        };
        let values = (0..count).map(value).collect::<Result<Vec<_>, Error>>()?;
        Ok(Self::ValueResponse(ValueResponse::new(start, values)))
    }
}

// A certificate inside an answer is bounded by the answer; alone it would be a message.
const _: () = assert!(MAX_SYNC_BYTES > MAX_MESSAGE_BYTES);
