//! What the data is made of: columns, users, places, devices, indicators.

/// 2025-11-20T00:00:00Z in microseconds since 1970.
pub const START: i64 = 1_763_596_800_000_000;
/// Days from the first to the last possible event, 2026-01-15 included.
pub const DAYS: i64 = 57;
pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

/// Columns that Log Analytics adds to every custom table.
pub const COMMON: &str = "TenantId SourceSystem Type _ItemId _IsBillable _BilledSize _TimeReceived \
    Computer RawData MG ManagementGroupName _ResourceId _SubscriptionId";

pub const INDICATOR_EVENT_DETAILS: &str = "\
    TimeGenerated entity_id_s entity_type_s event_type_s tenant_id_s version_d app_name_s \
    app_url_s authentication_stage_s authentication_type_s auth_server_ip_s browser_s city_s \
    client_ip_s component_name_s connector_type_s country_s cs_vserver_name_s \
    data_source_id_d device_browser_s device_id_s device_os_s device_type_s \
    domain_category_group_s domain_category_s domain_name_s domain_reputation_d:string \
    domain_s entity_time_zone_s event_description_s event_id_s executed_action_s \
    file_download_file_name_s file_download_file_path_s file_hash_g file_name_s file_path_s \
    file_size_in_bytes_d file_type_s folder_name_s gateway_domain_name_s gateway_ip_s \
    indicator_category_id_d indicator_id_s indicator_uuid_g indicator_vector_id_d \
    indicator_vector_name_s is_risky_s job_details_filename_s job_details_format_s \
    job_details_size_in_bytes_s latitude_s launch_type_s lifetime_first_event_time_t \
    lifetime_num_times_downloaded_d lifetime_total_download_size_in_bytes_d \
    lifetime_unique_user_count_d lifetime_unique_user_emails_s longitude_s \
    module_file_path_s nth_failure_d occurrence_event_type_s operation_name_s \
    os_extra_details_s os_extra_info_s os_major_version_s os_minor_version_s os_name_s \
    os_version_s policy_name_s printer_name_s product_s reason_for_action_s receiver_type_s \
    region_s resource_name_s resource_type_s security_expression_s server_name_s \
    session_guid_s session_user_name_s share_id_s tool_name_s transaction_count_d \
    user_email_s virus_name_s vpn_vserver_name_s vserver_fqdn_s _timestamp_t";

pub const INDICATOR_SUMMARY: &str = "\
    TimeGenerated entity_id_s entity_type_s event_type_s tenant_id_s version_d \
    data_source_id_d data_source_s indicator_category_id_d indicator_category_s \
    indicator_id_s indicator_name_s indicator_type_s indicator_uuid_g indicator_vector_id_d \
    indicator_vector_name_s indicator_vector_s occurrence_details_city_s \
    occurrence_details_client_ip_s occurrence_details_condition_s \
    occurrence_details_country_s occurrence_details_cumulative_event_count_day_d \
    occurrence_details_device_id_s occurrence_details_event_count_d \
    occurrence_details_event_description_s \
    occurrence_details_exfiltrated_data_volume_in_bytes_d occurrence_details_file_hash_g \
    occurrence_details_happen_d occurrence_details_historical_logon_locations_s \
    occurrence_details_historical_observation_period_in_days_d \
    occurrence_details_lifetime_download_count_d \
    occurrence_details_lifetime_download_volume_in_bytes_d \
    occurrence_details_lifetime_users_downloaded_d \
    occurrence_details_link_first_downloaded_t occurrence_details_new_entities_s \
    occurrence_details_observation_start_time_t occurrence_details_region_s \
    occurrence_details_relevant_event_type_s occurrence_details_repeat_d \
    occurrence_details_risky_domain_category_list_s \
    occurrence_details_suspicious_network_risk_d occurrence_details_time_quantity_d \
    occurrence_details_time_unit_s occurrence_details_tool_name_s occurrence_details_type_s \
    occurrence_details_user_device_risk_d occurrence_details_user_location_risk_d \
    occurrence_details_user_network_risk_d occurrence_details_virus_name_s \
    occurrence_details_webroot_threat_categories_s pre_configured_s risk_probability_d \
    severity_s ui_link_s";

