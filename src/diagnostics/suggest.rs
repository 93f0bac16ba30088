//! "Did you mean": the nearest known name by edit distance.

/// The candidate closest to `name`, if it is close enough to be a plausible slip.
///
/// Case does not count; at most a third of the letters may differ. Ties go to the first candidate.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let profile = Profile::of(name);
    let mut limit = (wanted.len() / 3).max(1);
    let mut found = None;
    for candidate in candidates {
        // Names of thousands of tables are not worth a matrix each.
        if profile.distance_is_beyond(&Profile::of(candidate), limit) {
            continue;
        }
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let Some(distance) = distance(&wanted, &letters, limit) else { continue };
        found = Some(candidate);
        match distance.checked_sub(1) {
            Some(closer) => limit = closer,
            None => break,
        }
    }
    found
}

/// The candidates that at most `limit` edits make of `name`, whatever their case.
pub fn alike<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    limit: usize,
) -> Vec<&'a str> {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let wanted = letters(name);
    let is_near = |candidate: &&str| distance(&wanted, &letters(candidate), limit).is_some();
    candidates.into_iter().filter(is_near).collect()
}

/// How many letters of a text fall into each of a few classes, whatever their case and order.
struct Profile([i32; 32]);

impl Profile {
    fn of(text: &str) -> Self {
        let mut counts = [0; 32];
        match text.is_ascii() {
            true => text.bytes().for_each(|b| counts[usize::from(b & 31)] += 1),
            false => {
                text.to_lowercase().chars().for_each(|c| counts[(c as usize) & 31] += 1);
            }
        }
        Self(counts)
    }

    /// Whether the texts certainly differ in more than `limit` places: every edit adds one letter,
    /// takes one away, or does both.
    fn distance_is_beyond(&self, other: &Profile, limit: usize) -> bool {
        let (mut more, mut less) = (0, 0);
        for (a, b) in self.0.iter().zip(&other.0) {
            more += (a - b).max(0);
            less += (b - a).max(0);
        }
        more.max(less) as usize > limit
    }
}

/// Edit distance with insertions, deletions, replacements and swaps of neighbours; nothing if it is
/// above `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    let mut smallest_before = 0;
    for i in 1..=a.len() {
        row[0] = i;
        let mut smallest = i;
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
            smallest = smallest.min(row[j]);
        }
        // A swap reaches over one row.
        if smallest > limit && smallest_before > limit {
            return None;
        }
        smallest_before = smallest;
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[b.len()]).filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_slip_and_ignores_strangers() {
        let columns = ["Account", "Computer", "TimeGenerated"];
        assert_eq!(nearest("Acount", columns), Some("Account"));
        assert_eq!(nearest("timegenreated", columns), Some("TimeGenerated"));
        assert_eq!(nearest("Country", columns), None);
        assert_eq!(nearest("Straße", ["STRASSE", "straße"]), Some("straße"));
        assert_eq!(nearest("cost", ["cots", "cast", "cost2"]), Some("cots"));
    }
}
