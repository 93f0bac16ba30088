//! Codes of advice about queries that run, but not as well as they could, or not as they read.
//!
//! The doc comment of a code is its explanation (`kqlite check --explain`): the reason, an example of
//! what is told, and what to write instead.

use super::codes;

codes! {
    /// The service keeps an index of words: runs of letters and digits. `has` looks a word up;
    /// `contains` reads every text from end to end, which is slow over many rows. Where a word is
    /// meant, `has` says so, and does not find it inside of longer ones:
    ///
    /// ```kql
    /// SecurityEvent | where CommandLine contains "mimikatz"   // reads every command line
    /// SecurityEvent | where CommandLine has "mimikatz"        // finds the word
    /// ```
    ///
    /// No change is offered by itself, for the answers may differ: `contains "admin"` finds
    /// `administrator`, `has "admin"` does not.
    CONTAINS_WORD = "KQ301", "`contains` of a whole word";
    /// `=~` and `in~` ignore case, at a price: the index of words is of less use. A text without
    /// letters has no case:
    ///
    /// ```kql
    /// SecurityEvent | where LogonTypeName =~ "10"   // no letter in it
    /// SecurityEvent | where LogonTypeName == "10"   // the same rows
    /// ```
    CASE_IN_VAIN = "KQ302", "case ignored where there is none";
    /// `has` looks for words, which are made of letters and digits. A text without any has no word to
    /// look up, so every text is read, as by `contains`:
    ///
    /// ```kql
    /// SecurityEvent | where CommandLine has "-"        // no word
    /// SecurityEvent | where CommandLine contains "-"   // says what is done
    /// ```
    HAS_WITHOUT_WORD = "KQ303", "`has` of a text without a word";
    /// What `tolower` gives has no capital letter, so that nothing it gives equals a text that has
    /// one:
    ///
    /// ```kql
    /// SigninLogs | where tolower(UserPrincipalName) == "Admin@contoso.com"   // never
    /// SigninLogs | where UserPrincipalName =~ "Admin@contoso.com"            // in any case
    /// ```
    CASE_NEVER_EQUAL = "KQ304", "text in a case that cannot be there";
    /// A regular expression of plain characters finds what `contains_cs` finds, and takes longer:
    ///
    /// ```kql
    /// SecurityEvent | where CommandLine matches regex "whoami"
    /// SecurityEvent | where CommandLine contains_cs "whoami"   // the same rows
    /// SecurityEvent | where CommandLine has "whoami"           // as a word, by the index
    /// ```
    PLAIN_REGEX = "KQ305", "regular expression of a plain text";
    /// Only `search` knows `*` for any characters. Everywhere else it is a character like others:
    ///
    /// ```kql
    /// DeviceProcessEvents | where FileName == "power*"            // a file of this very name
    /// DeviceProcessEvents | where FileName startswith "power"     // names that begin so
    /// ```
    NO_WILDCARD = "KQ306", "`*` in a text";
    /// A join without a kind is `innerunique`: of all rows on the left that share a key, one is kept,
    /// and which one is not defined. Rows are lost that a reader expects, and the rest differs from
    /// one run to the next:
    ///
    /// ```kql
    /// SigninLogs | join (AuditLogs) on CorrelationId              // one row per key on the left
    /// SigninLogs | join kind=inner (AuditLogs) on CorrelationId   // all of them
    /// ```
    JOIN_KIND = "KQ310", "join without a kind";
    /// A filter that reads columns of one side can stand before the join. The join then has fewer
    /// rows to match, which is faster and less likely to reach a limit:
    ///
    /// ```kql
    /// A | join kind=inner (B) on Key | where OfB == 1
    /// A | join kind=inner (B | where OfB == 1) on Key
    /// ```
    LATE_FILTER = "KQ311", "filter after a join that could stand before it";
    /// `take` and `sample` keep any rows. A rule that uses them raises alerts of some events and is
    /// silent about others, without a reason:
    ///
    /// ```kql
    /// SigninLogs | where ResultType != 0 | take 10
    /// SigninLogs | where ResultType != 0 | top 10 by TimeGenerated
    /// ```
    ARBITRARY_ROWS = "KQ312", "rows in no order";
    /// A filter on a value that changes, before `arg_max`, asks which groups ever had such a value,
    /// not which have it now:
    ///
    /// ```kql
    /// CitrixAnalytics_userProfile_CL
    /// | where cur_riskscore_d >= 70                               // a user who fell to 10 stays
    /// | summarize arg_max(TimeGenerated, cur_riskscore_d) by entity_id_s
    /// ```
    ///
    /// The latest row first, then the filter:
    ///
    /// ```kql
    /// CitrixAnalytics_userProfile_CL
    /// | summarize arg_max(TimeGenerated, cur_riskscore_d) by entity_id_s
    /// | where cur_riskscore_d >= 70
    /// ```
    LATEST_OF_FILTERED = "KQ313", "latest row of those that a filter has left";
    /// `dcount` estimates: at its usual accuracy it is 1.6 % off on average, so that near a high
    /// threshold chance decides:
    ///
    /// ```kql
    /// SigninLogs | summarize Users = dcount(UserPrincipalName) by IPAddress | where Users > 1000
    /// ```
    ///
    /// `count_distinct` is exact, and `dcount(x, 4)` 0.2 % off.
    ESTIMATED_THRESHOLD = "KQ314", "threshold of an estimate";
    /// Two conditions on one value exclude each other, or a range ends before it begins: no row
    /// passes, and a rule stays silent for ever:
    ///
    /// ```kql
    /// SigninLogs | where ResultType == "0" and ResultType == "50126"
    /// SigninLogs | where ResultType in ("0", "50126")
    /// ```
    NEVER_TRUE = "KQ320", "condition that is never true";
    /// Each value differs from one of two. With `or` between them, the conditions leave out nothing:
    ///
    /// ```kql
    /// SigninLogs | where AppDisplayName != "A" or AppDisplayName != "B"    // every row
    /// SigninLogs | where AppDisplayName != "A" and AppDisplayName != "B"   // neither
    /// ```
    ALWAYS_TRUE = "KQ321", "condition that is always true";
    /// A condition stands twice, in one filter or in filters that follow one another. Often another
    /// one was meant:
    ///
    /// ```kql
    /// SigninLogs | where ResultType == "0" | where ResultType == "0"
    /// ```
    REPEATED_CONDITION = "KQ322", "condition that stands twice";
    /// An item of a list stands in it before, for operators that ignore case in any case. Often
    /// another one was meant:
    ///
    /// ```kql
    /// SigninLogs | where ResultType in ("50126", "50053", "50126")
    /// ```
    REPEATED_ITEM = "KQ323", "item that is in a list twice";
    /// `case` and nested `iff` sort a value into bands, and some values at a border are in none of
    /// them. They get what stands last, with those that are far off:
    ///
    /// ```kql
    /// T | extend Band = case(Score < 33, "Low", Score > 34 and Score < 63, "Medium", Score > 64, "High", "?")
    /// ```
    ///
    /// Conditions that are tried in turn need one limit each, and leave no gap:
    ///
    /// ```kql
    /// T | extend Band = case(Score < 34, "Low", Score < 64, "Medium", "High")
    /// ```
    BAND_GAP = "KQ324", "values between two bands";
    /// The conditions of `case` are tried in turn. Where those before take all of its values, a
    /// condition is never reached:
    ///
    /// ```kql
    /// T | extend Band = case(Score > 10, "Low", Score > 50, "High", "None")   // never `High`
    /// T | extend Band = case(Score > 50, "High", Score > 10, "Low", "None")
    /// ```
    BAND_NOT_REACHED = "KQ325", "condition that is never reached";
    /// Two bands of `case` or nested `iff` share values. The first one gets them, which the second one
    /// does not say:
    ///
    /// ```kql
    /// T | extend Band = case(Score between (0 .. 50), "Low", Score between (40 .. 90), "High", "?")
    /// T | extend Band = case(Score < 45, "Low", Score <= 90, "High", "?")
    /// ```
    BAND_OVERLAP = "KQ326", "bands that share values";
    /// A text is never null: what is missing is the empty text. `isnull` of a text is false for every
    /// row, `isnotnull` true:
    ///
    /// ```kql
    /// SigninLogs | where isnotnull(UserPrincipalName)    // every row
    /// SigninLogs | where isnotempty(UserPrincipalName)   // those with a name
    /// ```
    NULL_TEXT = "KQ327", "null asked of a text";
    /// A name that `let` gives and nothing reads. Either it can go, or what should read it does not:
    ///
    /// ```kql
    /// let Threshold = 10;
    /// SigninLogs | summarize Count = count() by IPAddress | where Count > 5
    /// ```
    UNUSED_LET = "KQ330", "`let` that nothing uses";
    /// A column is computed, and computed anew before anything reads it: the first value is lost.
    /// Often another column was meant:
    ///
    /// ```kql
    /// T | extend Name = tostring(A) | extend Name = tostring(B)
    /// T | extend Name = tostring(A) | extend Other = tostring(B)
    /// ```
    UNREAD_COLUMN = "KQ331", "column that is overwritten unread";
    /// `bag_unpack` makes columns of what the bags of the rows at hand have. On the day when no row
    /// has a member, its column is missing, and the rule fails:
    ///
    /// ```kql
    /// T | evaluate bag_unpack(Bag) | where User == "x"
    /// T | evaluate bag_unpack(Bag) : (*, User: string) | where User == "x"
    /// T | evaluate bag_unpack(Bag) | where column_ifexists("User", "") == "x"
    /// ```
    UNPACKED_COLUMN = "KQ332", "column that a bag may not have";
    /// Sentinel refuses rules that read all tables: `search` without tables, and `union *`. Name them:
    ///
    /// ```kql
    /// search "x"
    /// search in (SecurityEvent, Syslog) "x"
    /// ```
    ALL_TABLES = "KQ340", "rule over all tables";
    /// A rule runs a query over workspaces. Commands, the plugins `python` and `r`, and what
    /// `cluster()`, `adx()` and `arg()` reach work in the portal, and not in rules.
    NOT_IN_RULES = "KQ341", "part of a query that does not run in rules";
    /// `render` draws a chart for people. In a rule nobody sees it:
    ///
    /// ```kql
    /// SigninLogs | summarize count() by bin(TimeGenerated, 1h) | render timechart
    /// ```
    RENDER_IN_RULE = "KQ342", "`render` in a rule";
    /// A query may read 100 workspaces; more than 20 are slow. Several rules may share them.
    WORKSPACES = "KQ343", "number of workspaces";
    /// The tables of threat indicators get a new row each time an indicator changes, and none goes
    /// away: without the latest row of each, a rule matches those that were revoked long ago:
    ///
    /// ```kql
    /// ThreatIntelligenceIndicator
    /// | where isnotempty(NetworkIP)
    ///
    /// ThreatIntelligenceIndicator
    /// | summarize arg_max(TimeGenerated, *) by IndicatorId
    /// | where Active and ExpirationDateTime > now()
    /// | where isnotempty(NetworkIP)
    /// ```
    INDICATOR_VERSIONS = "KQ344", "old versions of indicators";
    /// Alerts tell the time of their events by the column `TimeGenerated` of the result. Without it,
    /// an alert has but the time of the run, and an incident's timeline is out of order:
    ///
    /// ```kql
    /// SigninLogs | summarize count() by UserPrincipalName
    /// SigninLogs | summarize count(), TimeGenerated = max(TimeGenerated) by UserPrincipalName
    /// ```
    RESULT_TIME = "KQ350", "result without the time of events";
    /// A near-real-time rule runs every minute over what has come in since. To ask it for more of
    /// the past is in vain: those rows are not there:
    ///
    /// ```kql
    /// SigninLogs | where TimeGenerated > ago(1d) | summarize count() by UserPrincipalName
    /// ```
    NRT_LOOK_BACK = "KQ351", "near-real-time rule that looks back";
    /// Data is kept in the order of `TimeGenerated`. A filter by another time has to read all of it:
    ///
    /// ```kql
    /// SecurityAlert | where EndTime > ago(1d)
    /// SecurityAlert | where TimeGenerated > ago(2d) and EndTime > ago(1d)
    /// ```
    OTHER_TIME = "KQ352", "time that the data is not kept by";
    /// Up to `now()` is everything but events of the future, which come from clocks that are wrong,
    /// and of which a rule should hear:
    ///
    /// ```kql
    /// SigninLogs | where TimeGenerated between (ago(1d) .. now())
    /// SigninLogs | where TimeGenerated > ago(1d)
    /// ```
    BETWEEN_NOW = "KQ353", "range that ends now";
    /// A comment allows a finding that is not there (any more), or names no code. It would hide the
    /// next one without being meant to:
    ///
    /// ```kql
    /// // kqlite: allow(KQ301) file names are not words
    /// DeviceFileEvents | where FileName == "a"
    /// ```
    IDLE_ALLOW = "KQ399", "comment that allows nothing";
}
