//! Answers that are kept for fifteen seconds, each made once however many ask for it.

use super::answer::HttpAnswer;
use primitives::Height;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an answer is kept (seed 003, "Explorer timeline API").
pub const KEPT: Duration = Duration::from_secs(15);
/// The most bytes of answers that are kept: hundreds of pages, and what is asked for twice in fifteen seconds is fewer.
const MOST_BYTES: u64 = 8 << 20;
/// About how many answers that is.
const ABOUT: usize = 4096;

/// An answer, and when it was made.
#[derive(Debug)]
pub struct CachedAnswer {
    /// The answer.
    pub answer: HttpAnswer,
    /// When it was made.
    pub made: Instant,
    /// The newest block in the index before it was made.
    pub height: Height,
}

impl CachedAnswer {
    /// Whether it may still be given. Who asks for a fresh one gets one that knows the newest block.
    fn is_good(&self, fresh: bool, head: Height) -> bool {
        self.made.elapsed() < KEPT && (!fresh || self.height >= head)
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Arc<CachedAnswer>> for Bytes {
    fn weight(&self, key: &String, kept: &Arc<CachedAnswer>) -> u64 {
        (key.len() + kept.answer.body.len() + 512) as u64
    }
}

/// The answers that are kept.
pub struct AnswerCache {
    cache: Cache<String, Arc<CachedAnswer>, Bytes>,
}

impl Default for AnswerCache {
    fn default() -> Self {
        Self { cache: Cache::with_weighter(ABOUT, MOST_BYTES, Bytes) }
    }
}

impl AnswerCache {
    /// The kept answer of a key, or the one that `make` gives; whether it was kept. Others that ask for the same wait for
    /// it. What is no [`HttpAnswer`] is not kept.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn answer<E>(
        &self,
        key: &str,
        fresh: bool,
        head: Height,
        make: impl Future<Output = Result<HttpAnswer, E>>,
    ) -> Result<(Arc<CachedAnswer>, bool), E> {
        loop {
            match self.cache.get_value_or_guard_async(key).await {
                Ok(kept) if kept.is_good(fresh, head) => return Ok((kept, true)),
                Ok(old) => {
                    self.cache.remove_if(key, |kept| Arc::ptr_eq(kept, &old));
                }
                Err(guard) => {
                    let kept = Arc::new(CachedAnswer { answer: make.await?, made: Instant::now(), height: head });
                    // Too large an answer is given and not kept.
                    let _ = guard.insert(kept.clone());
                    return Ok((kept, false));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn answer(body: &'static str) -> HttpAnswer {
        HttpAnswer::new("text/plain", body.into())
    }

    #[tokio::test]
    async fn many_that_ask_at_once_have_one_answer_made() {
        let (answers, made) = (AnswerCache::default(), AtomicU32::new(0));
        let ask = || {
            answers.answer("key", false, Height(1), async {
                made.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok::<_, ()>(answer("a"))
            })
        };
        let all = futures::future::join_all((0..32).map(|_| ask())).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_fresh_answer_knows_the_newest_block_and_another_may_be_older() {
        let answers = AnswerCache::default();
        let ask = async |fresh, head, body: &'static str| {
            let made = answers.answer("key", fresh, Height(head), async { Ok::<_, ()>(answer(body)) }).await;
            let (kept, was_kept) = made.unwrap();
            (kept.answer.body.clone(), was_kept)
        };
        assert_eq!(ask(false, 1, "one").await, ("one".into(), false));
        assert_eq!(ask(false, 2, "two").await, ("one".into(), true));
        assert_eq!(ask(true, 1, "two").await, ("one".into(), true));
        assert_eq!(ask(true, 2, "two").await, ("two".into(), false));
        assert_eq!(ask(true, 2, "three").await, ("two".into(), true));
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let answers = AnswerCache::default();
        let failed = answers.answer("key", false, Height(1), async { Err("no") }).await;
        assert_eq!(failed.err(), Some("no"));
        let (_, was_kept) = answers.answer("key", false, Height(1), async { Ok::<_, ()>(answer("a")) }).await.unwrap();
        assert!(!was_kept);
    }
}
