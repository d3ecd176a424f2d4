//! How an ask and an answer travel between two peers: a length (four bytes, little-endian), then strict SCALE.

use async_trait::async_trait;
use libp2p::futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::{StreamProtocol, request_response};
use parity_scale_codec::{DecodeAll, Encode};
use std::{io, marker::PhantomData};

/// Reads and writes asks `Q` and answers `A` of so many bytes at most.
#[derive(Debug, Clone)]
pub(crate) struct Frames<Q, A> {
    most_asked: usize,
    most_answered: usize,
    kinds: PhantomData<fn(Q) -> A>,
}

impl<Q, A> Frames<Q, A> {
    pub(crate) fn new(most_asked: usize, most_answered: usize) -> Self {
        Self { most_asked, most_answered, kinds: PhantomData }
    }
}

#[async_trait]
impl<Q, A> request_response::Codec for Frames<Q, A>
where
    Q: Encode + DecodeAll + Send + Sync + 'static,
    A: Encode + DecodeAll + Send + Sync + 'static,
{
    type Protocol = StreamProtocol;
    type Request = Result<Q, Garbled>;
    type Response = A;

    /// What is no request is handed on as such, because a failure to read one is not told to whoever could blame its sender.
    async fn read_request<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Result<Q, Garbled>> {
        match read(io, self.most_asked).await {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Err(Garbled(error.to_string()))),
            read => read.map(Ok),
        }
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<A> {
        read(io, self.most_answered).await
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        ask: Result<Q, Garbled>,
    ) -> io::Result<()> {
        write(io, &ask.map_err(|Garbled(why)| io::Error::new(io::ErrorKind::InvalidInput, why))?).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        answer: A,
    ) -> io::Result<()> {
        write(io, &answer).await
    }
}

/// Bytes that are no request, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Garbled(pub(crate) String);

/// A message of at most `most` bytes. What is not one is [`io::ErrorKind::InvalidData`]; a stream that ends early is not.
pub(crate) async fn read<M: DecodeAll>(io: &mut (impl AsyncRead + Unpin), most: usize) -> io::Result<M> {
    let refuse = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let mut length = [0; 4];
    io.read_exact(&mut length).await?;
    let length = u32::from_le_bytes(length) as usize;
    if length > most {
        return Err(refuse(format!("a message of {length} bytes is announced; at most {most} are read")));
    }
    let mut bytes = vec![0; length];
    io.read_exact(&mut bytes).await?;
    M::decode_all(&mut &bytes[..]).map_err(|error| refuse(error.to_string()))
}

pub(crate) async fn write(io: &mut (impl AsyncWrite + Unpin), message: &impl Encode) -> io::Result<()> {
    let bytes = message.encode();
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    io.write_all(&length.to_le_bytes()).await?;
    io.write_all(&bytes).await?;
    io.flush().await
}
