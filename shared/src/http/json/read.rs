//! serde's data model over a value of JSON: types are compared before a visitor could complain in words, and each level
//! adds its name to the path of a fault.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use super::Unknown;
use super::fault::{Fault, Found, Wrong};

/// A value about to be read.
#[derive(Clone, Copy)]
pub(super) struct At<'v> {
    pub value: &'v Value,
    pub unknown: Unknown,
}

/// What a value is.
pub(super) fn type_of(value: &Value) -> Found {
    match value {
        Value::Null => Found::Null,
        Value::Bool(_) => Found::Boolean,
        Value::Number(number) if number.is_f64() => Found::Number,
        Value::Number(_) => Found::Integer,
        Value::String(_) => Found::Text,
        Value::Array(_) => Found::Array,
        Value::Object(_) => Found::Object,
    }
}

impl<'v> At<'v> {
    fn inner(self, value: &'v Value) -> At<'v> {
        At { value, ..self }
    }

    fn wrong(self, wanted: Found) -> Fault {
        Fault::here(Wrong::Type { wanted, found: type_of(self.value) })
    }

    /// The integer, within the range of a type.
    fn integer<T: TryFrom<i128>>(self, from: i128, to: i128) -> Result<T, Fault> {
        let Value::Number(number) = self.value else { return Err(self.wrong(Found::Integer)) };
        let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        let integer = integer.ok_or_else(|| self.wrong(Found::Integer))?;
        T::try_from(integer).map_err(|_| Fault::here(Wrong::Range { from, to }))
    }

    fn items<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Array(items) = self.value else { return Err(self.wrong(Found::Array)) };
        let mut rest = Items { at: self, items: items.iter(), place: 0 };
        let read = visitor.visit_seq(&mut rest)?;
        if rest.items.next().is_some() { Err(Fault::here(Wrong::Length)) } else { Ok(read) }
    }

    fn members<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Object(members) = self.value else { return Err(self.wrong(Found::Object)) };
        visitor.visit_map(Rest::of(self, members))
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.integer::<$type>(<$type>::MIN.into(), <$type>::MAX.into())?)
        }
    )*};
}

impl<'v> Deserializer<'v> for At<'v> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => visitor.visit_i64(integer),
                None => visitor.visit_u64(self.integer(0, u64::MAX.into())?),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.items(visitor),
            Value::Object(_) => self.members(visitor),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_bool<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Bool(value) = self.value else { return Err(self.wrong(Found::Boolean)) };
        visitor.visit_bool(*value)
    }

    fn deserialize_str<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::String(text) = self.value else { return Err(self.wrong(Found::Text)) };
        visitor.visit_borrowed_str(text)
    }

    fn deserialize_string<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_null() { visitor.visit_unit() } else { Err(self.wrong(Found::Null)) }
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.items(visitor)
    }

    fn deserialize_tuple<V: Visitor<'v>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.items(visitor)
    }

    fn deserialize_map<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.members(visitor)
    }

    /// An object. Not an array of its members' values in order, which serde_json takes for one too.
    fn deserialize_struct<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.members(visitor)
    }

    /// A text, or an object of one member whose name is the variant.
    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.value {
            Value::String(name) => visitor.visit_enum(Variant { at: self, name, content: None }),
            Value::Object(members) => match members.iter().next() {
                Some((name, content)) if members.len() == 1 => {
                    visitor.visit_enum(Variant { at: self, name, content: Some(content) })
                }
                _ => Err(self.wrong(Found::Text)),
            },
            _ => Err(self.wrong(Found::Text)),
        }
    }

    /// A member that nobody reads.
    fn deserialize_ignored_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.unknown {
            Unknown::Refuse => Err(Fault::here(Wrong::UnknownMember)),
            Unknown::Ignore => visitor.visit_unit(),
        }
    }

    forward_to_deserialize_any! {
        <V: Visitor<'v>>
        i128 u128 f32 f64 char bytes byte_buf unit_struct tuple_struct identifier
    }
}

struct Items<'v> {
    at: At<'v>,
    items: std::slice::Iter<'v, Value>,
    place: usize,
}

impl<'v> SeqAccess<'v> for &mut Items<'v> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let place = self.place;
        self.place = place.saturating_add(1);
        seed.deserialize(self.at.inner(value)).map(Some).map_err(|fault| fault.within(place.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Rest<'v> {
    at: At<'v>,
    members: map::Iter<'v>,
    value: Option<(&'v str, &'v Value)>,
}

impl<'v> Rest<'v> {
    fn of(at: At<'v>, members: &'v Map<String, Value>) -> Rest<'v> {
        Rest { at, members: members.iter(), value: None }
    }
}

impl<'v> MapAccess<'v> for Rest<'v> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'v>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        self.value = Some((name, value));
        let name: StrDeserializer<'v, Fault> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'v>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some((name, value)) = self.value.take() else { return Err(Fault::here(Wrong::Value)) };
        seed.deserialize(self.at.inner(value)).map_err(|fault| fault.within(name))
    }
}

struct Variant<'v> {
    at: At<'v>,
    name: &'v str,
    content: Option<&'v Value>,
}

impl<'v> EnumAccess<'v> for Variant<'v> {
    type Error = Fault;
    type Variant = Variant<'v>;

    fn variant_seed<S: DeserializeSeed<'v>>(self, seed: S) -> Result<(S::Value, Variant<'v>), Fault> {
        let name: StrDeserializer<'v, Fault> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'v> Variant<'v> {
    fn content(&self, wanted: Found) -> Result<At<'v>, Fault> {
        let found = self.content.ok_or(Fault::here(Wrong::Type { wanted, found: Found::Text }))?;
        Ok(self.at.inner(found))
    }
}

impl<'v> VariantAccess<'v> for Variant<'v> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.content {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(self.at.wrong(Found::Text)),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'v>>(self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self.content(Found::Object)?).map_err(|fault| fault.within(self.name))
    }

    fn tuple_variant<V: Visitor<'v>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.content(Found::Object)?.items(visitor).map_err(|fault| fault.within(self.name))
    }

    fn struct_variant<V: Visitor<'v>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.content(Found::Object)?.members(visitor).map_err(|fault| fault.within(self.name))
    }
}
