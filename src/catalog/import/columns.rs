//! From the fields of a source to the columns of a table: types, names, values.

use std::collections::HashMap;
use std::sync::Arc;

use super::rename::{Suffix, column_name, type_of};
use super::rows::Field;
use crate::catalog::infer::{Kind, Kinds, kind_of_string, kind_of_text};
use crate::error::{Error, Result};
use crate::types::dynamic::{Dynamic, RawValue};
use crate::types::{RowSchema, Type, Value, datetime, guid};

/// What all values of a field have in common.
#[derive(Clone, Debug, Default)]
struct Profile {
    kinds: Kinds,
    /// How many values there are, and how many of them are guids.
    values: u64,
    guids: u64,
    /// Whether an instant has a digit below the microsecond.
    fine: bool,
    /// Whether the values are JSON, with types of their own.
    json: bool,
    /// The type that the source gives the field.
    declared: Option<Type>,
}

/// The fields of the sources of a table, in the order in which they first appear.
#[derive(Debug, Default)]
pub struct Profiles {
    fields: Vec<(Arc<str>, Profile)>,
    index: HashMap<Arc<str>, usize>,
}

impl Profiles {
    fn field(&mut self, name: &str) -> &mut Profile {
        let at = match self.index.get(name) {
            Some(at) => *at,
            None => {
                let name: Arc<str> = name.into();
                self.fields.push((name.clone(), Profile::default()));
                self.index.insert(name, self.fields.len() - 1);
                self.fields.len() - 1
            }
        };
        &mut self.fields[at].1
    }

    /// Takes a column that a source names before its rows.
    pub fn declare(&mut self, name: &str, ty: Option<Type>) {
        let profile = self.field(name);
        profile.declared = profile.declared.or(ty);
    }

    /// Takes a value.
    pub fn add(&mut self, name: &str, field: Field<'_>) {
        let profile = self.field(name);
        let kind = match field {
            Field::Text("") => return,
            Field::Text(text) => {
                profile.look(text);
                kind_of_text(text)
            }
            Field::Json(json) => {
                profile.json = true;
                match json.as_string() {
                    _ if json.is_null() => return,
                    Some(text) => {
                        profile.look(&text);
                        kind_of_string(&text)
                    }
                    None if json.is_container() => Kind::Nested,
                    None => match json.to_dynamic() {
                        Dynamic::Bool(_) => Kind::Bool,
                        Dynamic::Long(_) => Kind::Long,
                        _ => Kind::Real,
                    },
                }
            }
        };
        profile.values += 1;
        profile.kinds.add(kind);
    }
}

impl Profile {
    fn look(&mut self, text: &str) {
        if text.len() == 36 && guid::parse(text).is_some() {
            self.guids += 1;
        }
        // `2020-01-01T10:20:30.1234567` is the shortest text with a seventh digit.
        if text.len() >= 27 && datetime::parse(text).is_some_and(|ticks| ticks % 10 != 0) {
            self.fine = true;
        }
    }

    fn ty(&self) -> Type {
        let mixed = if self.json { Type::Dynamic } else { Type::String };
        self.declared.unwrap_or_else(|| self.kinds.ty(mixed))
    }

    fn suffix(&self) -> Suffix {
        match self.ty() {
            Type::Bool => Suffix::Bool,
            Type::Int | Type::Long | Type::Real | Type::Decimal => Suffix::Number,
            Type::DateTime => Suffix::Instant,
            Type::Guid => Suffix::Guid,
            _ if self.values > 0 && self.guids == self.values => Suffix::Guid,
            _ => Suffix::Text,
        }
    }
}

/// A column to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: Arc<str>,
    pub ty: Type,
    /// The field it is read from; `None` for a column of the schema that no row has.
    pub field: Option<Arc<str>>,
    /// Whether instants need all their seven digits.
    pub fine: bool,
    /// Whether the type was given, not found.
    given: bool,
}

/// The columns of the table `table`, those of `schema` that no row has last.
pub fn targets(
    profiles: &Profiles,
    table: &str,
    rename: bool,
    schema: Option<&RowSchema>,
) -> Result<Vec<Target>> {
    let mut targets: Vec<Target> = vec![];
    let mut taken: HashMap<Arc<str>, Arc<str>> = HashMap::new();
    for (field, profile) in &profiles.fields {
        let (name, mut ty): (Arc<str>, Type) = if rename {
            let suffix = profile.suffix();
            let name = column_name(field, suffix, schema);
            let ty = type_of(&name, false).unwrap_or_else(|| suffix.ty());
            (name.into(), ty)
        } else {
            let known = type_of(field, table.ends_with("_CL"));
            (field.clone(), profile.declared.or(known).unwrap_or_else(|| profile.ty()))
        };
        let pinned = schema.and_then(|schema| Some(&schema.columns()[schema.index_of(&name)?]));
        if let Some(column) = pinned {
            ty = column.ty;
        }
        if let Some(other) = taken.insert(name.clone(), field.clone()) {
            return Err(Error::Execution(format!(
                "the fields `{other}` and `{field}` both become the column `{name}`"
            )));
        }
        let given = pinned.is_some() || profile.declared.is_some();
        targets.push(Target { name, ty, field: Some(field.clone()), fine: profile.fine, given });
    }
    for column in schema.map_or(&[][..], RowSchema::columns) {
        if !taken.contains_key(&column.name) {
            let name = column.name.clone();
            targets.push(Target { name, ty: column.ty, field: None, fine: false, given: true });
        }
    }
    Ok(targets)
}

