//! Writes the four tables of the Citrix Analytics connector under `testdata/`.
//!
//! Everything comes from one seed, so that every run writes the same bytes.

mod table;
mod vocabulary;

use std::error::Error;
use std::path::Path;

use table::*;
use vocabulary::*;

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
