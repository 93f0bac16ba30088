//! Writes the four tables of the Citrix Analytics connector under `testdata/`.
//!
//! Everything comes from one seed, so that every run writes the same bytes.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// Rows in a row group: small, so that every table has several.
const ROW_GROUP: usize = 256;

/// 2025-11-20T00:00:00Z in microseconds since 1970.
const START: i64 = 1_763_596_800_000_000;
/// Days from the first to the last possible event, 2026-01-15 included.
const DAYS: i64 = 57;
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Columns that Log Analytics adds to every custom table.
const COMMON: &str = "TenantId SourceSystem Type _ItemId _IsBillable _BilledSize _TimeReceived \
    Computer RawData MG ManagementGroupName _ResourceId _SubscriptionId";

const INDICATOR_EVENT_DETAILS: &str = "\
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

const INDICATOR_SUMMARY: &str = "\
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

const RISK_SCORE_CHANGE: &str = "\
    TimeGenerated cur_riskscore_d entity_id_s entity_type_s event_type_s tenant_id_s \
    version_d alert_type_s alert_value_s alert_message_s";

const USER_PROFILE: &str = "\
    TimeGenerated app_s city_s cnt_d country_s cur_riskscore_d data_usage_bytes_d \
    deleted_file_cnt_d device_s downloaded_bytes_d downloaded_file_cnt_d entity_id_s \
    entity_type_s event_type_s session_domain_s shared_file_cnt_d tenant_id_s \
    uploaded_bytes_d uploaded_file_cnt_d user_samaccountname_s version_d";

