//! When a rule runs, over which time, and when it gives an alert.

use super::duration::{DAY, HOUR, MINUTE, Reading, Spelling, read, write};
use super::{RuleKind, Subject, span_of};
use crate::diagnostics::{Diagnostic, codes};
use crate::rules::Form;
use crate::rules::document::Entry;
use crate::rules::tables::{SHORT_TRIGGER_OPERATORS, TRIGGER_OPERATORS};

/// The longest time for which a rule may be silent after an alert.
const LONGEST_SUPPRESSION: u64 = DAY;

/// The most results that a threshold may name.
const HIGHEST_THRESHOLD: u64 = 10_000;

pub(super) fn check(subject: &mut Subject<'_>) {
    if subject.kind == Some(RuleKind::Nrt) {
        of_nrt(subject);
    } else {
        times(subject);
        trigger(subject);
    }
    suppression(subject);
}

/// Members of a schedule that rules without one do not have.
fn of_nrt(subject: &mut Subject<'_>) {
    for key in ["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"] {
        if let Some(entry) = subject.entry(key) {
            let message = format!("a rule of kind `NRT` has no `{}`", subject.written(entry));
            let told = Diagnostic::warning(codes::SCHEDULE_OF_NRT, entry.key.span, message);
            subject.tell(told.hint("it runs every minute over what has come in since"));
        }
    }
}

fn times(subject: &mut Subject<'_>) {
    let frequency = limited(subject, "queryFrequency");
    let period = limited(subject, "queryPeriod");
    let (Some((frequency, at)), Some((period, period_at))) = (frequency, period) else { return };
    let spelling = subject.rule.form.spelling();
    if period < frequency {
        let message = format!(
            "the query period of {} is shorter than the frequency of {}",
            write(period, spelling),
            write(frequency, spelling)
        );
        let told =
            Diagnostic::error(codes::PERIOD_BELOW_FREQUENCY, span_of(&period_at.value), message)
                .label(span_of(&at.value), "the frequency")
                .hint("what comes in between two runs would be read by neither");
        subject.tell(told);
    }
    if period >= 2 * DAY && frequency < HOUR {
        let message = format!(
            "a rule with a query period of {} runs at most once an hour",
            write(period, spelling)
        );
        let told = Diagnostic::error(codes::LONG_PERIOD, span_of(&at.value), message)
            .label(span_of(&period_at.value), "the query period");
        subject.tell(told.hint(format!(
            "a frequency of {} or more, or a query period below {}",
            write(HOUR, spelling),
            write(2 * DAY, spelling)
        )));
    }
}

/// A length of time between five minutes and 14 days; nothing where it is not one.
fn limited<'a>(subject: &mut Subject<'a>, key: &str) -> Option<(u64, &'a Entry)> {
    let entry = subject.entry(key)?;
    let seconds = subject.duration(entry, true)?;
    let spelling = subject.rule.form.spelling();
    if !(5 * MINUTE..=14 * DAY).contains(&seconds) {
        let message = format!(
            "`{}` of {} is not between {} and {}",
            subject.written(entry),
            write(seconds, spelling),
            write(5 * MINUTE, spelling),
            write(14 * DAY, spelling)
        );
        subject.error(codes::DURATION_RANGE, span_of(&entry.value), message);
        return None;
    }
    Some((seconds, entry))
}

