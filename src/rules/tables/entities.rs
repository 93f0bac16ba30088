//! The types of entities that alerts may name, as the checks of the Azure-Sentinel repository have
//! them (`EntityType.cs`, `EntityMappingIdentifiers.cs`).

/// A type of entity.
pub struct EntityType {
    pub name: &'static str,
    /// What may be said of an entity of the type.
    pub identifiers: &'static [&'static str],
    /// The combinations of identifiers of which a mapping has to have one.
    pub required: &'static [&'static [&'static str]],
}

impl EntityType {
    /// The type called exactly `name`.
    pub fn called(name: &str) -> Option<&'static EntityType> {
        ENTITY_TYPES.iter().find(|ty| ty.name == name)
    }
}

/// Columns of entities from before there were mappings, and the types they stood for.
pub const LEGACY_COLUMNS: &[(&str, &str)] = &[
    ("AccountCustomEntity", "Account"),
    ("HostCustomEntity", "Host"),
    ("IPCustomEntity", "IP"),
    ("URLCustomEntity", "URL"),
    ("ProcessCustomEntity", "Process"),
    ("FileHashCustomEntity", "FileHash"),
];

/// Identifiers whose values are lists.
pub const LISTS: &[&str] =
    &["Threats", "Urls", "NetworkMessageIds", "Protocols", "ThreatDetectionMethods"];

/// Identifiers whose values are times.
pub const TIMES: &[&str] = &[
    "CreationTimeUtc",
    "QueryTime",
    "ClusterQueryStartTime",
    "ClusterQueryEndTime",
    "ReceivedDate",
    "Timestamp",
    "SubmissionDate",
];

/// Every type that a mapping may name.
pub static ENTITY_TYPES: &[EntityType] = &[
    EntityType {
        name: "Account",
        identifiers: &[
            "Name",
            "FullName",
            "NTDomain",
            "DnsDomain",
            "UPNSuffix",
            "Sid",
            "AadTenantId",
            "AadUserId",
            "PUID",
            "IsDomainJoined",
            "DisplayName",
            "ObjectGuid",
        ],
        required: &[&["FullName"], &["Sid"], &["Name"], &["AadUserId"], &["PUID"], &["ObjectGuid"]],
    },
    EntityType {
        name: "Host",
        identifiers: &[
            "DnsDomain",
            "NTDomain",
            "HostName",
            "FullName",
            "NetBiosName",
            "AzureID",
            "OMSAgentID",
            "OSFamily",
            "OSVersion",
            "IsDomainJoined",
        ],
        required: &[&["FullName"], &["HostName"], &["NetBiosName"], &["AzureID"], &["OMSAgentID"]],
    },
    EntityType { name: "IP", identifiers: &["Address"], required: &[&["Address"]] },
    EntityType { name: "Malware", identifiers: &["Name", "Category"], required: &[&["Name"]] },
    EntityType { name: "File", identifiers: &["Directory", "Name"], required: &[&["Name"]] },
    EntityType {
        name: "Process",
        identifiers: &["ProcessId", "CommandLine", "ElevationToken", "CreationTimeUtc"],
        required: &[&["CommandLine"], &["ProcessId"]],
    },
    EntityType {
        name: "CloudApplication",
        identifiers: &["AppId", "Name", "InstanceName"],
        required: &[&["AppId"], &["Name"]],
    },
    EntityType { name: "DNS", identifiers: &["DomainName"], required: &[&["DomainName"]] },
    EntityType {
        name: "AzureResource",
        identifiers: &["ResourceId"],
        required: &[&["ResourceId"]],
    },
    EntityType {
        name: "FileHash",
        identifiers: &["Algorithm", "Value"],
        required: &[&["Algorithm", "Value"]],
    },
    EntityType {
        name: "RegistryKey",
        identifiers: &["Hive", "Key"],
        required: &[&["Key"], &["Hive"]],
    },
    EntityType {
        name: "RegistryValue",
        identifiers: &["Name", "Value", "ValueType"],
        required: &[&["Name"]],
    },
    EntityType {
        name: "SecurityGroup",
        identifiers: &["DistinguishedName", "SID", "ObjectGuid"],
        required: &[&["DistinguishedName"], &["SID"], &["ObjectGuid"]],
    },
    EntityType { name: "URL", identifiers: &["Url"], required: &[&["Url"]] },
    EntityType {
        name: "IoTDevice",
        identifiers: &[
            "DeviceId",
            "DeviceName",
            "Manufacturer",
            "Model",
            "FirmwareVersion",
            "OperatingSystem",
            "MacAddress",
            "Protocols",
            "SerialNumber",
            "Source",
            "IoTSecurityAgentId",
            "DeviceType",
        ],
        required: &[&["DeviceId"]],
    },
    EntityType {
        name: "Mailbox",
        identifiers: &[
            "MailboxPrimaryAddress",
            "DisplayName",
            "Upn",
            "ExternalDirectoryObjectId",
            "RiskLevel",
        ],
        required: &[&["MailboxPrimaryAddress"]],
    },
    EntityType {
        name: "MailCluster",
        identifiers: &[
            "NetworkMessageIds",
            "CountByDeliveryStatus",
            "CountByThreatType",
            "CountByProtectionStatus",
            "Threats",
            "Query",
            "QueryTime",
            "MailCount",
            "IsVolumeAnomaly",
            "Source",
            "ClusterSourceIdentifier",
            "ClusterSourceType",
            "ClusterQueryStartTime",
            "ClusterQueryEndTime",
            "ClusterGroup",
        ],
        required: &[&["Query"], &["Source"]],
    },
    EntityType {
        name: "MailMessage",
        identifiers: &[
            "Recipient",
            "Urls",
            "Threats",
            "Sender",
            "P1Sender",
            "P1SenderDisplayName",
            "P1SenderDomain",
            "SenderIP",
            "P2Sender",
            "P2SenderDisplayName",
            "P2SenderDomain",
            "ReceivedDate",
            "NetworkMessageId",
            "InternetMessageId",
            "Subject",
            "BodyFingerprintBin1",
            "BodyFingerprintBin2",
            "BodyFingerprintBin3",
            "BodyFingerprintBin4",
            "BodyFingerprintBin5",
            "AntispamDirection",
            "DeliveryAction",
            "DeliveryLocation",
            "Language",
            "ThreatDetectionMethods",
        ],
        required: &[&["NetworkMessageId"], &["Recipient"]],
    },
    EntityType {
        name: "SubmissionMail",
        identifiers: &[
            "NetworkMessageId",
            "Timestamp",
            "Recipient",
            "Sender",
            "SenderIp",
            "Subject",
            "ReportType",
            "SubmissionId",
            "SubmissionDate",
            "Submitter",
        ],
        required: &[&["SubmissionId"], &["NetworkMessageId"], &["Recipient"], &["Submitter"]],
    },
];