pub const RISK_SCORE_CHANGE: &str = "\
    TimeGenerated cur_riskscore_d entity_id_s entity_type_s event_type_s tenant_id_s \
    version_d alert_type_s alert_value_s alert_message_s";

pub const USER_PROFILE: &str = "\
    TimeGenerated app_s city_s cnt_d country_s cur_riskscore_d data_usage_bytes_d \
    deleted_file_cnt_d device_s downloaded_bytes_d downloaded_file_cnt_d entity_id_s \
    entity_type_s event_type_s session_domain_s shared_file_cnt_d tenant_id_s \
    uploaded_bytes_d uploaded_file_cnt_d user_samaccountname_s version_d";

/// The users; the last two ids differ by case only, and so are two users.
pub const USERS: [&str; 48] = [
    "sanitized@sanitized.com",
    "zoë.müller@contoso.example",
    "юлия.иванова@contoso.example",
    "王小明@contoso.example",
    "søren.ærø@contoso.example",
    "josé.núñez@contoso.example",
    "ümit.şahin@contoso.example",
    "αλέξης.δήμου@contoso.example",
    "渡辺.健@contoso.example",
    "olga.petrova@contoso.example",
    "adele.vance@contoso.example",
    "alex.wilber@contoso.example",
    "bianca.pisani@contoso.example",
    "cameron.white@contoso.example",
    "christie.cline@contoso.example",
    "debra.berger@contoso.example",
    "diego.siciliani@contoso.example",
    "grady.archie@contoso.example",
    "henrietta.mueller@contoso.example",
    "irvin.sayers@contoso.example",
    "isaiah.langer@contoso.example",
    "johanna.lorenz@contoso.example",
    "joni.sherman@contoso.example",
    "jordan.miller@contoso.example",
    "lee.gu@contoso.example",
    "lidia.holloway@contoso.example",
    "lynne.robbins@contoso.example",
    "megan.bowen@contoso.example",
    "miriam.graham@contoso.example",
    "nestor.wilke@contoso.example",
    "patti.fernandez@contoso.example",
    "pradeep.gupta@contoso.example",
    "raul.razo@contoso.example",
    "robertova@contoso.example",
    "thomas.schmidt@contoso.example",
    "user1@contoso.example",
    "user2@contoso.example",
    "user3@contoso.example",
    "edge.000@contoso.example",
    "edge.001@contoso.example",
    "edge.033@contoso.example",
    "edge.034@contoso.example",
    "edge.063@contoso.example",
    "edge.064@contoso.example",
    "edge.100@contoso.example",
    "never.scored@contoso.example",
    "ana.silva@contoso.example",
    "Ana.Silva@contoso.example",
];

/// Scores on and beside every edge of a band.
pub const EDGES: [i64; 16] = [0, 1, 2, 32, 33, 34, 35, 62, 63, 64, 65, 66, 99, 100, 50, 20];

pub const PLACES: [[&str; 5]; 8] = [
    ["Los Angeles", "California", "United States", "33.8697", "-118.3693"],
    ["Sydney", "New South Wales", "Australia", "-33.8688", "151.2093"],
    ["Zürich", "Zürich", "Switzerland", "47.3769", "8.5417"],
    ["São Paulo", "São Paulo", "Brazil", "-23.5505", "-46.6333"],
    ["東京", "Tokyo", "Japan", "35.6762", "139.6503"],
    ["Bengaluru", "Karnataka", "India", "12.9716", "77.5946"],
    ["Praha", "Praha", "Czech Republic", "50.0755", "14.4378"],
    ["NA", "NA", "NA", "NA", "NA"],
];
pub const DEVICES: [&str; 6] =
    ["iPhone", "Windows 11 PC", "MacBook Pro", "Android", "Linux", "iPad"];
