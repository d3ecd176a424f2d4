//! Who comes and goes as a witness, and what each cosigns.

use super::{CHECKPOINT_LIST, CHECKPOINTS, COSIGNATURES, WITNESSES};
use crate::fold::{BlockWriter, FoldError};
use crate::store::table::SqlValue;
use witnesses::Event;

/// What one event writes.
///
/// # Errors
/// The database refuses, or has no such witness.
pub async fn write(block: &mut BlockWriter<'_>, event: &Event) -> Result<(), FoldError> {
    let height = block.at().height.0;
    match event {
        Event::Registered { witness, name, key, .. } => {
            // Whoever comes again is another witness, with what it says now.
            let row = vec![
                witness.to_string().into(),
                name.as_str().into(),
                key.to_string().into(),
                height.into(),
                SqlValue::Int(None),
                SqlValue::Int(None),
            ];
            block.put(&WITNESSES, row);
            Ok(())
        }
        Event::Retired { witness } => {
            let row = vec![witness.to_string().into(), height.into()];
            block.update(&WITNESSES, &["account", "retired"], vec![row]).await
        }
        Event::Cosigned { witness, epoch, size, root, .. } => {
            if block.find(&CHECKPOINTS, &["epoch"], "epoch", epoch.0.into()).await?.is_none() {
                block.enter(CHECKPOINT_LIST, epoch.0);
                block.put(&CHECKPOINTS, vec![epoch.0.into(), (*size).into(), root.to_string().into()]);
            }
            block.put(&COSIGNATURES, vec![epoch.0.into(), witness.to_string().into(), height.into()]);
            let row = vec![witness.to_string().into(), epoch.0.into()];
            block.update(&WITNESSES, &["account", "last_epoch"], vec![row]).await
        }
    }
}
