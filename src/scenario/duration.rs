//! Times as people write them: a number and its unit.

use std::time::Duration;

/// Nothing in a story takes longer: a hundred years.
const LONGEST: u64 = 100 * 365 * 24 * 3600;

/// The units, longest first, each with its seconds and its spellings, the one that is said first.
const UNITS: &[(u64, &[&str])] = &[
    (30 * 24 * 3600, &["month", "months"]),
    (24 * 3600, &["day", "days", "d"]),
    (3600, &["hour", "hours", "h"]),
    (60, &["minute", "minutes", "min", "m"]),
    (1, &["second", "seconds", "s", "sec"]),
];

/// Reads `30 s`, `10 minutes`, `1 hour 30 minutes`, `500 ms`. `None` for anything else. A month is 30 days.
pub fn parse(text: &str) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let after = rest[digits..].trim_start();
        let letters = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let unit = &after[..letters];
        let part = if unit == "ms" {
            Duration::from_millis(number)
        } else {
            let (seconds, _) = UNITS.iter().find(|(_, words)| words.contains(&unit))?;
            Duration::from_secs(number.checked_mul(*seconds)?)
        };
        sum = sum.checked_add(part)?;
        rest = after[letters..].trim_start();
    }
    (sum <= Duration::from_secs(LONGEST)).then_some(sum)
}

/// Says a time in its largest whole unit: `31 days`, `90 minutes`, `1 hour`.
pub fn say(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_millis() > 0 {
        return format!("{} ms", duration.as_millis());
    }
    // Months are for reading alone: 30 days are said as days.
    let (size, words) = UNITS[1..]
        .iter()
        .find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size))
        .unwrap_or(&UNITS[4]);
    let number = seconds / size;
    let word = words[usize::from(number != 1)];
    format!("{number} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_said() {
        for (text, seconds, said) in [
            ("30 s", 30, "30 seconds"),
            ("10 minutes", 600, "10 minutes"),
            ("1 hour 30 minutes", 5400, "90 minutes"),
            ("31days", 31 * 86_400, "31 days"),
            ("1 day", 86_400, "1 day"),
            ("2 months", 60 * 86_400, "60 days"),
            ("0 s", 0, "0 seconds"),
        ] {
            let duration = parse(text).expect(text);
            assert_eq!(duration.as_secs(), seconds, "{text}");
            assert_eq!(say(duration), said);
        }
        for text in [
            "",
            "30",
            "minutes",
            "-5 s",
            "5 weeks",
            "99999999999 days",
            "5 s !",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
