//! The requests of a batch, in their order. Transactions that come one behind the other in it are given to the node together: what it can
//! do for all of them at once, such as verifying their signatures, it does on all cores.

use super::admission::{Admission, Begun};
use crate::error::{RpcRefusal, SubmitError};
use crate::views::Submission;
use jsonrpsee::core::middleware::{Batch, BatchEntry, BatchEntryErr, Request, RpcServiceT};
use jsonrpsee::server::{MethodResponse, ResponsePayload};
use jsonrpsee::types::{ErrorCode, ErrorObject, ErrorObjectOwned};
use primitives::TransactionHash;
use runtime::Transaction;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The method whose requests are answered together.
const SUBMIT: &str = "tx.submit";

/// What came of a transaction.
type Outcome = Result<TransactionHash, SubmitError>;

/// Requests of a batch that are answered together.
pub(super) enum Part<'a> {
    /// Transactions.
    Submissions(Vec<Request<'a>>),
    /// Anything else, by itself.
    Entry(Result<BatchEntry<'a>, BatchEntryErr<'a>>),
}

/// The parts of a batch, in its order.
pub(super) fn parts(batch: Batch<'_>) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for entry in batch {
        match entry {
            Ok(BatchEntry::Call(request)) if request.method_name() == SUBMIT => match parts.last_mut() {
                Some(Part::Submissions(before)) => before.push(request),
                _ => parts.push(Part::Submissions(vec![request])),
            },
            entry => parts.push(Part::Entry(entry)),
        }
    }
    parts
}

/// The transaction that a request submits; none where it names none that could be read, which its answer then says.
fn submitted(params: &RawValue) -> Option<Transaction> {
    #[derive(Deserialize)]
    struct Named {
        transaction: Submission,
    }
    let text = params.get();
    let submission = if text.starts_with('{') {
        serde_json::from_str(text).map(|Named { transaction }| transaction)
    } else {
        serde_json::from_str(text).map(|[transaction]: [Submission; 1]| transaction)
    };
    submission.ok()?.transaction().ok()
}

impl<S> Admission<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Sync,
{
    /// The answers to requests that submit transactions, in their order.
    pub async fn answer_submissions(&self, requests: Vec<Request<'_>>) -> Vec<MethodResponse> {
        let begun: Vec<Begun<'_>> = requests.into_iter().map(|request| self.begin(request)).collect();
        let params = |begun: &Begun<'_>| {
            let params = begun.request.params.as_deref().filter(|_| begun.admitted.is_ok());
            params.map(ToOwned::to_owned)
        };
        let mut outcomes = self.submit_all(begun.iter().map(params).collect()).await.into_iter();
        let mut answers = Vec::with_capacity(begun.len());
        for begun in begun {
            let answer = match outcomes.next() {
                Some(Some(outcome)) => self.answer_submission(begun, Some(outcome)),
                None if begun.admitted.is_ok() => self.answer_submission(begun, None),
                Some(None) | None => self.answer(begun).await,
            };
            answers.push(answer);
        }
        answers
    }

    /// What comes of the transactions that requests submit, of each whose parameters name one that can be read; of nothing, when the node
    /// fails at it.
    async fn submit_all(&self, params: Vec<Option<Box<RawValue>>>) -> Vec<Option<Outcome>> {
        let node = self.node.clone();
        let submits = move || -> Vec<Option<Outcome>> {
            let read: Vec<Option<Transaction>> = params.iter().map(|params| submitted(params.as_deref()?)).collect();
            let are_read: Vec<bool> = read.iter().map(Option::is_some).collect();
            let mut outcomes = node.submit_all(read.into_iter().flatten().collect()).into_iter();
            are_read.into_iter().map(|is_read| if is_read { outcomes.next() } else { None }).collect()
        };
        tokio::task::spawn_blocking(submits).await.unwrap_or_default()
    }

    /// The answer to a request by what came of its transaction; nobody knows that when the node failed at it.
    fn answer_submission(&self, begun: Begun<'_>, outcome: Option<Outcome>) -> MethodResponse {
        let (id, most) = (begun.request.id, self.rules.max_response_bytes);
        let response = match outcome {
            Some(Ok(hash)) => MethodResponse::response(id, ResponsePayload::success(hash), most),
            Some(Err(refusal)) => MethodResponse::error(id, ErrorObjectOwned::from(RpcRefusal::from(refusal))),
            None => MethodResponse::error(id, ErrorObject::from(ErrorCode::InternalError)),
        };
        self.observe(SUBMIT, begun.since, &response);
        response
    }
}
