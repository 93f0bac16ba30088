//! Codes about rules: what Sentinel or its repositories refuse, and what goes wrong once deployed.
//!
//! The doc comment of a code is its explanation (`kqlite check --explain`).

use super::codes;

codes! {
    /// A file was given to check that cannot be read as a rule: its text is not of the form that its
    /// name says, or it holds no query.
    RULE_FILE = "KQ100", "file that holds no rule";
    /// The service does not take a rule without this member, and neither do the checks of the
    /// Azure-Sentinel repository. A rule of kind `Scheduled` needs `queryFrequency`, `queryPeriod`,
    /// `triggerOperator` and `triggerThreshold`; a resource of Azure says `enabled`,
    /// `suppressionEnabled` and `suppressionDuration` as well.
    MISSING_MEMBER = "KQ101", "member that a rule has to have";
    /// A list stands where one value belongs, or the other way round. Write `tactics: [Impact]`, not
    /// `tactics: Impact`.
    VALUE_SHAPE = "KQ102", "value of the wrong shape";
    /// Nobody reads members that they do not know, and nobody complains: `querFrequency` leaves the
    /// rule without a frequency, `columName` an entity without its column. Mend the name, or take
    /// the member out.
    UNKNOWN_MEMBER = "KQ103", "member without effect";
    /// The checks of the Azure-Sentinel repository take only files that end with `.yaml`.
    RULE_FILE_ENDING = "KQ104", "ending of a rule's file";
    /// Letters that look like ASCII but are not (curly quotes, long dashes, blanks that do not break)
    /// come in by copying out of documents. In a query they compare unequal to what was meant, and
    /// the Azure-Sentinel repository does not take them.
    NON_ASCII = "KQ105", "character that is not of ASCII";
    /// The tools of the Azure-Sentinel repository know a rule by the name of its file and stop at the
    /// second of the same name. Call one of them otherwise.
    REPEATED_FILE = "KQ106", "two rules in files of the same name";
    /// A rule is deployed under its id: the second overwrites the first. Give one of them a new GUID.
    REPEATED_ID = "KQ107", "id of two rules";
    /// The id of a rule in the repository, and that of the template a rule was made of, are GUIDs:
    /// `5d0c1d3c-2b8e-4a51-8c1e-0b5a3a2d7f10`.
    RULE_ID = "KQ108", "id that is no GUID";
    /// A name has 256 characters at most, a description 5,000, a query 10,000, the title of an alert
    /// 256; none of them is empty. A query gets shorter where lists become watchlists and repeated
    /// parts functions.
    TEXT_LENGTH = "KQ109", "text that is empty or too long";

    /// Lengths of time are `5m`, `1h`, `14d` or `[d.]hh:mm[:ss]` in YAML, and `PT5M`, `PT1H`, `P14D` in
    /// resources of Azure and Terraform.
    DURATION = "KQ110", "text that is no length of time";
    /// .NET reads a number without a unit as days: `queryFrequency: 5` runs every five days. Write
    /// `5m`, `5h` or `5d`.
    DURATION_WITHOUT_UNIT = "KQ111", "length of time without a unit";
    /// YAML takes `5h`, resources of Azure take `PT5H`, and neither takes the other.
    DURATION_FORM = "KQ112", "length of time in the spelling of another form";
    /// A rule runs at most every five minutes and at least every 14 days, and reads as much.
    DURATION_RANGE = "KQ113", "frequency or period out of range";
    /// Between two runs of such a rule there is time that no run reads. The service refuses it: make
    /// the period as long as the frequency, or longer.
    PERIOD_BELOW_FREQUENCY = "KQ114", "query period shorter than the frequency";
    /// A rule that reads two days or more runs at most once an hour.
    LONG_PERIOD = "KQ115", "frequency too high for the query period";
    /// The number of results is compared by `GreaterThan`, `LessThan`, `Equal` or `NotEqual`; YAML has
    /// `gt`, `lt`, `eq` and `ne` as well.
    TRIGGER_OPERATOR = "KQ116", "unknown trigger operator";
    /// The number of results is compared with a whole number between 0 and 10,000.
    TRIGGER_THRESHOLD = "KQ117", "trigger threshold out of range";
    /// A rule of kind `NRT` runs every minute over what has come in since the last run. A frequency, a
    /// period or a trigger has no meaning for it.
    SCHEDULE_OF_NRT = "KQ118", "schedule of a rule that has none";
    /// A rule that runs every hour over the last day sees each event in 24 runs, and alerts each time.
    /// Keep to what is new: `where ingestion_time() > ago(1h)`, or compare the last hour with the
    /// time before.
    OVERLAPPING_RUNS = "KQ119", "runs that read the same events";
    /// The service cuts every table to the query period before the query sees it. `ago(14d)` in a rule
    /// whose period is one day reads one day: baselines stay empty, and everything is new. Make
    /// `queryPeriod` as long as the query looks back.
    BEYOND_PERIOD = "KQ120", "time before the query period";
    /// After an alert a rule may be silent for 24 hours at most.
    SUPPRESSION_RANGE = "KQ121", "suppression that is too long";
    /// A suppression that ends before the next run suppresses nothing.
    SUPPRESSION_SHORT = "KQ122", "suppression without effect";

    /// A rule has up to ten mappings of entities, of both sorts together, and a mapping one to three
    /// identifiers.
    MAPPING_COUNT = "KQ130", "too many or no mappings";
    /// Entities are of the types that Sentinel has, spelled as it spells them: `FileHash`, `DNS`, `IP`.
    ENTITY_TYPE = "KQ131", "unknown entity type";
    /// Each type of entity has identifiers of its own: a `Host` has `HostName`, an `IP` has `Address`.
    IDENTIFIER = "KQ132", "unknown identifier of an entity";
    /// One value of an identifier makes an entity; the second mapping of it is refused.
    IDENTIFIER_REPEATED = "KQ133", "identifier mapped twice";
    /// `NTDomain` alone is nobody's account, and an `Algorithm` without its `Value` no hash. Map what
    /// identifies the entity.
    IDENTIFIERS_INCOMPLETE = "KQ134", "entity that is not identified";
    /// Mappings and details name columns: letters, digits and `_`, with a letter or `_` first.
    COLUMN_NAME = "KQ135", "text that names no column";
    /// Columns called `AccountCustomEntity` and the like made entities before there were mappings. By
    /// themselves they do nothing now: map them in `entityMappings`.
    LEGACY_ENTITY = "KQ136", "entity by the name of a column";
    /// The rule maps a column that its query does not give: it was renamed, lost in a `summarize` or
    /// `project`, or never there. The portal refuses the rule; deployed by other ways its alerts have
    /// no such entity, and playbooks and correlation that need it do nothing.
    ENTITY_COLUMN = "KQ137", "entity from a column that the query does not give";
    /// The value of an identifier is a text. Of a dynamic or a time the entity gets a spelling that
    /// fits no other entity. Map `tostring(column)`, or the part that is meant.
    ENTITY_COLUMN_TYPE = "KQ138", "entity from a column of an unfit type";
    /// Alerts without entities cannot be correlated, and incidents do not show who or what was
    /// attacked.
    NO_ENTITIES = "KQ139", "rule without entities";
    /// `sentinelEntitiesMappings` takes columns that hold entities as JSON, as `Entities` of
    /// `SecurityAlert` does.
    ENTITIES_COLUMN_TYPE = "KQ140", "column that holds no entities";

    /// An alert has up to 20 details of one's own.
    DETAIL_COUNT = "KQ160", "too many custom details";
    /// The name of a custom detail is up to 20 letters, digits and `_`, with a letter first.
    DETAIL_NAME = "KQ161", "name of a custom detail";
    /// The detail would be empty in every alert: the query gives no such column.
    DETAIL_COLUMN = "KQ162", "custom detail from a column that the query does not give";
    /// The title and the description of an alert show up to three columns each.
    PLACEHOLDER_COUNT = "KQ163", "too many columns in a text";
    /// `{{Column}}` in a title or description is filled from the query's result. A column that is not
    /// there leaves the alert with its default text, or with the braces.
    PLACEHOLDER_COLUMN = "KQ164", "placeholder for a column that the query does not give";
    /// What was to come out of the column stays as the rule says: a severity or tactics for all alerts
    /// alike.
    OVERRIDE_COLUMN = "KQ165", "override from a column that the query does not give";
    /// Severity comes from a column of texts, tactics from one of texts or lists.
    OVERRIDE_COLUMN_TYPE = "KQ166", "override from a column of an unfit type";
    /// The properties that a column may fill are few, and each is filled once.
    ALERT_PROPERTY = "KQ167", "property of alerts";
    /// The query puts a text into the column of the severity that is none of `Informational`, `Low`,
    /// `Medium` and `High`: such an alert keeps the severity of the rule. Map `Critical` to `High`.
    SEVERITY_VALUE = "KQ168", "severity that there is not";

    /// Results make one alert together (`SingleAlert`) or one each (`AlertPerResult`).
    AGGREGATION_KIND = "KQ170", "unknown kind of aggregation";
    /// Alerts go into one incident by `AllEntities`, `AnyAlert` or what is `Selected`.
    MATCHING_METHOD = "KQ171", "unknown way of matching alerts";
    /// Alerts are put into an incident for five minutes to seven days after its first.
    LOOKBACK_RANGE = "KQ172", "time of grouping out of range";
    /// With `Selected`, something has to be: entity types, details of alerts or custom details.
    GROUP_BY_NOTHING = "KQ173", "grouping by nothing";
    /// Incidents are grouped by entity types that the rule maps, by `DisplayName` and `Severity`, and by
    /// the rule's own custom details.
    GROUP_BY = "KQ174", "grouping by what the rule does not have";

    /// A custom detection runs every 1, 3, 12 or 24 hours, or with `0` as events come in.
    DETECTION_PERIOD = "KQ180", "period of a detection";
    /// Defender takes the time of an alert from `Timestamp` or `TimeGenerated`, and with `ReportId`
    /// finds its event again. Keep the columns: `summarize arg_max(Timestamp, ReportId) by DeviceId`.
    DETECTION_COLUMNS = "KQ181", "columns that a detection has to give";
    /// A time made by the query (`now()`, a `bin`, another column renamed) is not that of an event: the
    /// same event alerts again or is taken for one that was.
    DETECTION_TIME = "KQ182", "time that is not of the event";
    /// An alert is about a device, an account or a mailbox, by an identifier that Defender knows.
    IMPACTED_ASSETS = "KQ183", "impacted assets";
    /// The asset is found by the column of that name. Without it the detection cannot be saved.
    IMPACTED_COLUMN = "KQ184", "asset from a column that the query does not give";
    /// A detection that runs as events come in reads one table, without `let`, `join`, `union`,
    /// `lookup` and `externaldata`. Give it a period, or do without.
    CONTINUOUS_QUERY = "KQ185", "query that cannot run continuously";
    /// Title and description of a detection's alert show up to three columns together.
    DETECTION_PLACEHOLDERS = "KQ186", "too many columns in the texts of a detection";
    /// Defender takes no second detection of the same name.
    REPEATED_NAME = "KQ187", "name of two detections";

    /// A rule with a query is of kind `Scheduled` or `NRT`.
    RULE_KIND = "KQ190", "unknown kind of rules";
    /// Alerts are `Informational`, `Low`, `Medium` or `High`.
    SEVERITY = "KQ191", "unknown severity";
    /// Tactics are those of MITRE ATT&CK, without blanks: `CommandAndControl`. One that is spelled
    /// otherwise is refused or lost.
    TACTIC = "KQ192", "unknown tactic";
    /// Techniques are `T` and four digits; sub-techniques have three more behind a dot. In resources of
    /// Azure these stand in `subTechniques`.
    TECHNIQUE_FORM = "KQ193", "text that is no technique";
    /// The technique is not in the table of those that Sentinel takes. It may be newer; or a digit is
    /// wrong.
    UNKNOWN_TECHNIQUE = "KQ194", "unknown technique";
    /// The checks of the Azure-Sentinel repository want a tactic for every technique of a scheduled
    /// rule. Add the tactic, or take the technique out.
    TECHNIQUE_TACTIC = "KQ195", "technique without its tactic";
    /// The Azure-Sentinel repository has a list of connectors; a rule that needs another is refused
    /// there.
    CONNECTOR = "KQ196", "unknown connector";
    /// A version is three numbers: `1.0.0`. It rises with every change, or the change is not taken over
    /// where the rule is in use.
    RULE_VERSION = "KQ197", "text that is no version";
    /// The status of a template is `Available` once it may be used.
    RULE_STATUS = "KQ198", "unknown status";
    /// The Azure-Sentinel repository has a file for each rule; of a file with several documents it reads
    /// the first.
    SEVERAL_RULES = "KQ199", "several rules in a file";
}
