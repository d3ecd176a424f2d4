//! Tokens with which applications ask nodes for the values of flags: JSON Web Tokens that an account signs, so that no secret lies on
//! any node and every node takes them at once (ROLLOUTS 12.2).
//!
//! Here is what a token says by itself. Whether its issuer may issue it is for state to say: the account has to have a role with the
//! grant `token` at its scope, and may have revoked what it issued.
//!
//! ```
//! use host::token::{FlagToken, TokenAudience, TokenKind};
//! use primitives::{Digest, Name, Path, SecretKey};
//!
//! let (key, network) = (SecretKey::from_seed(&[7; 32]), Digest([1; 32]));
//! let token = FlagToken {
//!     iss: key.account(),
//!     sub: Name::new("pos").unwrap(),
//!     acting: Name::new("TENANT_OWNER").unwrap(),
//!     scope: "PROD/t1".parse().unwrap(),
//!     aud: TokenAudience::Client,
//!     net: network,
//!     typ: TokenKind::Flags,
//!     iat: 1_771_622_898,
//!     exp: 1_771_622_898 + 3_600,
//!     nbf: None,
//!     jti: None,
//! };
//! let text = token.signed(&key);
//! assert_eq!(FlagToken::read(&text, &network).unwrap(), token);
//! assert!(FlagToken::read(&text, &Digest([2; 32])).is_err());
//! ```

mod base64url;

use primitives::{AccountId, Digest, Name, Path, SecretKey, Signature, Timestamp};
use serde::{Deserialize, Serialize};

/// The most bytes of a token.
pub const MOST_TOKEN_BYTES: usize = 2_048;
/// How long a token is good for at most, in seconds.
pub const LONGEST_TOKEN_S: u64 = 400 * 24 * 3_600;
/// How far ahead of a node's time a token may have been issued, in seconds: the clocks of two machines are never the same.
const AHEAD_S: u64 = 60;

/// What a token says. The names are those of RFC 7519, as far as that has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagToken {
    /// Who issued it: the account whose key signed it.
    pub iss: AccountId,
    /// The plan whose flags may be asked.
    pub sub: Name,
    /// The role in which the issuer acts.
    pub acting: Name,
    /// Where flags may be asked: at this path and below.
    pub scope: Path,
    /// Who asks.
    pub aud: TokenAudience,
    /// The network: the hash of its genesis.
    pub net: Digest,
    /// What kind of token it is, so that none that was signed for something else is taken for one.
    pub typ: TokenKind,
    /// When it was issued, in seconds since 1970.
    pub iat: u64,
    /// When it ends, in seconds since 1970; at most [`LONGEST_TOKEN_S`] later.
    pub exp: u64,
    /// Before when it does not count, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// A name of its issuer's for it; nothing hangs on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

/// Who asks with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenAudience {
    /// Servers of an application. They see its flags for servers and for both.
    Server,
    /// What its users run. It is in pages, and so public; it sees flags for clients and for both.
    Client,
}

impl std::str::FromStr for TokenAudience {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "server" => Ok(Self::Server),
            "client" => Ok(Self::Client),
            _ => Err(format!("{text:?} is no audience of a token; write server or client")),
        }
    }
}

/// What kind of token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    /// One for the values of flags.
    #[serde(rename = "the-block-flags")]
    Flags,
}

/// How a token is signed (RFC 7515). Nothing else is taken, and nothing of it is followed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenHeader {
    alg: TokenAlgorithm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

/// The one algorithm (RFC 8037), by the one rule of [`primitives::PublicKey::verify`].
#[derive(Debug, Serialize, Deserialize)]
enum TokenAlgorithm {
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// Why a text is no token that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFlaw {
    /// It is longer than any token.
    #[error("the token is longer than {MOST_TOKEN_BYTES} bytes; issue one with shorter names")]
    TooLong,
    /// It is not three parts in base64 for URLs, without padding.
    #[error(
        "the token is not three parts of base64url, without padding, with a dot between them; send it as it was issued"
    )]
    Shape,
    /// Its header asks for something else than `EdDSA`.
    #[error("the header of the token is not that of one signed with EdDSA: {0}; issue one with that algorithm alone")]
    Header(String),
    /// Its claims are not those of a token for flags.
    #[error(
        "the claims of the token are not those of one for flags: {0}; issue one with iss, sub, acting, scope, aud, net, typ, iat and exp"
    )]
    Claims(String),
    /// It is for another network.
    #[error("the token is for another network than this one; issue one whose net is the hash of this genesis")]
    Network,
    /// Its issuer did not sign it.
    #[error("the token is not signed by the account that it names as iss; issue it with the key of that account")]
    Signature,
    /// It is to be good for longer than any token.
    #[error("the token is good for longer than 400 days, or ends before it begins; issue one that ends within them")]
    Span,
    /// It has ended.
    #[error("the token ended at {exp}, in seconds since 1970; issue another one")]
    Ended {
        /// When.
        exp: u64,
    },
    /// It is issued in the future, or not to count yet.
    #[error(
        "the token counts from {from} on, in seconds since 1970, which is ahead of this node; wait, or set the clock that issued it"
    )]
    Ahead {
        /// When.
        from: u64,
    },
}

