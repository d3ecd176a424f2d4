//! A client that sends whatever bytes it is told to.

use crate::{network::NetworkName, tests::Home, tests::SOON, tests::config};
use async_trait::async_trait;
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder,
    futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, StreamExt as _},
    identify, noise, ping,
    request_response::{self, Event, Message, ProtocolSupport},
    swarm::{NetworkBehaviour, SwarmEvent},
    tcp, yamux,
};
use parity_scale_codec::Encode;
use std::{io, time::Duration};
use tokio::time::timeout;

#[derive(Clone)]
struct Verbatim;

#[async_trait]
impl request_response::Codec for Verbatim {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
    ) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io.read_to_end(&mut bytes).await?;
        if bytes.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()> {
        io.write_all(&bytes).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
        _: Vec<u8>,
    ) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    artifacts: request_response::Behaviour<Verbatim>,
}

pub(super) struct Raw(Swarm<Behaviour>);

impl Raw {
    /// A connection with a node of the network of [`config`].
    pub(super) async fn connect(address: &Multiaddr) -> Self {
        let config = config(&Home::new());
        let name = NetworkName::new(&config.chain_id, &config.genesis_hash);
        let protocol = StreamProtocol::try_from_owned(name.artifact_protocol()).unwrap();
        let mut swarm = SwarmBuilder::with_new_identity()
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .unwrap()
            .with_behaviour(|key| Behaviour {
                identify: identify::Behaviour::new(identify::Config::new(name.identify_version(), key.public())),
                ping: ping::Behaviour::default(),
                artifacts: request_response::Behaviour::with_codec(
                    Verbatim,
                    [(protocol, ProtocolSupport::Outbound)],
                    request_response::Config::default(),
                ),
            })
            .unwrap()
            .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(u64::MAX)))
            .build();
        swarm.dial(address.clone()).unwrap();
        let identified = async {
            while !matches!(
                swarm.select_next_some().await,
                SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { .. }))
            ) {}
        };
        timeout(SOON, identified).await.expect("a connection in time");
        Self(swarm)
    }

    /// A message as the codec writes it.
    pub(super) fn frame(message: &impl Encode) -> Vec<u8> {
        let bytes = message.encode();
        [&(bytes.len() as u32).to_le_bytes()[..], &bytes].concat()
    }

    pub(super) fn send(&mut self, peer: PeerId, bytes: Vec<u8>) {
        self.0.behaviour_mut().artifacts.send_request(&peer, bytes);
    }

    /// The next answer, to whatever was sent.
    pub(super) async fn answer(&mut self) -> Result<Vec<u8>, String> {
        let answered = async {
            loop {
                match self.0.select_next_some().await {
                    SwarmEvent::Behaviour(BehaviourEvent::Artifacts(Event::Message {
                        message: Message::Response { response, .. },
                        ..
                    })) => return Ok(response),
                    SwarmEvent::Behaviour(BehaviourEvent::Artifacts(Event::OutboundFailure { error, .. })) => {
                        return Err(error.to_string());
                    }
                    _ => {}
                }
            }
        };
        timeout(SOON, answered).await.expect("an answer in time")
    }
}
