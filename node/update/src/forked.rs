//! How an operator is told that the network has forked.

use light::Fork;

/// A fork, in words for the operator of a home that knows of it.
pub fn fork_warning(fork: &Fork) -> String {
    format!(
        "{fork}; nothing is installed here until the operators of the network have explained it and evidence/fork.json is removed from \
         the home"
    )
}