pub const APPS: [&str; 12] = [
    "Remote Desktop Client",
    "Notepad",
    "Excel",
    "Word",
    "Outlook",
    "SAP GUI",
    "Calculator",
    "Salesforce",
    "Workday",
    "ServiceNow",
    "Teams",
    "Blender",
];

/// A kind of risk indicator: id, name, category, vector, source, severity, builtin or custom.
pub struct Indicator {
    pub id: &'static str,
    pub name: &'static str,
    pub category: (&'static str, f64),
    pub vector: (&'static str, f64),
    pub source: (&'static str, f64),
    pub severity: &'static str,
    pub kind: &'static str,
}

pub const EXFILTRATION: (&str, f64) = ("Data exfiltration", 1.0);
pub const COMPROMISED: (&str, f64) = ("Compromised users", 3.0);
pub const INSIDER: (&str, f64) = ("Insider threats", 2.0);
pub const FILES: (&str, f64) = ("Insider Threat - Files", 6.0);
pub const LOGON: (&str, f64) = ("Logon-Failure-Based Risk Indicators", 3.0);
pub const LOCATION: (&str, f64) = ("Location-Based Risk Indicators", 2.0);
pub const OTHER: (&str, f64) = ("Other Risk Indicators", 7.0);
pub const COLLABORATION: (&str, f64) = ("Citrix Content Collaboration", 0.0);
pub const GATEWAY: (&str, f64) = ("Citrix Gateway", 1.0);
pub const ENDPOINT: (&str, f64) = ("Citrix Endpoint Management", 2.0);
pub const APPS_AND_DESKTOPS: (&str, f64) = ("Citrix Apps and Desktops", 3.0);
pub const SECURE_ACCESS: (&str, f64) = ("Citrix Secure Private Access", 4.0);

#[rustfmt::skip]
pub const INDICATORS: [Indicator; 12] = [
    Indicator { id: "0", name: "Excessive file downloads", category: EXFILTRATION, vector: FILES, source: COLLABORATION, severity: "medium", kind: "builtin" },
    Indicator { id: "1", name: "Excessive file uploads", category: INSIDER, vector: FILES, source: COLLABORATION, severity: "low", kind: "builtin" },
    Indicator { id: "2", name: "Excessive file sharing", category: EXFILTRATION, vector: FILES, source: COLLABORATION, severity: "medium", kind: "builtin" },
    Indicator { id: "8", name: "Excessive file / folder deletion", category: INSIDER, vector: FILES, source: COLLABORATION, severity: "high", kind: "builtin" },
    Indicator { id: "17", name: "Impossible travel", category: COMPROMISED, vector: LOCATION, source: GATEWAY, severity: "medium", kind: "builtin" },
    Indicator { id: "101", name: "EPA scan failures", category: COMPROMISED, vector: OTHER, source: GATEWAY, severity: "low", kind: "builtin" },
    Indicator { id: "104", name: "Excessive authentication failures", category: COMPROMISED, vector: LOGON, source: GATEWAY, severity: "medium", kind: "builtin" },
    Indicator { id: "200", name: "Jailbroken or rooted device detected", category: COMPROMISED, vector: OTHER, source: ENDPOINT, severity: "high", kind: "builtin" },
    Indicator { id: "303", name: "Potential data exfiltration", category: EXFILTRATION, vector: FILES, source: APPS_AND_DESKTOPS, severity: "high", kind: "builtin" },
    Indicator { id: "312", name: "Suspicious logon", category: COMPROMISED, vector: LOCATION, source: APPS_AND_DESKTOPS, severity: "medium", kind: "builtin" },
    Indicator { id: "401", name: "Attempt to access blacklisted URL", category: INSIDER, vector: OTHER, source: SECURE_ACCESS, severity: "low", kind: "builtin" },
    Indicator { id: "ca97a656ab0442b78f3514052d595936", name: "Night shift on printers", category: INSIDER, vector: OTHER, source: APPS_AND_DESKTOPS, severity: "low", kind: "custom" },
];
