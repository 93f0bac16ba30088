//! What identifies the assets that an alert of Defender XDR is about, as the types
//! `deviceAssetIdentifier`, `userAssetIdentifier` and `mailboxAssetIdentifier` of Microsoft Graph have
//! them. The columns have the same names, with a capital letter first.

/// Words in the names of a type of assets, and the identifiers that it has.
pub static ASSETS: &[(&[&str], &[&str])] = &[
    (
        &["device", "machine"],
        &[
            "deviceId",
            "deviceName",
            "remoteDeviceName",
            "targetDeviceName",
            "destinationDeviceName",
        ],
    ),
    (
        &["user", "account"],
        &[
            "accountObjectId",
            "accountSid",
            "accountUpn",
            "accountName",
            "accountDomain",
            "accountId",
            "requestAccountSid",
            "requestAccountName",
            "requestAccountDomain",
            "recipientObjectId",
            "processAccountObjectId",
            "initiatingAccountSid",
            "initiatingProcessAccountUpn",
            "initiatingProcessAccountSid",
            "initiatingProcessAccountObjectId",
            "initiatingAccountName",
            "initiatingAccountDomain",
            "servicePrincipalId",
            "servicePrincipalName",
            "targetAccountUpn",
        ],
    ),
    (
        &["mailbox"],
        &[
            "accountUpn",
            "fileOwnerUpn",
            "initiatingProcessAccountUpn",
            "lastModifyingAccountUpn",
            "targetAccountUpn",
            "senderFromAddress",
            "senderDisplayName",
            "recipientEmailAddress",
            "senderMailFromAddress",
        ],
    ),
];

/// How often a detection may run; `0` is as events come in.
pub const DETECTION_PERIODS: &[&str] = &["0", "1H", "3H", "12H", "24H"];
