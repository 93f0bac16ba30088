//! The names that Log Analytics gives to the fields of custom logs.
//!
//! A connector's `entity_id` becomes `entity_id_s`: `_s` text, `_d` numbers, `_b` bools, `_t`
//! instants, `_g` guids; members of objects are joined by `_`.

use crate::types::{RowSchema, Type};

/// What decides a field's suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suffix {
    Text,
    Number,
    Bool,
    Instant,
    Guid,
}

impl Suffix {
    const ALL: [Suffix; 5] =
        [Suffix::Text, Suffix::Number, Suffix::Bool, Suffix::Instant, Suffix::Guid];

    fn text(self) -> &'static str {
        match self {
            Suffix::Text => "_s",
            Suffix::Number => "_d",
            Suffix::Bool => "_b",
            Suffix::Instant => "_t",
            Suffix::Guid => "_g",
        }
    }

    /// The type of the column; guids of custom logs are text.
    pub fn ty(self) -> Type {
        match self {
            Suffix::Text | Suffix::Guid => Type::String,
            Suffix::Number => Type::Real,
            Suffix::Bool => Type::Bool,
            Suffix::Instant => Type::DateTime,
        }
    }
}

/// Columns that every table of a workspace has; they carry no suffix.
const STANDARD: &[&str] = &[
    "TimeGenerated",
    "TenantId",
    "SourceSystem",
    "Type",
    "Computer",
    "RawData",
    "MG",
    "ManagementGroupName",
    "_ItemId",
    "_IsBillable",
    "_BilledSize",
    "_TimeReceived",
    "_ResourceId",
    "_SubscriptionId",
];

/// The column of `field`. A schema decides where it has a column of that field with any suffix or
/// none.
pub fn column_name(field: &str, suffix: Suffix, schema: Option<&RowSchema>) -> String {
    if STANDARD.contains(&field) {
        return field.to_string();
    }
    if field == "timestamp" && suffix == Suffix::Instant {
        return "TimeGenerated".to_string();
    }
    let base: String =
        field.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let usual = format!("{base}{}", suffix.text());
    if let Some(schema) = schema {
        let others = Suffix::ALL.iter().map(|other| format!("{base}{}", other.text()));
        let candidates = std::iter::once(usual.clone()).chain(others).chain([base.clone()]);
        if let Some(known) = candidates.into_iter().find(|name| schema.index_of(name).is_some()) {
            return known;
        }
    }
    usual
}

/// The type that the name of a column tells: that of `TimeGenerated` everywhere; in custom tables
/// that of a suffix too, so that a version `10.0` stays text.
pub fn type_of(column: &str, custom: bool) -> Option<Type> {
    match column {
        "TimeGenerated" => Some(Type::DateTime),
        _ if !custom || STANDARD.contains(&column) => None,
        _ => Suffix::ALL
            .into_iter()
            .find(|suffix| column.len() > 2 && column.ends_with(suffix.text()))
            .map(Suffix::ty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Column;

    #[test]
    fn suffixes() {
        for (field, suffix, expected) in [
            ("entity_id", Suffix::Text, "entity_id_s"),
            ("cur_riskscore", Suffix::Number, "cur_riskscore_d"),
            ("is_risky", Suffix::Bool, "is_risky_b"),
            ("first_seen", Suffix::Instant, "first_seen_t"),
            ("indicator_uuid", Suffix::Guid, "indicator_uuid_g"),
            ("timestamp", Suffix::Instant, "TimeGenerated"),
            ("timestamp", Suffix::Number, "timestamp_d"),
            ("_timestamp", Suffix::Instant, "_timestamp_t"),
            ("TimeGenerated", Suffix::Instant, "TimeGenerated"),
            ("Computer", Suffix::Text, "Computer"),
            ("user-agent.name", Suffix::Text, "user_agent_name_s"),
        ] {
            assert_eq!(column_name(field, suffix, None), expected);
        }
    }

    #[test]
    fn a_schema_decides() {
        let schema = RowSchema::new(
            ["domain_reputation_d", "session_guid_s", "plain"]
                .map(|name| Column::new(name, Type::String)),
        );
        let name = |field, suffix| column_name(field, suffix, Some(&schema));
        assert_eq!(name("domain_reputation", Suffix::Text), "domain_reputation_d");
        assert_eq!(name("session_guid", Suffix::Guid), "session_guid_s");
        assert_eq!(name("plain", Suffix::Number), "plain");
        assert_eq!(name("other", Suffix::Number), "other_d");
    }
}
