//! What the service and its repositories know by name.

mod assets;
mod connectors;
mod entities;
mod members;
mod tactics;

pub use assets::{ASSETS, DETECTION_PERIODS};
pub use connectors::connectors;
pub use entities::{ENTITY_TYPES, EntityType, LEGACY_COLUMNS, LISTS, TIMES};
pub use members::{Members, OF_RULE, in_azure, in_defender};
pub use tactics::{tactic_names, tactics_of};

/// How grave an alert is.
pub const SEVERITIES: &[&str] = &["Informational", "Low", "Medium", "High"];

/// The kinds of rules that have a query.
pub const KINDS: &[&str] = &["Scheduled", "NRT"];

/// The kinds of rules that have none.
pub const KINDS_WITHOUT_QUERY: &[&str] = &[
    "Fusion",
    "MLBehaviorAnalytics",
    "MicrosoftSecurityIncidentCreation",
    "ThreatIntelligence",
    "Anomaly",
];

/// How the number of results is compared with the threshold.
pub const TRIGGER_OPERATORS: &[&str] = &["GreaterThan", "LessThan", "Equal", "NotEqual"];

/// The short names of [`TRIGGER_OPERATORS`], in the same order, that only templates have.
pub const SHORT_TRIGGER_OPERATORS: &[&str] = &["gt", "lt", "eq", "ne"];

/// Whether the results of a run make one alert or one each.
pub const AGGREGATION_KINDS: &[&str] = &["SingleAlert", "AlertPerResult"];

/// When alerts go into the same incident.
pub const MATCHING_METHODS: &[&str] = &["AllEntities", "AnyAlert", "Selected"];

/// Details of alerts that incidents may be grouped by.
pub const GROUPED_DETAILS: &[&str] = &["DisplayName", "Severity"];

/// Properties of alerts that columns may fill (`KnownAlertProperty`).
pub const ALERT_PROPERTIES: &[&str] = &[
    "AlertLink",
    "ConfidenceLevel",
    "ConfidenceScore",
    "ExtendedLinks",
    "ProductComponentName",
    "ProductName",
    "ProviderName",
    "RemediationSteps",
    "Techniques",
    "SubTechniques",
];

/// How far a template is.
pub const STATUSES: &[&str] = &["Available", "Preview", "Experimental", "Deprecated"];
