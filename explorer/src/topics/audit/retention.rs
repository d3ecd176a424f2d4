//! For how long a fact is kept, and what keeps it for longer (REQ-155, REQ-156): by the plan that it was done under, or else by that of
//! the network.

use super::answer::AuditEntry;
use crate::store::column::{parsed, typed};
use crate::store::table::natural;
use crate::store::{Index, QueryError};
use primitives::{Height, Name, Path, RecordClass, Span, Timestamp};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The most holds of a plan that are looked at; a plan has fewer open ones (ROLLOUTS 17).
const MOST_HOLDS: u64 = 4_096;

/// Says of entries for how long they are kept. What a plan says is asked for once.
#[derive(Debug, Default)]
pub(super) struct RetentionRules {
    /// By plan; that of the network under none.
    plans: BTreeMap<Option<Name>, PlanRetention>,
}

/// What one plan says, and holds.
#[derive(Debug, Default)]
struct PlanRetention {
    spans: Vec<(RecordClass, Span)>,
    holds: Vec<(Path, Height)>,
}

impl RetentionRules {
    /// Says of each entry until when it is kept, and whether something holds it.
    pub async fn fill(&mut self, index: &Index, entries: &mut [AuditEntry]) -> Result<(), QueryError> {
        for entry in entries {
            let kept = self.of(index, entry.marks.plan.as_ref()).await?;
            entry.retention_expires_at = kept.expires(entry.class, entry.time);
            entry.legal_hold_active = kept.holds(entry.marks.scope.as_deref(), entry.height);
        }
        Ok(())
    }

    async fn of(&mut self, index: &Index, plan: Option<&Name>) -> Result<&PlanRetention, QueryError> {
        Ok(match self.plans.entry(plan.cloned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(PlanRetention::of(index, plan).await?),
        })
    }
}

impl PlanRetention {
    async fn of(index: &Index, plan: Option<&Name>) -> Result<Self, QueryError> {
        let row = match plan {
            Some(plan) => {
                let sql = "SELECT plan, spans FROM retentions WHERE plan=$1";
                index.one(sql, vec![plan.as_str().into()]).await?
            }
            None => index.one("SELECT plan, spans FROM retentions WHERE of_node=1", Vec::new()).await?,
        };
        let Some(row) = row else { return Ok(Self::default()) };
        let name: String = row.get("plan");
        let spans = parsed("the spans of records", row.get("spans"))?;
        let sql = "SELECT scope, from_height FROM legal_holds WHERE plan=$1 AND released=0 LIMIT $2";
        let rows = index.all(sql, vec![name.into(), MOST_HOLDS.into()]).await?;
        let hold = |row: &AnyRow| -> Result<(Path, Height), QueryError> {
            Ok((typed("a path", row.get("scope"))?, Height(natural(row.get("from_height")))))
        };
        let holds = rows.iter().map(hold).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { spans, holds })
    }

    /// A span in epochs says no time.
    fn expires(&self, class: RecordClass, time: Timestamp) -> Option<Timestamp> {
        let (_, span) = self.spans.iter().find(|(of, _)| *of == class)?;
        match span {
            Span::Millis(ms) => Some(time.plus(*ms)),
            Span::Epochs(_) => None,
        }
    }

    /// What says no place is of the whole plan.
    fn holds(&self, scope: Option<&str>, height: Height) -> bool {
        let at: Option<Path> = scope.and_then(|scope| scope.parse().ok());
        self.holds.iter().any(|(path, from)| {
            let covers = path.is_root() || at.as_ref().is_some_and(|at| at.is_under(path));
            covers && *from <= height
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    #[test]
    fn req_156_a_record_is_kept_for_the_span_of_its_class_and_epochs_say_no_time() {
        let spans = vec![(RecordClass::Audit, Span::days(365)), (RecordClass::Metrics, Span::Epochs(9))];
        let kept = PlanRetention { spans, holds: Vec::new() };
        assert_eq!(kept.expires(RecordClass::Audit, Timestamp(1)), Some(Timestamp(1 + 365 * 86_400_000)));
        assert_eq!(kept.expires(RecordClass::Metrics, Timestamp(1)), None);
        assert_eq!(kept.expires(RecordClass::Security, Timestamp(1)), None, "the plan says nothing of it");
    }

    #[test]
    fn req_155_a_hold_keeps_what_is_at_its_path_or_below_it_from_its_block_on() {
        let kept = PlanRetention { spans: Vec::new(), holds: vec![(path("PROD/t1"), Height(5))] };
        for (scope, height, held) in [
            (Some("PROD/t1"), 5, true),
            (Some("PROD/t1/b2"), 9, true),
            (Some("PROD/t1"), 4, false),
            (Some("PROD"), 9, false),
            (Some("PROD/t2"), 9, false),
            (None, 9, false),
        ] {
            assert_eq!(kept.holds(scope, Height(height)), held, "{scope:?} at {height}");
        }
        let whole = PlanRetention { spans: Vec::new(), holds: vec![(Path::ROOT, Height(0))] };
        assert!(whole.holds(None, Height(9)) && whole.holds(Some("*/t1/**"), Height(9)));
    }
}
