//! The tokens with which applications ask for the values of flags.

use crate::{Outcome, Seed};
use host::token::{FlagToken, TokenAudience, TokenKind};
use primitives::{Digest, Name, SecretKey, Timestamp};

/// The network that is asked.
const NETWORK: Digest = Digest([9; 32]);
/// When those of the seeds are issued, in seconds since 1970.
const ISSUED_S: u64 = 1_771_622_898;

/// Who issues those of the seeds; of nobody else a fuzzer has signatures.
fn issuer() -> SecretKey {
    SecretKey::from_seed(&[3; 32])
}

/// What is taken is what its issuer signed, for this network and a bounded time, and comes back when it is signed again; and no other text
/// of the same token is taken.
pub fn check(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    match FlagToken::read(text, &NETWORK) {
        Ok(token) => {
            assert_eq!((token.net, token.iss), (NETWORK, issuer().account()));
            assert!(token.iat < token.exp, "{token:?}");
            assert_eq!(FlagToken::read(&token.signed(&issuer()), &NETWORK), Ok(token.clone()));
            let ended = token.check_time(Timestamp(u64::MAX)).expect_err("no token is good for ever");
            assert!(!ended.to_string().is_empty());
            assert!(FlagToken::read(&format!("{text}="), &NETWORK).is_err(), "one token is one text");
            Outcome::Taken
        }
        Err(flaw) => {
            assert!(!flaw.to_string().is_empty());
            Outcome::Refused
        }
    }
}

/// One for servers, one for clients, and one that says all that it may.
pub fn seeds() -> Vec<Seed> {
    let name = |text: &str| Name::new(text).expect("letters alone are a name");
    let server = FlagToken {
        iss: issuer().account(),
        sub: name("pos"),
        acting: name("TENANT_OWNER"),
        scope: "PROD/t1".parse().expect("names are a path"),
        aud: TokenAudience::Server,
        net: NETWORK,
        typ: TokenKind::Flags,
        iat: ISSUED_S,
        exp: ISSUED_S + 3_600,
        nbf: None,
        jti: None,
    };
    let client = FlagToken { aud: TokenAudience::Client, ..server.clone() };
    let whole = FlagToken { nbf: Some(ISSUED_S), jti: Some("one of many".into()), ..server.clone() };
    let tokens = [("server", server), ("client", client), ("whole", whole)];
    tokens.map(|(name, token)| Seed { name: name.into(), bytes: token.signed(&issuer()).into_bytes() }).into()
}
