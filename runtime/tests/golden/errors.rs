//! What each refusal says.

use primitives::Height;
use runtime::testing::examples::*;
use runtime::{Lane, TxError};

/// One of each reason for which a transaction comes into no block.
pub fn transaction_errors() -> Vec<TxError> {
    vec![
        TxError::Undecodable("not enough bytes".into()),
        TxError::TooLarge { have: 2, most: 1 },
        TxError::WrongChain { expected: text("here"), found: text("there") },
        TxError::BadSignature(WHO),
        TxError::Expired { expires_at: Height(1), now: Height(2) },
        TxError::ExpiresTooLate { expires_at: Height(9), latest: Height(8) },
        TxError::NonceUsed { lane: Lane::Wallet, expected: 2, found: 1 },
        TxError::NonceTooHigh { lane: Lane::Node, expected: 2, found: 3 },
        TxError::FeeTooLow { have: TEN, need: SIXTEEN },
        TxError::CannotPayFee { have: TEN, need: SIXTEEN },
        TxError::Dormant { needs: 2, have: 1 },
        TxError::TooManyReads { have: 2, most: 1 },
    ]
}

/// The sentences people read, one per refusal, and the JSON that scripts read.
#[test]
fn every_refusal_says_the_same_as_ever() {
    let mut out = String::new();
    for error in errors() {
        out += &format!("{}\n    {error}\n", serde_json::to_string(&error).unwrap());
    }
    for error in transaction_errors() {
        out += &format!("{}\n    {error}\n", serde_json::to_string(&error).unwrap());
    }
    assert!(!out.contains("Text(") && !out.contains("AccountId("), "a sentence shows a type's name");
    crate::golden("errors.txt", &out);
}