impl Target {
    /// The value of a field; `None` if it does not fit the column's type.
    pub fn value(&self, field: Field<'_>) -> Option<Value> {
        match field {
            Field::Text(text) => self.text(text),
            Field::Json(json) if json.is_null() => Some(Value::null(self.ty)),
            Field::Json(json) => self.json(json),
        }
    }

    fn text(&self, text: &str) -> Option<Value> {
        if self.ty == Type::String {
            return Some(Value::String(text.into()));
        }
        if text.trim().is_empty() {
            return Some(Value::Null(self.ty));
        }
        let value = match self.ty {
            Type::DateTime => match datetime::parse(text).or_else(|| portal_datetime(text)) {
                Some(ticks) => Value::DateTime(ticks),
                None => Value::Null(Type::DateTime),
            },
            ty => Value::String(text.into()).cast(ty),
        };
        (!value.is_null() || (self.ty == Type::Dynamic && text.trim() == "null")).then_some(value)
    }

    fn json(&self, json: RawValue<'_>) -> Option<Value> {
        match self.ty {
            Type::String => Some(Value::String(json.to_kql_string().into())),
            Type::Dynamic => Some(match json.as_string() {
                // Query APIs send dynamic values as text.
                Some(text) if self.given && text.trim_start().starts_with(['{', '[']) => {
                    Value::from_dynamic(&Dynamic::from_text(&text))
                }
                _ => Value::Dynamic(json.canonical().into()),
            }),
            _ if json.is_string() => self.text(&json.as_string()?),
            Type::Int | Type::Long => {
                let whole = match json.to_dynamic() {
                    Dynamic::Long(value) => Some(value),
                    Dynamic::Real(value) if value.fract() == 0.0 && value.abs() < 9e18 => {
                        Some(value as i64)
                    }
                    Dynamic::Bool(value) => Some(i64::from(value)),
                    _ => None,
                }?;
                match self.ty {
                    Type::Int => i32::try_from(whole).ok().map(Value::Int),
                    _ => Some(Value::Long(whole)),
                }
            }
            ty => {
                let value = Value::Dynamic(json.canonical().into()).cast(ty);
                (!value.is_null()).then_some(value)
            }
        }
    }
}

/// `6/9/2021, 6:56:27.123 AM`, as the portal of Log Analytics writes instants.
fn portal_datetime(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once(", ")?;
    let mut date = date.split('/').map(|part| part.parse::<i64>().ok());
    let (month, day, year) = (date.next()??, date.next()??, date.next()??);
    let (clock, half) = time.split_once(' ')?;
    let mut clock = clock.split(':');
    let hour = clock.next()?.parse::<i64>().ok().filter(|hour| (1..=12).contains(hour))?;
    let (minute, second) = (clock.next()?, clock.next()?);
    let hour = hour % 12 + if half.eq_ignore_ascii_case("PM") { 12 } else { 0 };
    if clock.next().is_some() || !(half.eq_ignore_ascii_case("AM") || hour >= 12) {
        return None;
    }
    datetime::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute}:{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_the_portal() {
        for (text, iso) in [
            ("6/9/2021, 6:56:27.123 AM", "2021-06-09T06:56:27.1230000Z"),
            ("12/31/2021, 12:00:00.000 AM", "2021-12-31T00:00:00.0000000Z"),
            ("12/31/2021, 12:00:00.000 PM", "2021-12-31T12:00:00.0000000Z"),
            ("1/1/2021, 11:59:59 PM", "2021-01-01T23:59:59.0000000Z"),
        ] {
            assert_eq!(portal_datetime(text).map(datetime::format).as_deref(), Some(iso), "{text}");
        }
        for text in
            ["13/1/2021, 1:00:00 AM", "1/1/2021, 13:00:00 PM", "1/1/2021", "1/1/2021, 1:00:00 XM"]
        {
            assert_eq!(portal_datetime(text), None, "{text}");
        }
    }

    fn target(ty: Type) -> Target {
        Target { name: "c".into(), ty, field: None, fine: false, given: true }
    }

    fn json(ty: Type, text: &str) -> Option<String> {
        target(ty).value(Field::Json(RawValue::new(text))).map(|value| value.text())
    }

    #[test]
    fn values_that_fit_and_that_do_not() {
        assert_eq!(json(Type::Long, "2.0").as_deref(), Some("2"));
        assert_eq!(json(Type::Long, "2.5"), None);
        assert_eq!(json(Type::Int, "3000000000"), None);
        assert_eq!(json(Type::Real, "\"1.5\"").as_deref(), Some("1.5"));
        assert_eq!(json(Type::Real, "\"x\""), None);
        assert_eq!(json(Type::Real, "null").as_deref(), Some(""));
        assert_eq!(json(Type::String, "{\"a\": 1}").as_deref(), Some("{\"a\":1}"));
        assert_eq!(json(Type::Dynamic, "\"{\\\"a\\\": 1}\"").as_deref(), Some("{\"a\":1}"));
        assert_eq!(json(Type::Dynamic, "\"x\"").as_deref(), Some("x"));
        assert_eq!(target(Type::Bool).value(Field::Text("yes")), None);
        assert_eq!(target(Type::Bool).value(Field::Text("")), Some(Value::Null(Type::Bool)));
    }
}
