//! What is wrong with a flag: the one list of it, which calls, plans and their mistakes go by.

use crate::{Error, Expiry, Flag, FlagKind, FlagPart, FlagRegister, Gate, MOST_FLAG_BYTES, Value};
use parity_scale_codec::Encode;

/// A flaw, with the field that it is in.
type Flaw = (&'static str, Error);

impl Flag {
    /// Everything that is wrong with it by itself, each with the field that it is in and a sentence; `is_of_node` says whether it is
    /// of the plan that governs this network, whose flags of kind gate are its [gates](Gate).
    ///
    /// A flag has something to serve, all of one type, each with a name of its own (ROLLOUTS 6.1); what is served where it is
    /// disabled is off, where that is what disabling it is for; and there is a day on which it is gone, where its kind may not stay
    /// (REQ-103). Whether there are the role and the flags that it names is not asked here.
    pub fn flaws(&self, is_of_node: bool) -> Vec<(&'static str, String)> {
        self.refusals(is_of_node).into_iter().map(|(field, error)| (field, error.to_string())).collect()
    }

    /// Whether it has no [flaw](Self::flaws).
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self, is_of_node: bool) -> Result<(), Error> {
        self.refusals(is_of_node).into_iter().next().map_or(Ok(()), |(_, error)| Err(error))
    }

    fn refusals(&self, is_of_node: bool) -> Vec<Flaw> {
        let mut flaws = self.flaws_of_places();
        flaws.extend(self.flaws_of_variants());
        flaws.extend(self.flaw_of_off());
        if self.expires == Expiry::Never && !self.kind.may_stay() {
            flaws.push(("expires", Error::StaysForEver { key: self.key.clone(), kind: self.kind }));
        }
        if self.encoded_size() > MOST_FLAG_BYTES {
            let most = u32::try_from(MOST_FLAG_BYTES).unwrap_or(u32::MAX);
            let full = Error::Full { of: self.key.clone(), register: FlagRegister::BytesOfFlag, most };
            flaws.push(("variants", full));
        }
        // What is wrong with its variants already is not told again as that of a gate.
        let are_told = flaws.iter().any(|(field, _)| *field == "variants");
        flaws.extend(self.flaw_of_gate().filter(|(field, _)| is_of_node && !(are_told && *field == "variants")));
        flaws
    }

    fn flaws_of_places(&self) -> Vec<Flaw> {
        let incomplete = |part| Error::Incomplete { key: self.key.clone(), part };
        if self.variants.is_empty() {
            return vec![("variants", incomplete(FlagPart::Variants))];
        }
        let named = [("fallback", self.fallback, FlagPart::Fallback), ("off", self.off, FlagPart::Off)];
        let missing = named.into_iter().filter(|(_, place, _)| self.variant(*place).is_none());
        let missing = missing.map(|(field, _, part)| (field, incomplete(part)));
        let bypass = self.bypass.iter().filter_map(|place| Some(("bypass", self.require_variant(*place).err()?)));
        missing.chain(bypass).collect()
    }

    fn flaws_of_variants(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        for (at, variant) in self.variants.iter().enumerate() {
            let (key, name) = (|| self.key.clone(), || variant.name.clone());
            if self.variants.iter().take(at).any(|other| other.name == variant.name) {
                flaws.push(("variants", Error::VariantTwice { key: key(), variant: name() }));
            }
            if self.variants.first().is_some_and(|first| !first.value.is_like(&variant.value)) {
                flaws.push(("variants", Error::MixedTypes { key: key(), variant: name() }));
            }
            if let Err(flaw) = variant.value.check() {
                flaws.push(("variants", Error::BadValue { key: key(), variant: name(), flaw }));
            }
        }
        flaws
    }

    /// Disabling turns off what is a gate, a kill switch, or an emergency's to disable. Another flag that is true or false may be
    /// safe when it is on, as an enforcement is.
    fn flaw_of_off(&self) -> Option<Flaw> {
        let goes_off = self.emergency || matches!(self.kind, FlagKind::Gate | FlagKind::KillSwitch);
        let is_true = self.variant(self.off).is_some_and(|variant| variant.value == Value::Bool(true));
        (goes_off && is_true).then(|| ("off", Error::OffIsTrue { key: self.key.clone() }))
    }

    /// Of the node's plan, what is of kind gate is a gate of this network, nothing else has the name of one, and a gate is true or
    /// false.
    fn flaw_of_gate(&self) -> Option<Flaw> {
        let key = || self.key.clone();
        match (Gate::named(&self.key), self.kind) {
            (None, FlagKind::Gate) => Some(("kind", Error::GateUnknown { key: key() })),
            (None, _) => None,
            (Some(_), FlagKind::Gate) if self.is_true_or_false() => None,
            (Some(_), FlagKind::Gate) => Some(("variants", Error::GateShape { key: key() })),
            (Some(_), _) => Some(("kind", Error::GateShape { key: key() })),
        }
    }

    fn is_true_or_false(&self) -> bool {
        let has = |value: bool| self.variants.iter().any(|variant| variant.value == Value::Bool(value));
        self.variants.len() == 2 && has(true) && has(false)
    }
}