/// The users; the last two ids differ by case only, and so are two users.
const USERS: [&str; 48] = [
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
const EDGES: [i64; 16] = [0, 1, 2, 32, 33, 34, 35, 62, 63, 64, 65, 66, 99, 100, 50, 20];

const PLACES: [[&str; 5]; 8] = [
    ["Los Angeles", "California", "United States", "33.8697", "-118.3693"],
    ["Sydney", "New South Wales", "Australia", "-33.8688", "151.2093"],
    ["Zürich", "Zürich", "Switzerland", "47.3769", "8.5417"],
    ["São Paulo", "São Paulo", "Brazil", "-23.5505", "-46.6333"],
    ["東京", "Tokyo", "Japan", "35.6762", "139.6503"],
    ["Bengaluru", "Karnataka", "India", "12.9716", "77.5946"],
    ["Praha", "Praha", "Czech Republic", "50.0755", "14.4378"],
    ["NA", "NA", "NA", "NA", "NA"],
];
const DEVICES: [&str; 6] = ["iPhone", "Windows 11 PC", "MacBook Pro", "Android", "Linux", "iPad"];
const APPS: [&str; 12] = [
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
struct Indicator {
    id: &'static str,
    name: &'static str,
    category: (&'static str, f64),
    vector: (&'static str, f64),
    source: (&'static str, f64),
    severity: &'static str,
    kind: &'static str,
}

const EXFILTRATION: (&str, f64) = ("Data exfiltration", 1.0);
const COMPROMISED: (&str, f64) = ("Compromised users", 3.0);
const INSIDER: (&str, f64) = ("Insider threats", 2.0);
const FILES: (&str, f64) = ("Insider Threat - Files", 6.0);
const LOGON: (&str, f64) = ("Logon-Failure-Based Risk Indicators", 3.0);
const LOCATION: (&str, f64) = ("Location-Based Risk Indicators", 2.0);
const OTHER: (&str, f64) = ("Other Risk Indicators", 7.0);
const COLLABORATION: (&str, f64) = ("Citrix Content Collaboration", 0.0);
const GATEWAY: (&str, f64) = ("Citrix Gateway", 1.0);
const ENDPOINT: (&str, f64) = ("Citrix Endpoint Management", 2.0);
const APPS_AND_DESKTOPS: (&str, f64) = ("Citrix Apps and Desktops", 3.0);
const SECURE_ACCESS: (&str, f64) = ("Citrix Secure Private Access", 4.0);

#[rustfmt::skip]
const INDICATORS: [Indicator; 12] = [
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

/// Sebastiano Vigna's splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `end`, `end` excluded.
    fn below(&mut self, end: i64) -> i64 {
        (self.next() % end as u64) as i64
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as i64) as usize]
    }

    fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-5{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    fn address(&mut self) -> String {
        format!(
            "{}.{}.{}.{}",
            11 + self.below(200),
            self.below(256),
            self.below(256),
            1 + self.below(254)
        )
    }
}

#[derive(Clone)]
enum Cell {
    Text(String),
    Real(f64),
    Time(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_string())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Cell {
        Cell::Real(value)
    }
}

/// One row: the columns that are not null.
struct Row {
    time: i64,
    cells: HashMap<&'static str, Cell>,
}

impl Row {
    fn set(&mut self, column: &'static str, value: impl Into<Cell>) -> &mut Row {
        self.cells.insert(column, value.into());
        self
    }

    fn time(&mut self, column: &'static str, micros: i64) -> &mut Row {
        self.cells.insert(column, Cell::Time(micros));
        self
    }
}

/// A table under construction; no two rows share a time.
struct Table {
    name: &'static str,
    event: &'static str,
    columns: &'static str,
    times: BTreeSet<i64>,
    rows: Vec<Row>,
}

impl Table {
    fn new(name: &'static str, event: &'static str, columns: &'static str) -> Table {
        Table { name, event, columns, times: BTreeSet::new(), rows: Vec::new() }
    }

    /// A row with the columns that every event has.
    fn row(&mut self, random: &mut Random, mut time: i64, user: &str) -> &mut Row {
        while !self.times.insert(time) {
            time += 1;
        }
        let mut row = Row { time, cells: HashMap::new() };
        row.time("TimeGenerated", time)
            .set("entity_id_s", user)
            .set("entity_type_s", "user")
            .set("event_type_s", self.event)
            .set("tenant_id_s", "jimex9vbhnya")
            .set("version_d", 2.0)
            .set("TenantId", "0b6dd5d5-6e2f-4d3b-9d1c-7f4a2a7c1e55")
            .set("SourceSystem", "RestAPI")
            .set("Type", self.name)
            .set("_ItemId", random.guid())
            .set("_IsBillable", "true")
            .set("_BilledSize", (300 + random.below(900)) as f64)
            .time("_TimeReceived", time + 20 * SECOND + random.below(200 * SECOND));
        if random.chance(2) {
            row.cells.remove("tenant_id_s");
        }
        let last = self.rows.len();
        self.rows.push(row);
        &mut self.rows[last]
    }

    fn write(mut self, folder: &Path) -> Result<(), Box<dyn Error>> {
        self.rows.sort_by_key(|row| row.time);
        let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
        for column in self.columns.split_whitespace().chain(COMMON.split_whitespace()) {
            let (name, array) = self.column(column);
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(9)?))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let file = File::create(folder.join(format!("{}.parquet", self.name)))?;
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        println!("{}: {} rows", self.name, self.rows.len());
        Ok(())
    }

    /// A column's type is the one written behind its name, else the one its suffix tells.
    fn column<'a>(&self, column: &'a str) -> (&'a str, ArrayRef) {
        let (name, kind) = column.split_once(':').unwrap_or((
            column,
            match column {
                "TimeGenerated" | "_TimeReceived" => "datetime",
                "_BilledSize" => "real",
                name if name.ends_with("_t") => "datetime",
                name if name.ends_with("_d") => "real",
                _ => "string",
            },
        ));
        let cells = self.rows.iter().map(|row| row.cells.get(name));
        let array: ArrayRef = match kind {
            "datetime" => Arc::new(
                cells
                    .map(|cell| match cell {
                        Some(Cell::Time(micros)) => Some(*micros),
                        _ => None,
                    })
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            ),
            "real" => Arc::new(
                cells
                    .map(|cell| match cell {
                        Some(Cell::Real(value)) => Some(*value),
                        _ => None,
                    })
                    .collect::<Float64Array>(),
            ),
            _ => Arc::new(
                cells
                    .map(|cell| match cell {
                        Some(Cell::Text(text)) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            ),
        };
        (name, array)
    }
}

/// A moment within the weeks that the data covers.
fn moment(random: &mut Random) -> i64 {
    START + HOUR + random.below(DAYS * DAY - 3 * HOUR)
}

/// The scores of a user, oldest first.
fn scores(random: &mut Random, user: usize) -> Vec<i64> {
    let name = USERS[user];
    if let Some(edge) = name.strip_prefix("edge.") {
        let score = edge.split('@').next().and_then(|digits| digits.parse().ok());
        return vec![score.unwrap_or(0); 6];
    }
    if name.starts_with("never.") {
        return Vec::new();
    }
    let mut score = *random.pick(&EDGES);
    let stay = match user % 3 {
        0 => 0..101,
        1 => 0..45,
        _ => 25..101,
    };
    (0..14 + random.below(14))
        .map(|_| {
            score = match random.below(10) {
                0..3 => *random.pick(&EDGES),
                3..8 => score + random.below(31) - 15,
                _ => random.below(101),
            };
            score = score.clamp(stay.start, stay.end - 1);
            score
        })
        .collect()
}

fn profiles(random: &mut Random, profiles: &mut Table, changes: &mut Table) {
    for (index, user) in USERS.iter().enumerate() {
        let history = scores(random, index);
        let mut times: Vec<i64> = history.iter().map(|_| moment(random)).collect();
        times.sort_unstable();
        let mut previous = 0;
        for (&score, &time) in history.iter().zip(&times) {
            let row = profiles.row(random, time, user);
            row.set("event_type_s", "userProfileRiskscore").set("cur_riskscore_d", score as f64);
            let difference = score - previous;
            previous = score;
            let (kind, message) = match difference {
                10.. => ("riskscore_increase", "Risk score increase since last check"),
                ..=-20 => {
                    ("riskscore_large_drop_pct", "Risk score percentage drop since last check")
                }
                _ => continue,
            };
            let noticed = time + SECOND * (1 + random.below(600));
            changes
                .row(random, noticed, user)
                .set("cur_riskscore_d", score as f64)
                .set("alert_type_s", kind)
                .set("alert_value_s", format!("{:.1}", difference.abs() as f64))
                .set("alert_message_s", message);
        }
        // Every third user's newest event of this kind has lost its score.
        if index % 3 == 0 {
            let time = times.last().map_or_else(|| moment(random), |last| last + HOUR);
            profiles.row(random, time, user).set("event_type_s", "userProfileRiskscore");
        }
        usage(random, profiles, user);
    }
}

/// The profile events that carry no score.
fn usage(random: &mut Random, table: &mut Table, user: &str) {
    for _ in 0..4 + random.below(5) {
        let (time, app) = (moment(random), *random.pick(&APPS));
        let count = (1 + random.below(30)) as f64;
        let domain = random.chance(90);
        let row = table.row(random, time, user);
        row.set("event_type_s", "userProfileApp").set("app_s", app).set("cnt_d", count);
        if domain {
            let account = format!("CITRITE\\{}", user.split('@').next().unwrap_or(user));
            row.set("session_domain_s", "CITRITE").set("user_samaccountname_s", account);
        }
    }
    for _ in 0..4 + random.below(5) {
        let (time, device) = (moment(random), *random.pick(&DEVICES));
        let count = (1 + random.below(9)) as f64;
        let row = table.row(random, time, user);
        row.set("event_type_s", "userProfileDevice").set("device_s", device).set("cnt_d", count);
    }
    for _ in 0..4 + random.below(5) {
        let (time, place) = (moment(random), *random.pick(&PLACES));
        let count = (1 + random.below(9)) as f64;
        let row = table.row(random, time, user);
        row.set("event_type_s", "userProfileLocation")
            .set("city_s", place[0])
            .set("country_s", place[2])
            .set("cnt_d", count);
    }
    for _ in 0..4 + random.below(5) {
        let time = moment(random);
        let mut number = |end: i64| random.below(end) as f64;
        let (down, up) = (number(5_000_000_000), number(900_000_000));
        let (downloads, uploads, shares, deletions) =
            (number(60), number(40), number(9), number(5));
        let row = table.row(random, time, user);
        row.set("event_type_s", "userProfileUsage")
            .set("data_usage_bytes_d", down + up)
            .set("downloaded_bytes_d", down)
            .set("uploaded_bytes_d", up)
            .set("downloaded_file_cnt_d", downloads)
            .set("uploaded_file_cnt_d", uploads)
            .set("shared_file_cnt_d", shares)
            .set("deleted_file_cnt_d", deletions);
    }
}

fn indicators(random: &mut Random, summaries: &mut Table, details: &mut Table) {
    for number in 0..420 {
        let user = if number % 20 == 0 { USERS[0] } else { *random.pick(&USERS) };
        let kind = if number == 0 { &INDICATORS[0] } else { random.pick(&INDICATORS) };
        let uuid = match number {
            0 => "ebc8e26c-3434-5572-b59a-2552e995234e".to_string(),
            _ => random.guid(),
        };
        let entity = if kind.id == "2" && random.chance(40) { "share" } else { "user" };
        let (time, events) = (moment(random), 1 + random.below(4));
        let place = *random.pick(&PLACES);
        summary(random, summaries, (time, user, entity), kind, &uuid, events, &place);
        for event in 0..events {
            let before = time - (event + 1) * 60 * SECOND - random.below(60 * SECOND);
            detail(random, details, (before, user, entity), kind, &uuid, &place);
        }
    }
}

fn describe(row: &mut Row, kind: &Indicator, uuid: &str, entity: &str) {
    row.set("entity_type_s", entity)
        .set("indicator_id_s", kind.id)
        .set("indicator_uuid_g", uuid)
        .set("indicator_category_id_d", kind.category.1)
        .set("indicator_vector_name_s", kind.vector.0)
        .set("indicator_vector_id_d", kind.vector.1)
        .set("data_source_id_d", kind.source.1);
}

fn summary(
    random: &mut Random,
    table: &mut Table,
    (time, user, entity): (i64, &str, &str),
    kind: &Indicator,
    uuid: &str,
    events: i64,
    place: &[&str; 5],
) {
    let probability = (60 + random.below(41)) as f64 / 100.0;
    let (volume, risk) = (random.below(900_000_000) as f64, random.below(100) as f64 / 100.0);
    let (address, hash) = (random.address(), random.guid());
    let row = table.row(random, time, user);
    describe(row, kind, uuid, entity);
    row.set("data_source_s", kind.source.0)
        .set("indicator_category_s", kind.category.0)
        .set("indicator_name_s", kind.name)
        .set("indicator_type_s", kind.kind)
        .set("risk_probability_d", probability)
        .set("severity_s", kind.severity)
        .set("ui_link_s", format!("https://analytics.cloud.example/user/{uuid}"))
        .time("occurrence_details_observation_start_time_t", time / HOUR * HOUR)
        .set("occurrence_details_event_count_d", events as f64);
    match kind.id {
        "0" | "1" | "2" | "303" => {
            row.set("occurrence_details_relevant_event_type_s", "Download")
                .set("occurrence_details_exfiltrated_data_volume_in_bytes_d", volume);
        }
        "8" => {
            row.set("occurrence_details_file_hash_g", hash)
                .set("occurrence_details_cumulative_event_count_day_d", events as f64);
        }
        "17" | "312" => {
            let history = format!(
                r#"[{{"country":"{}","city":"{}","logon_count":{events}}}]"#,
                place[2], place[0]
            );
            row.set("occurrence_details_historical_logon_locations_s", history)
                .set("occurrence_details_historical_observation_period_in_days_d", 30.0)
                .set("occurrence_details_user_location_risk_d", risk)
                .set("occurrence_details_client_ip_s", address)
                .set("occurrence_details_city_s", place[0])
                .set("occurrence_details_region_s", place[1])
                .set("occurrence_details_country_s", place[2]);
        }
        id if id.len() > 4 => {
            row.set("occurrence_details_condition_s", "Event-Type = \"Print\"")
                .set("occurrence_details_happen_d", 0.0)
                .set("occurrence_details_repeat_d", 0.0)
                .set("occurrence_details_time_quantity_d", 0.0)
                .set("occurrence_details_time_unit_s", "")
                .set("occurrence_details_type_s", "everyTime")
                .set("pre_configured_s", "N");
        }
        _ => {
            row.set("occurrence_details_event_description_s", kind.name);
        }
    }
}

fn detail(
    random: &mut Random,
    table: &mut Table,
    (time, user, entity): (i64, &str, &str),
    kind: &Indicator,
    uuid: &str,
    place: &[&str; 5],
) {
    let (size, number) = (random.below(90_000_000) as f64, random.below(40));
    let (address, device, hash) = (random.address(), *random.pick(&DEVICES), random.guid());
    let app = *random.pick(&APPS);
    let row = table.row(random, time, user);
    describe(row, kind, uuid, entity);
    row.set("client_ip_s", address)
        .set("device_id_s", if number % 4 == 0 { "NA" } else { "3fe7b1" })
        .set("city_s", place[0])
        .set("region_s", place[1])
        .set("country_s", place[2])
        .set("latitude_s", place[3])
        .set("longitude_s", place[4]);
    match kind.source.1 as i64 {
        0 => {
            row.set("file_name_s", format!("File{number}.txt"))
                .set("file_path_s", format!("/Résumés/{app}/File{number}.txt"))
                .set("file_size_in_bytes_d", size)
                .set("file_hash_g", hash)
                .set("component_name_s", "Platform")
                .set("connector_type_s", "NA")
                .time("lifetime_first_event_time_t", time - number * DAY);
        }
        1 => {
            row.set("event_description_s", "Bad (format) password passed to nsaaad")
                .set("authentication_stage_s", "Primary")
                .set("authentication_type_s", "LDAP")
                .set("gateway_ip_s", "10.102.1.9")
                .set("nth_failure_d", number as f64)
                .set("os_name_s", device);
        }
        3 => {
            row.set("app_name_s", app)
                .set("device_os_s", device)
                .set("os_name_s", "Windows")
                .set("os_major_version_s", "11")
                .set("occurrence_event_type_s", "Session.Logon")
                .set("product_s", "XA.Receiver.Windows");
        }
        _ => {
            row.set("browser_s", "Firefox")
                .set("domain_name_s", "blocked.example")
                .set("domain_reputation_d", number.to_string())
                .set("executed_action_s", "blocked")
                .set("transaction_count_d", number as f64)
                .time("_timestamp_t", time);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    std::fs::create_dir_all(&folder)?;
    let mut random = Random(1);
    let mut profile = Table::new("CitrixAnalytics_userProfile_CL", "userProfile", USER_PROFILE);
    let mut change =
        Table::new("CitrixAnalytics_riskScoreChange_CL", "riskScoreChange", RISK_SCORE_CHANGE);
    let mut summary =
        Table::new("CitrixAnalytics_indicatorSummary_CL", "indicatorSummary", INDICATOR_SUMMARY);
    let mut detail = Table::new(
        "CitrixAnalytics_indicatorEventDetails_CL",
        "indicatorEventDetails",
        INDICATOR_EVENT_DETAILS,
    );
    profiles(&mut random, &mut profile, &mut change);
    indicators(&mut random, &mut summary, &mut detail);
    for table in [profile, change, summary, detail] {
        table.write(&folder)?;
    }
    Ok(())
}
