//! Witnesses elsewhere, asked over HTTP to cosign the checkpoint of each epoch (C2SP `tlog-witness`). What they sign counts where their key
//! is registered on chain; what else they answer is left.

use super::latest::signature_in;
use super::{LogKey, is_on};
use crate::chain::{Chain, CosignatureWord};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use host::config::mirror_url;
use primitives::{Epoch, PublicKey, Signature};
use reqwest::{Client, Response, StatusCode, Url};
use state::State;
use std::sync::Arc;
use std::time::Duration;
use store::db::DbError;
use tlog::{Checkpoint, MOST_NOTE_BYTES, Note, NoteAlgorithm, NoteLine, VerifierKey, note_key_id, prove_consistency};
use tokio::task::JoinSet;
use tokio::time::Instant;
use witnesses::queries;

/// How long one may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// After how long one is asked again that did not cosign.
const PAUSE: Duration = Duration::from_secs(30);
/// The most signatures of an answer that are looked at: a witness has one key, or some while it changes it.
const MOST_LINES: usize = 16;

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
enum Unasked {
    /// It is not reached, or breaks off.
    #[error("it does not answer: {0}")]
    Silent(#[from] reqwest::Error),
    /// It refuses.
    #[error("it answers with HTTP status {0}")]
    Status(u16),
    /// It has seen another size of the log.
    #[error("it has seen the log at size {0}")]
    Seen(u64),
    /// Its answer is none.
    #[error("its answer is longer than {MOST_NOTE_BYTES} bytes, or is none")]
    Unclear,
    /// None of its signatures counts, for what it was asked about.
    #[error("it signed the checkpoint of epoch {0}, and no key of it is registered on chain")]
    Unknown(Epoch),
    /// It has seen more of the log than there is here.
    #[error("it has seen the log at size {seen}, and here it has size {size}")]
    Ahead {
        /// What it has seen.
        seen: u64,
        /// What there is.
        size: u64,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] DbError),
}

/// Asks each of these witnesses after each epoch's checkpoint, as long as there are blocks.
///
/// # Errors
/// When nobody can be asked over HTTP on this machine.
pub fn ask_each(
    tasks: &mut JoinSet<()>,
    chain: &Arc<Chain>,
    key: &Arc<LogKey>,
    witnesses: &[String],
    declines: bool,
) -> Result<(), reqwest::Error> {
    if witnesses.is_empty() {
        return Ok(());
    }
    let client = update::http_client()?;
    // The configuration was read, so each is an address.
    for base in witnesses.iter().filter_map(|address| mirror_url(address).ok()) {
        let (chain, key, client) = (chain.clone(), key.clone(), client.clone());
        tasks.spawn(AskedWitness { chain, key, client, base, declines, seen: 0 }.run());
    }
    Ok(())
}

/// A witness elsewhere.
struct AskedWitness {
    chain: Arc<Chain>,
    key: Arc<LogKey>,
    client: Client,
    base: Url,
    declines: bool,
    /// The size of the log that it has seen, as far as it is known.
    seen: u64,
}

/// What it is asked about.
struct Asking {
    epoch: Epoch,
    checkpoint: Checkpoint,
    body: String,
}

impl AskedWitness {
    async fn run(mut self) {
        let mut heads = self.chain.heads();
        let (mut done, mut again) = (None, Instant::now());
        while heads.changed().await.is_ok() {
            if self.chain.is_stale() || Instant::now() < again {
                continue;
            }
            match self.look(done).await {
                Ok(None) => {}
                Ok(Some(epoch)) => done = Some(epoch),
                Err(error) => {
                    let witness = self.base.host_str().unwrap_or_default();
                    tracing::warn!(witness, %error, "a witness does not cosign the log");
                    match error {
                        // It would sign the same again, and whoever is registered by then vouches for later epochs.
                        Unasked::Unknown(epoch) => done = Some(epoch),
                        _ => again = Instant::now() + PAUSE,
                    }
                }
            }
        }
    }

    /// Asks about the newest checkpoint, unless it is of the epoch that is done; gives the epoch of what was cosigned.
    async fn look(&mut self, done: Option<Epoch>) -> Result<Option<Epoch>, Unasked> {
        let looked = self.look_from_seen(done).await;
        if matches!(looked, Err(Unasked::Ahead { .. })) {
            // What it said of itself may have been wrong, and may be another thing the next time.
            self.seen = 0;
        }
        looked
    }

    async fn look_from_seen(&mut self, done: Option<Epoch>) -> Result<Option<Epoch>, Unasked> {
        let Some(asking) = self.asking(done).await? else { return Ok(None) };
        match self.ask(asking).await {
            // It says which size it has seen, to be asked once more from there.
            Err(Unasked::Seen(seen)) if seen != self.seen => {
                self.seen = seen;
                let Some(asking) = self.asking(done).await? else { return Ok(None) };
                self.ask(asking).await.map(Some)
            }
            asked => asked.map(Some),
        }
    }

    /// What is to be asked now, made where the disk may be read.
    async fn asking(&self, done: Option<Epoch>) -> Result<Option<Asking>, Unasked> {
        let (chain, key, seen, declines) = (self.chain.clone(), self.key.clone(), self.seen, self.declines);
        let made = tokio::task::spawn_blocking(move || asking(&chain, &key, seen, done, declines));
        made.await.unwrap_or(Ok(None))
    }

