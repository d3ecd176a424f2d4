//! What accounts say of themselves.

use crate::store::column::{parsed, typed};
use crate::store::table::SqlValue;
use crate::store::{Index, QueryError};
use accounts::Description;
use primitives::AccountId;
use rpc::views::{DescribedAccount, Descriptions};
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::BTreeSet;

/// How many accounts one statement looks for. Fewer are asked for more than once, so that there is one statement.
const AT_ONCE: usize = 32;

/// What these accounts say of themselves.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn described(index: &Index, whom: BTreeSet<AccountId>) -> Result<Descriptions, QueryError> {
    let places: Vec<String> = (1..=AT_ONCE).map(|place| format!("${place}")).collect();
    let sql = format!("SELECT account, description FROM descriptions WHERE account IN ({})", places.join(","));
    let whom: Vec<AccountId> = whom.into_iter().collect();
    let mut found = Vec::new();
    for some in whom.chunks(AT_ONCE) {
        let keys: Vec<SqlValue> = some.iter().cycle().take(AT_ONCE).map(|who| who.to_string().into()).collect();
        for row in index.readers().all(AssertSqlSafe(sql.clone()), keys).await? {
            let (who, said) = (typed("an account", row.get(0))?, parsed::<Description>("a description", row.get(1))?);
            found.push(DescribedAccount::new(who, said));
        }
    }
    Ok(Descriptions::new(found))
}
