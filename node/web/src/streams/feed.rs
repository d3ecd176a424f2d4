//! What one stream sends: when to come again, a comment now and then, and each change twice.

use crate::places::StreamPlace;
use crate::plane::EvaluationPlane;
use flags::FlagReader;
use primitives::{Height, Name, Path};
use rand::Rng as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// After how long a client comes again whose stream has ended, in milliseconds, and how much longer at most: not all at once.
const RETRY_MS: (u64, u64) = (3_000, 3_000);
/// From one comment to the next: proxies cut what is idle.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// A comment.
const COMMENT: &str = ":\n\n";
/// Over how long the announcements of one change are spread, in milliseconds.
const SPREAD_MS: u64 = 250;
/// When a change is announced again, in milliseconds after it: whoever met a refusal the first time has not stayed on the old values.
const AGAIN_MS: (u64, u64) = (20_000, 40_000);
/// How lately something changed for which a stream that is new is told of it as well: what changed between the answer that named it and
/// its opening would be missed.
const LATELY: Duration = Duration::from_secs(60);

/// What is announced.
#[derive(Debug, Clone)]
struct Announcement {
    at: Instant,
    /// Whether it is the second one of its change.
    again: bool,
}

/// A stream.
#[derive(Debug)]
pub(super) struct Feed {
    plane: Arc<EvaluationPlane>,
    plan: Name,
    /// The path that it is about, and who reads there; none of a channel that this node never named, which is told of each change of the
    /// plan.
    subject: Option<(Path, FlagReader)>,
    moved: watch::Receiver<u64>,
    stopped: watch::Receiver<bool>,
    /// What was sent before anything else.
    first: Option<String>,
    /// What holds, as far as the client was or will be told.
    heard: Option<Arc<str>>,
    waiting: Vec<Announcement>,
    comment_at: Instant,
    /// Held as long as it is open.
    _place: StreamPlace,
}

impl Feed {
    /// A stream about a path of a plan, for whoever heard something last.
    pub fn open(
        plane: Arc<EvaluationPlane>,
        plan: Name,
        subject: Option<(Path, FlagReader)>,
        last: Option<&str>,
        place: StreamPlace,
    ) -> Self {
        // Before anything is looked at, so that no change is missed.
        let (mut moved, stopped) = (plane.plans.moved(), plane.stopped.clone());
        moved.mark_unchanged();
        let now = Instant::now();
        let mut feed = Self {
            plane,
            plan,
            subject,
            moved,
            stopped,
            first: None,
            heard: None,
            waiting: Vec::new(),
            comment_at: now + COMMENT_EVERY,
            _place: place,
        };
        let (least, more) = RETRY_MS;
        let mut first = format!("retry: {}\n\n", least + rand::thread_rng().gen_range(0..=more));
        feed.heard = feed.holds();
        match last {
            Some(last) if !feed.is_heard(last) => first.push_str(&feed.event(false)),
            Some(_) => {}
            None if feed.changed_lately() => feed.waiting.push(spread(now)),
            None => {}
        }
        feed.first = Some(first);
        feed
    }

    /// What comes next; none when the server stops.
    pub async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            let announced = self.waiting.iter().map(|waiting| waiting.at).min();
            let due = announced.map_or(self.comment_at, |at| at.min(self.comment_at));
            tokio::select! {
                () = stopping(&mut self.stopped) => return None,
                moved = self.moved.changed() => {
                    moved.ok()?;
                    self.look();
                }
                () = sleep_until(due) => return Some(self.due()),
            }
        }
    }

    /// Has a change announced, and once more.
    fn look(&mut self) {
        let holds = self.holds();
        if holds == self.heard {
            return;
        }
        self.heard = holds;
        let now = Instant::now();
        let (least, most) = AGAIN_MS;
        let again = Duration::from_millis(rand::thread_rng().gen_range(least..=most));
        self.waiting = vec![spread(now), Announcement { at: now + again, again: true }];
    }

    /// What is due: an announcement, else a comment.
    fn due(&mut self) -> String {
        let now = Instant::now();
        self.comment_at = now + COMMENT_EVERY;
        match self.waiting.iter().position(|waiting| waiting.at <= now) {
            Some(place) => {
                let Announcement { again, .. } = self.waiting.remove(place);
                self.event(again)
            }
            None => COMMENT.into(),
        }
    }

    /// The configuration as it is; of a channel that is not known, what stands for all of the plan.
    fn holds(&self) -> Option<Arc<str>> {
        let plan = self.plane.plans.get(&self.plan)?;
        Some(match &self.subject {
            Some((scope, reader)) => plan.tag(scope, *reader),
            None => plan.height.to_string().into(),
        })
    }

    /// Whether a client that heard this has what holds.
    fn is_heard(&self, last: &str) -> bool {
        let said = last.split('-').nth(1);
        said.is_some() && said == self.heard.as_deref().map(short)
    }

    fn changed_lately(&self) -> bool {
        let since = self.plane.plans.get(&self.plan).and_then(|plan| plan.since);
        since.is_some_and(|since| since.elapsed() < LATELY)
    }

    /// An event: that something changed. The second one has another id, and is the same otherwise.
    fn event(&self, again: bool) -> String {
        let plan = self.plane.plans.get(&self.plan);
        let (height, seconds) = plan.map_or((Height(0), 0), |plan| (plan.height, plan.time.0 / 1_000));
        let tag = self.heard.as_deref().unwrap_or_default();
        let etag = self.subject.as_ref().map(|_| format!("\"etag\":\"{tag}\",")).unwrap_or_default();
        let (id, more) = (format!("{height}-{}", short(tag)), if again { "-2" } else { "" });
        format!(
            "id: {id}{more}\nevent: message\ndata: {{\"type\":\"refetchEvaluation\",{etag}\"lastModified\":{seconds}}}\n\n"
        )
    }
}

/// The beginning of a tag, which tells one configuration of a path from the next.
fn short(tag: &str) -> &str {
    let digits = tag.strip_prefix("cfg-").unwrap_or(tag);
    digits.get(..8).unwrap_or(digits)
}

fn spread(now: Instant) -> Announcement {
    Announcement { at: now + Duration::from_millis(rand::thread_rng().gen_range(0..=SPREAD_MS)), again: false }
}

async fn stopping(stopped: &mut watch::Receiver<bool>) {
    // Whoever would say so has gone: that says it too.
    let _ = stopped.wait_for(|stop| *stop).await;
}
