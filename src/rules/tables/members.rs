//! The members of rules and of the maps in them.

/// The members of a map, and of the maps in it.
pub struct Members {
    pub name: &'static str,
    /// The names of its own members.
    pub known: &'static [&'static str],
    /// Members that are maps, or lists of maps, with members of their own.
    pub inner: &'static [Members],
}

/// The members of a rule.
pub static OF_RULE: Members = Members {
    name: "",
    known: &[
        "id",
        "name",
        "description",
        "severity",
        "status",
        "requiredDataConnectors",
        "queryFrequency",
        "queryPeriod",
        "triggerOperator",
        "triggerThreshold",
        "tactics",
        "relevantTechniques",
        "subTechniques",
        "tags",
        "query",
        "entityMappings",
        "sentinelEntitiesMappings",
        "customDetails",
        "alertDetailsOverride",
        "eventGroupingSettings",
        "incidentConfiguration",
        "suppressionEnabled",
        "suppressionDuration",
        "alertRuleTemplateName",
        "enabled",
        "version",
        "kind",
        "metadata",
        "previousIds",
    ],
    inner: &[
        leaf("requiredDataConnectors", &["connectorId", "dataTypes"]),
        Members {
            name: "entityMappings",
            known: &["entityType", "fieldMappings"],
            inner: &[leaf("fieldMappings", &["identifier", "columnName"])],
        },
        leaf("sentinelEntitiesMappings", &["columnName"]),
        Members {
            name: "alertDetailsOverride",
            known: &[
                "alertDisplayNameFormat",
                "alertDescriptionFormat",
                "alertSeverityColumnName",
                "alertTacticsColumnName",
                "alertDynamicProperties",
            ],
            inner: &[leaf("alertDynamicProperties", &["alertProperty", "value"])],
        },
        leaf("eventGroupingSettings", &["aggregationKind"]),
        Members {
            name: "incidentConfiguration",
            known: &["createIncident", "groupingConfiguration"],
            inner: &[leaf(
                "groupingConfiguration",
                &[
                    "enabled",
                    "reopenClosedIncident",
                    "lookbackDuration",
                    "matchingMethod",
                    "groupByEntities",
                    "groupByAlertDetails",
                    "groupByCustomDetails",
                ],
            )],
        },
    ],
};

const fn leaf(name: &'static str, known: &'static [&'static str]) -> Members {
    Members { name, known, inner: &[] }
}

/// Members of rules that resources of Azure call otherwise.
const IN_AZURE: &[(&str, &str)] = &[
    ("name", "displayName"),
    ("relevantTechniques", "techniques"),
    ("version", "templateVersion"),
];

/// The name that a member of a rule has in a resource of Azure.
pub fn in_azure(name: &str) -> &str {
    IN_AZURE.iter().find(|(ours, _)| *ours == name).map_or(name, |(_, theirs)| theirs)
}

/// Members of rules that custom detections call otherwise.
const IN_DEFENDER: &[(&str, &str)] = &[
    ("name", "displayName"),
    ("query", "queryText"),
    ("queryFrequency", "period"),
    ("tactics", "category"),
];

/// The name that a member of a rule has in a custom detection.
pub fn in_defender(name: &str) -> &str {
    IN_DEFENDER.iter().find(|(ours, _)| *ours == name).map_or(name, |(_, theirs)| theirs)
}
