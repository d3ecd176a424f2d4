//! How long an ask and an answer may be, and how many there may be at once.

use super::{ArtifactAnswer, ArtifactAsk, MOST_READ};
use crate::{frame::Frames, network::NetworkName};
use libp2p::{StreamProtocol, request_response};
use std::time::Duration;

/// Bytes of an ask at most: variant, hash, part, offset and length are 46.
const ASK_BYTES: usize = 64;

/// Bytes of an answer at most: variant, length and the bytes of the longest read.
const ANSWER_BYTES: usize = MOST_READ as usize + 8;

/// Streams of one connection at once, each way.
const STREAMS: usize = 32;

/// Reads and writes the messages.
pub(crate) type ArtifactCodec = Frames<ArtifactAsk, ArtifactAnswer>;

/// What reads and writes them, within their bounds.
pub(crate) fn frames() -> ArtifactCodec {
    Frames::new(ASK_BYTES, ANSWER_BYTES)
}

/// The protocol of a network; `support` is whether it asks, answers, or neither.
pub(crate) fn behaviour(
    network: &NetworkName,
    support: Option<request_response::ProtocolSupport>,
    timeout: Duration,
) -> Result<request_response::Behaviour<ArtifactCodec>, String> {
    let protocol = StreamProtocol::try_from_owned(network.artifact_protocol()).map_err(|error| error.to_string())?;
    let config = request_response::Config::default().with_request_timeout(timeout).with_max_concurrent_streams(STREAMS);
    let protocols = support.map(|support| (protocol, support));
    Ok(request_response::Behaviour::with_codec(frames(), protocols, config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{read, write};
    use builds::Part;
    use libp2p::futures::{AsyncRead, executor::block_on, io::Cursor};
    use parity_scale_codec::Encode;
    use primitives::BuildHash;
    use proptest::prelude::*;
    use std::io;

    fn framed(message: &impl Encode) -> Vec<u8> {
        let mut bytes = Vec::new();
        block_on(write(&mut bytes, message)).unwrap();
        bytes
    }

    fn ask(bytes: &[u8]) -> io::Result<ArtifactAsk> {
        block_on(read(&mut Cursor::new(bytes), ASK_BYTES))
    }

    fn answer(bytes: &[u8]) -> io::Result<ArtifactAnswer> {
        block_on(read(&mut Cursor::new(bytes), ANSWER_BYTES))
    }

    #[test]
    fn every_message_is_read_as_it_was_written() {
        let (hash, length) = (BuildHash([7; 32]), MOST_READ);
        for part in [Part::Tree, Part::Data] {
            let read = ArtifactAsk::Read { hash, part, offset: u64::MAX, length };
            assert_eq!(ask(&framed(&read)).unwrap(), read);
        }
        assert_eq!(ask(&framed(&ArtifactAsk::Have { hash })).unwrap(), ArtifactAsk::Have { hash });
        let longest = ArtifactAnswer::Bytes(vec![1; MOST_READ as usize]);
        assert_eq!(framed(&longest).len() - 4, ANSWER_BYTES - 3, "the bound is tight enough");
        for said in [
            ArtifactAnswer::Held { size: 5 },
            ArtifactAnswer::NotHeld,
            longest,
            ArtifactAnswer::Busy,
            ArtifactAnswer::OutOfRange,
        ] {
            assert_eq!(answer(&framed(&said)).unwrap(), said);
        }
    }

    #[test]
    fn t06_a_message_that_announces_too_much_is_refused_before_it_is_read() {
        struct Announces(usize);
        impl AsyncRead for Announces {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                buffer: &mut [u8],
            ) -> std::task::Poll<io::Result<usize>> {
                buffer.fill(0xff);
                self.0 += buffer.len();
                std::task::Poll::Ready(Ok(buffer.len()))
            }
        }
        let mut endless = Announces(0);
        let error = block_on(read::<ArtifactAnswer>(&mut endless, ANSWER_BYTES)).unwrap_err();
        assert_eq!((error.kind(), endless.0), (io::ErrorKind::InvalidData, 4));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut in_frame = (bytes.len() as u32).to_le_bytes().to_vec();
            in_frame.extend(&bytes);
            for input in [&bytes, &in_frame] {
                // What is read says the same when it is written again: there is one encoding of a message.
                if let Ok(read) = ask(input) {
                    prop_assert!(input.starts_with(&framed(&read)));
                }
                if let Ok(read) = answer(input) {
                    prop_assert!(input.starts_with(&framed(&read)));
                }
            }
        }

        #[test]
        fn a_message_cut_short_or_with_a_byte_too_many_is_refused(cut in 0usize..50, extra in any::<u8>()) {
            let whole = framed(&ArtifactAsk::Read { hash: BuildHash([1; 32]), part: Part::Data, offset: 3, length: 9 });
            let cut = cut.min(whole.len() - 1);
            prop_assert_eq!(ask(&whole[..cut]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
            let mut longer = whole.clone();
            longer.push(extra);
            longer[0] += 1;
            prop_assert_eq!(ask(&longer).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }
}