impl FlagToken {
    /// The token as it is sent, signed with a key, whose account should be its issuer.
    pub fn signed(&self, key: &SecretKey) -> String {
        let header = TokenHeader { alg: TokenAlgorithm::EdDsa, typ: Some("JWT".into()), kid: None };
        let part = |json: serde_json::Result<Vec<u8>>| base64url::encode(&json.unwrap_or_default());
        let message = format!("{}.{}", part(serde_json::to_vec(&header)), part(serde_json::to_vec(self)));
        let signature = base64url::encode(key.sign(message.as_bytes()).as_bytes());
        format!("{message}.{signature}")
    }

    /// Reads a token of a network, and checks its signature. Whether it is in force now is for [`check_time`](Self::check_time).
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(text: &str, network: &Digest) -> Result<Self, TokenFlaw> {
        if text.len() > MOST_TOKEN_BYTES {
            return Err(TokenFlaw::TooLong);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(TokenFlaw::Shape)?;
        let (header, claims) = message.split_once('.').ok_or(TokenFlaw::Shape)?;
        let decoded = |part: &str| base64url::decode(part).ok_or(TokenFlaw::Shape);
        let (header, claims, signature) = (decoded(header)?, decoded(claims)?, decoded(signature)?);
        let signature: [u8; 64] = signature.try_into().map_err(|_| TokenFlaw::Shape)?;
        let _: TokenHeader = serde_json::from_slice(&header).map_err(|error| TokenFlaw::Header(error.to_string()))?;
        let token: Self = serde_json::from_slice(&claims).map_err(|error| TokenFlaw::Claims(error.to_string()))?;
        if token.net != *network {
            return Err(TokenFlaw::Network);
        }
        let is_long = token.exp.checked_sub(token.iat).is_none_or(|span| span == 0 || span > LONGEST_TOKEN_S);
        if is_long {
            return Err(TokenFlaw::Span);
        }
        // Last, because it costs the most.
        if !token.iss.key().verify(message.as_bytes(), &Signature(signature)) {
            return Err(TokenFlaw::Signature);
        }
        Ok(token)
    }

    /// Whether it is in force at a time, which is the later of block time and the machine's clock.
    ///
    /// # Errors
    /// That it has ended, or does not count yet.
    pub fn check_time(&self, now: Timestamp) -> Result<(), TokenFlaw> {
        let now_s = now.0 / 1_000;
        if self.exp <= now_s {
            return Err(TokenFlaw::Ended { exp: self.exp });
        }
        let from = self.nbf.unwrap_or_default().max(self.iat);
        if from > now_s.saturating_add(AHEAD_S) { Err(TokenFlaw::Ahead { from }) } else { Ok(()) }
    }

    /// When it was issued, as block times count.
    pub fn issued(&self) -> Timestamp {
        Timestamp(self.iat.saturating_mul(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW_S: u64 = 1_771_622_898;
    const NETWORK: Digest = Digest([9; 32]);

    fn key() -> SecretKey {
        SecretKey::from_seed(&[3; 32])
    }

    fn token() -> FlagToken {
        FlagToken {
            iss: key().account(),
            sub: Name::new("pos").unwrap(),
            acting: Name::new("TENANT_OWNER").unwrap(),
            scope: "PROD/t1".parse().unwrap(),
            aud: TokenAudience::Server,
            net: NETWORK,
            typ: TokenKind::Flags,
            iat: NOW_S,
            exp: NOW_S + 3_600,
            nbf: None,
            jti: None,
        }
    }

    /// Whatever these say, signed by the right key.
    fn signed(header: &Value, claims: &Value) -> String {
        let message = [header, claims].map(|part| base64url::encode(part.to_string().as_bytes())).join(".");
        let signature = base64url::encode(key().sign(message.as_bytes()).as_bytes());
        format!("{message}.{signature}")
    }

    fn flaw(header: &Value, claims: &Value) -> TokenFlaw {
        FlagToken::read(&signed(header, claims), &NETWORK).unwrap_err()
    }

    fn good_header() -> Value {
        json!({ "alg": "EdDSA", "typ": "JWT" })
    }

    fn claims() -> Value {
        serde_json::to_value(token()).unwrap()
    }

    fn with(field: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[field] = value;
        claims
    }

    #[test]
    fn a_token_comes_back_as_it_was_signed() {
        assert_eq!(FlagToken::read(&token().signed(&key()), &NETWORK), Ok(token()));
        let named = signed(&json!({ "typ": "JWT", "alg": "EdDSA", "kid": "a" }), &with("jti", json!("one")));
        assert_eq!(FlagToken::read(&named, &NETWORK).unwrap().jti.as_deref(), Some("one"));
    }

    #[test]
    fn no_other_algorithm_is_taken_and_no_header_is_followed() {
        let other = [
            json!({ "alg": "none" }),
            json!({ "alg": "HS256" }),
            json!({ "alg": "ES256" }),
            json!({ "alg": "eddsa" }),
            json!({ "typ": "JWT" }),
            json!({ "alg": "EdDSA", "crit": ["exp"] }),
            json!({ "alg": "EdDSA", "jwk": {} }),
            json!({ "alg": "EdDSA", "jku": "https://evil.example" }),
            json!([]),
        ];
        for header in other {
            assert!(matches!(flaw(&header, &claims()), TokenFlaw::Header(_)), "{header}");
        }
    }

    #[test]
    fn claims_that_are_missing_unknown_or_of_another_kind_are_refused() {
        for field in ["iss", "sub", "acting", "scope", "aud", "net", "typ", "iat", "exp"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(field);
            assert!(matches!(flaw(&good_header(), &claims), TokenFlaw::Claims(_)), "{field}");
        }
        let wrong = [
            with("admin", json!(true)),
            with("aud", json!(["server"])),
            with("aud", json!("admin")),
            with("typ", json!("access")),
            with("scope", json!("PROD/t1/../t2")),
            with("scope", json!("PROD/*")),
            with("iss", json!("abcd")),
            with("exp", json!(1.5)),
            with("exp", json!(-1)),
            with("iat", json!("now")),
        ];
        for claims in wrong {
            assert!(matches!(flaw(&good_header(), &claims), TokenFlaw::Claims(_)), "{claims}");
        }
    }

    #[test]
    fn e05_a_token_counts_on_its_own_network_for_at_most_400_days() {
        assert_eq!(flaw(&good_header(), &with("net", json!("00".repeat(32)))), TokenFlaw::Network);
        let longest = with("exp", json!(NOW_S + LONGEST_TOKEN_S));
        assert!(FlagToken::read(&signed(&good_header(), &longest), &NETWORK).is_ok());
        for exp in [NOW_S + LONGEST_TOKEN_S + 1, NOW_S, NOW_S - 1, 0] {
            assert_eq!(flaw(&good_header(), &with("exp", json!(exp))), TokenFlaw::Span, "{exp}");
        }
    }

    #[test]
    fn nothing_is_taken_that_its_issuer_did_not_sign() {
        let other = SecretKey::from_seed(&[4; 32]);
        assert_eq!(FlagToken::read(&token().signed(&other), &NETWORK), Err(TokenFlaw::Signature));
        let text = token().signed(&key());
        let (message, signature) = text.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let wider = base64url::encode(with("scope", json!("")).to_string().as_bytes());
        assert_eq!(FlagToken::read(&format!("{header}.{wider}.{signature}"), &NETWORK), Err(TokenFlaw::Signature));
    }

    #[test]
    fn what_is_no_token_at_all_is_refused() {
        let text = token().signed(&key());
        let cut = &text[..text.len() - 1];
        let padded = format!("{text}=");
        let four = format!("{text}.AA");
        for bad in ["", ".", "..", "a.b.c", "é.é.é", cut, &padded, &four] {
            let flaw = FlagToken::read(bad, &NETWORK).unwrap_err();
            assert!(matches!(flaw, TokenFlaw::Shape | TokenFlaw::Header(_)), "{bad}: {flaw}");
        }
        assert_eq!(FlagToken::read(&"a".repeat(MOST_TOKEN_BYTES + 1), &NETWORK), Err(TokenFlaw::TooLong));
    }

    #[test]
    fn a_token_is_in_force_from_its_issue_to_the_second_before_it_ends() {
        let at = |second: u64| token().check_time(Timestamp(second * 1_000));
        assert_eq!(at(NOW_S), Ok(()));
        assert_eq!(at(NOW_S - AHEAD_S), Ok(()), "clocks differ");
        assert_eq!(at(NOW_S - AHEAD_S - 1), Err(TokenFlaw::Ahead { from: NOW_S }));
        assert_eq!(token().check_time(Timestamp((NOW_S + 3_600) * 1_000 - 1)), Ok(()));
        assert_eq!(at(NOW_S + 3_600), Err(TokenFlaw::Ended { exp: NOW_S + 3_600 }));
        let later = FlagToken { nbf: Some(NOW_S + 1_000), ..token() };
        assert_eq!(later.check_time(Timestamp(NOW_S * 1_000)), Err(TokenFlaw::Ahead { from: NOW_S + 1_000 }));
    }
}