    async fn ask(&mut self, asking: Asking) -> Result<Epoch, Unasked> {
        let url = self.base.join("add-checkpoint").map_err(|_| Unasked::Unclear)?;
        let response = self.client.post(url).timeout(PATIENCE).body(asking.body).send().await?;
        let status = response.status();
        let text = text_of(response).await?;
        match status {
            StatusCode::OK => {}
            StatusCode::CONFLICT => return Err(Unasked::Seen(size_in(&text).ok_or(Unasked::Unclear)?)),
            status => return Err(Unasked::Status(status.as_u16())),
        }
        self.seen = asking.checkpoint.size;
        let (chain, epoch) = (self.chain.clone(), asking.epoch);
        let taken = tokio::task::spawn_blocking(move || take(&chain, epoch, &asking.checkpoint, &text));
        if taken.await.unwrap_or_default() { Ok(epoch) } else { Err(Unasked::Unknown(epoch)) }
    }
}

/// The size that a witness has seen, in the one way to write it.
fn size_in(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse::<u64>().ok().filter(|size| size.to_string() == text)
}

/// The answer, as far as one may be long.
async fn text_of(mut response: Response) -> Result<String, Unasked> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len().saturating_add(chunk.len()) > MOST_NOTE_BYTES {
            return Err(Unasked::Unclear);
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Unasked::Unclear)
}

/// The newest checkpoint with what proves that it goes on where the witness has seen the log; none where there is nothing to ask.
fn asking(
    chain: &Chain,
    key: &LogKey,
    seen: u64,
    done: Option<Epoch>,
    declines: bool,
) -> Result<Option<Asking>, Unasked> {
    let view = chain.store().view();
    let state = State::over(&view);
    let newest = queries::newest_checkpoint(&state).map(|(epoch, _)| epoch);
    let Some(epoch) = newest.filter(|epoch| is_on(&view, declines) && done.is_none_or(|done| done < *epoch)) else {
        return Ok(None);
    };
    let Some(checkpoint) = queries::signed_checkpoint(&state, epoch) else { return Ok(None) };
    let ahead = Unasked::Ahead { seen, size: checkpoint.size };
    let proof = prove_consistency(&view, seen, checkpoint.size)?.ok_or(ahead)?;
    let text = checkpoint.text();
    let note = Note { lines: vec![key.sign(&text)], text };
    Ok(Some(Asking { epoch, checkpoint, body: body(seen, &proof.path, &note) }))
}

/// What a witness is asked by: what it has seen, the proof from there, and the note.
fn body(seen: u64, path: &[primitives::Digest], note: &Note) -> String {
    let proof: String = path.iter().map(|hash| format!("{}\n", STANDARD.encode(hash.0))).collect();
    format!("old {seen}\n{proof}\n{note}")
}

/// Takes the signatures of an answer that are by keys which are registered; whether there is one. What a witness is called in its own notes
/// is for it to say: it is known by its key.
pub(super) fn take(chain: &Chain, epoch: Epoch, checkpoint: &Checkpoint, text: &str) -> bool {
    let registered = {
        let view = chain.store().view();
        queries::witnesses(&State::over(&view))
    };
    let mut is_any = false;
    for line in text.lines().take(MOST_LINES).filter_map(NoteLine::parse) {
        for (witness, registered) in &registered {
            let Some((timestamp, signature)) = signed_by(registered.key, checkpoint, &line) else { continue };
            is_any = true;
            // That it is known already is as good.
            let _ = chain.take_cosignature(CosignatureWord { epoch, witness: *witness, timestamp, signature });
        }
    }
    is_any
}

/// When a key signed a checkpoint, and how, by a line; none where the line is none of it.
fn signed_by(key: PublicKey, checkpoint: &Checkpoint, line: &NoteLine) -> Option<(u64, Signature)> {
    let algorithm = NoteAlgorithm::Cosignature;
    if line.id != note_key_id(&line.name, algorithm, &key) {
        return None;
    }
    let note = Note { text: checkpoint.text(), lines: vec![line.clone()] };
    signature_in(&note, &VerifierKey { name: line.name.clone(), algorithm, key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{BlockHash, ChainId, Digest, SecretKey};
    use tlog::LogOrigin;

    #[test]
    fn the_size_that_a_witness_has_seen_is_read_as_it_is_written_and_in_no_other_way() {
        for (text, size) in [("20852163\n", 20_852_163), ("0", 0), (" 7 ", 7)] {
            assert_eq!(size_in(text), Some(size), "{text:?}");
        }
        for text in ["", "+5", "-5", "05", "5 6", "0x5", "18446744073709551616"] {
            assert_eq!(size_in(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_witness_is_asked_in_the_form_of_c2sp() {
        let origin = LogOrigin::of(&ChainId::new("net-1").unwrap(), &BlockHash([1; 32]));
        let key = LogKey::of(&SecretKey::from_seed(&[7; 32]), &origin);
        let text = Checkpoint { origin, size: 5, root: Digest([9; 32]) }.text();
        let note = Note { lines: vec![key.sign(&text)], text: text.clone() };
        let asked = body(3, &[Digest([0; 32]), Digest([0xff; 32])], &note);
        let (proof, signed) = asked.split_once("\n\n").unwrap();
        assert_eq!(proof.lines().next(), Some("old 3"));
        assert_eq!(proof.lines().nth(1), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
        assert_eq!(proof.lines().count(), 3);
        assert_eq!(Note::parse(signed).unwrap(), note);
        assert!(body(0, &[], &note).starts_with(&format!("old 0\n\n{text}")));
    }
}
