//! `#[derive(Leveled)]`: the level that a value of the chain needs, from the level of its variant and those of its parts.
//!
//! A type that came with a level says so in front of itself, `#[level(1)]`, and so does a variant; whoever has neither was there from
//! the start, which is level 0. A value needs the most of its type, its variant and its parts. So each part has to have a level too: a
//! type that contains one without does not compile (`the trait bound .. Leveled is not satisfied`, at the part).
//!
//! ```ignore
//! #[derive(primitives::Leveled)]
//! enum Ask {
//!     Word { about: Name },
//!     #[level(2)]
//!     Weather(Forecast),
//! }
//! ```
//!
//! # Invariants
//! - No part of a value is passed over.
//! - A level stands where the type or the variant does, and nowhere else: on a field it is an error.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Error, Fields, GenericParam, LitInt, parse_macro_input, parse_quote};

/// The name of the attribute that says a level.
const ATTRIBUTE: &str = "level";

/// Derives `primitives::Leveled` for a structure or an enumeration.
#[proc_macro_derive(Leveled, attributes(level))]
pub fn leveled(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derived(input).unwrap_or_else(Error::into_compile_error).into()
}

fn derived(mut input: DeriveInput) -> Result<TokenStream, Error> {
    let own = level_of(&input.attrs)?;
    let body = match &input.data {
        Data::Struct(structure) => {
            let (pattern, level) = most_of(&structure.fields, own)?;
            quote! {
                let Self #pattern = self;
                #level
            }
        }
        Data::Enum(enumeration) => {
            let mut arms = Vec::new();
            for variant in &enumeration.variants {
                let (name, at) = (&variant.ident, level_of(&variant.attrs)?.max(own));
                let (pattern, level) = most_of(&variant.fields, at)?;
                arms.push(quote!(Self::#name #pattern => #level,));
            }
            quote!(match self { #(#arms)* })
        }
        Data::Union(_) => return Err(Error::new_spanned(&input.ident, "nobody knows which part of a union there is")),
    };
    for parameter in &mut input.generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds.push(parse_quote!(::primitives::Leveled));
        }
    }
    let (name, (parameters, arguments, condition)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        #[automatically_derived]
        impl #parameters ::primitives::Leveled for #name #arguments #condition {
            fn level(&self) -> u32 {
                #body
            }
        }
    })
}

/// The pattern that takes all fields apart, and the most of their levels and of the level they came with.
fn most_of(fields: &Fields, own: u32) -> Result<(TokenStream, TokenStream), Error> {
    let (mut parts, mut level) = (Vec::new(), (own > 0).then(|| quote!(#own)));
    for (place, field) in fields.iter().enumerate() {
        if let Some(attribute) = field.attrs.iter().find(|attribute| attribute.path().is_ident(ATTRIBUTE)) {
            return Err(Error::new_spanned(attribute, "a level is said of a type or of a variant, and of no field"));
        }
        let part = format_ident!("part_{place}");
        let member = match &field.ident {
            Some(name) => quote!(#name),
            None => {
                let place = syn::Index::from(place);
                quote!(#place)
            }
        };
        parts.push(quote!(#member: #part));
        let of_part = quote!(::primitives::Leveled::level(#part));
        level = Some(match level {
            None => of_part,
            Some(most) => quote!(::core::cmp::Ord::max(#most, #of_part)),
        });
    }
    Ok((quote!({ #(#parts),* }), level.unwrap_or_else(|| quote!(0u32))))
}

/// The level that a type or a variant came with; the first has no attribute.
fn level_of(attributes: &[Attribute]) -> Result<u32, Error> {
    let mut said = attributes.iter().filter(|attribute| attribute.path().is_ident(ATTRIBUTE));
    let Some(attribute) = said.next() else { return Ok(0) };
    if let Some(again) = said.next() {
        return Err(Error::new_spanned(again, "the level is said twice"));
    }
    attribute.parse_args::<LitInt>()?.base10_parse()
}