impl<'a> Subject<'a> {
    /// The length of time that a member gives, in seconds. Tells of texts that are none, and if
    /// `strict` of those that are spelled as in another form.
    pub fn duration(&mut self, entry: &'a Entry, strict: bool) -> Option<u64> {
        let text = self.text(entry)?;
        let what = self.written(entry);
        let span = span_of(&entry.value);
        let spelling = self.rule.form.spelling();
        let example = match spelling {
            Spelling::Template => "`5m`, `1h`, `14d`",
            Spelling::Iso => "`PT5M`, `PT1H`, `P14D`",
        };
        let Some(reading) = read(text) else {
            let told =
                Diagnostic::error(codes::DURATION, span, format!("`{text}` is no length of time"));
            self.tell(told.hint(format!("`{what}` is written as {example}")));
            return None;
        };
        let seconds = reading.seconds();
        match reading {
            Reading::Days(_) if spelling == Spelling::Template => {
                let message = format!("`{text}` without a unit means {text} days");
                let told = Diagnostic::warning(codes::DURATION_WITHOUT_UNIT, span, message);
                self.tell(told.hint(format!("with a unit: {example}")));
            }
            Reading::Length(_, found) if found == spelling || !strict => {}
            _ => {
                let mended = write(seconds, spelling);
                let message = format!("`{text}` is not as this form writes lengths of time");
                let told = Diagnostic::error(codes::DURATION_FORM, span, message)
                    .hint(format!("here it is `{mended}`"));
                self.tell_and_mend(told, span, &mended);
            }
        }
        Some(seconds)
    }
}

impl Form {
    /// How rules of the form write lengths of time.
    pub(super) fn spelling(self) -> Spelling {
        match self {
            Form::Resource | Form::Terraform => Spelling::Iso,
            Form::Yaml | Form::Detection | Form::Hunting | Form::Query => Spelling::Template,
        }
    }
}

fn trigger(subject: &mut Subject<'_>) {
    if let Some(operator) = subject.entry("triggerOperator") {
        let text = operator.value.text().unwrap_or_default();
        let short = SHORT_TRIGGER_OPERATORS.iter().position(|short| *short == text);
        let is_template = subject.rule.form.spelling() == Spelling::Template;
        match short.map(|index| TRIGGER_OPERATORS[index]) {
            Some(_) if is_template => {}
            Some(long) => {
                let span = span_of(&operator.value);
                let message = format!("`{text}` is `{long}` in this form");
                let told = Diagnostic::error(codes::TRIGGER_OPERATOR, span, message);
                subject.tell_and_mend(told, span, long);
            }
            None => {
                let what = "trigger operator";
                subject.one_of(codes::TRIGGER_OPERATOR, what, &operator.value, TRIGGER_OPERATORS);
            }
        }
    }
    if let Some(threshold) = subject.entry("triggerThreshold")
        && let Some(text) = subject.text(threshold)
        && text.parse::<u64>().ok().is_none_or(|count| count > HIGHEST_THRESHOLD)
    {
        let message =
            format!("the threshold `{text}` is no whole number up to {HIGHEST_THRESHOLD}");
        subject.error(codes::TRIGGER_THRESHOLD, span_of(&threshold.value), message);
    }
}

fn suppression(subject: &mut Subject<'_>) {
    let Some(entry) = subject.entry("suppressionDuration") else { return };
    let strict = subject.rule.form.spelling() == Spelling::Iso;
    let Some(seconds) = subject.duration(entry, strict) else { return };
    let spelling = subject.rule.form.spelling();
    let span = span_of(&entry.value);
    if seconds > LONGEST_SUPPRESSION {
        let message = format!(
            "a suppression of {} is longer than {}",
            write(seconds, spelling),
            write(LONGEST_SUPPRESSION, spelling)
        );
        subject.error(codes::SUPPRESSION_RANGE, span, message);
    }
    let enabled = subject.entry("suppressionEnabled").and_then(|entry| entry.value.text());
    let frequency = subject.entry("queryFrequency").and_then(|entry| entry.value.text());
    let frequency = frequency.and_then(read).map(Reading::seconds);
    if enabled.is_some_and(|text| text.eq_ignore_ascii_case("true"))
        && let Some(frequency) = frequency
        && seconds < frequency
    {
        let message = format!(
            "a suppression of {} is over before the rule runs again after {}",
            write(seconds, spelling),
            write(frequency, spelling)
        );
        subject.tell(Diagnostic::warning(codes::SUPPRESSION_SHORT, span, message));
    }
}
