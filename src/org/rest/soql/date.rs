//! Points in time of a query: datetimes, dates, and the date literals of SOQL. All in UTC: the simulated users have no other zone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A literal that stands for a span of time: from its start up to, not including, its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    /// The first moment.
    pub(super) from: Timestamp,
    /// The first moment after.
    pub(super) to: Timestamp,
}

/// Reads a datetime, a date or a date literal; `None` for any other word.
pub(super) fn read(word: &str, now: Timestamp) -> Option<Period> {
    if let Ok(moment) = word.parse::<Timestamp>() {
        let to = moment.checked_add(Span::new().milliseconds(1)).ok()?;
        return Some(Period { from: moment, to });
    }
    if let Ok(date) = word.parse::<Date>()
        && word.len() == 10
    {
        return days(date, 0, 1);
    }
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let word = word.to_ascii_uppercase();
    if let Some((name, count)) = word.split_once(':') {
        let count: i64 = count
            .parse()
            .ok()
            .filter(|count| (0..=36_500).contains(count))?;
        return match name {
            "LAST_N_DAYS" => days(today, -count, count + 1),
            "NEXT_N_DAYS" => days(today, 1, count),
            "N_DAYS_AGO" => days(today, -count, 1),
            _ => None,
        };
    }
    match word.as_str() {
        "TODAY" => days(today, 0, 1),
        "YESTERDAY" => days(today, -1, 1),
        "TOMORROW" => days(today, 1, 1),
        "LAST_90_DAYS" => days(today, -90, 91),
        "THIS_WEEK" => days(sunday(today)?, 0, 7),
        "LAST_WEEK" => days(sunday(today)?, -7, 7),
        "THIS_MONTH" => between(today.first_of_month(), Span::new().months(1)),
        "LAST_MONTH" => between(
            today
                .first_of_month()
                .checked_sub(Span::new().months(1))
                .ok()?,
            Span::new().months(1),
        ),
        "THIS_YEAR" => between(today.first_of_year(), Span::new().years(1)),
        "LAST_YEAR" => between(
            today
                .first_of_year()
                .checked_sub(Span::new().years(1))
                .ok()?,
            Span::new().years(1),
        ),
        _ => None,
    }
}

/// The first day of the week of a locale that begins weeks on Sunday.
fn sunday(day: Date) -> Option<Date> {
    let since = i64::from(day.weekday().since(Weekday::Sunday));
    day.checked_sub(Span::new().days(since)).ok()
}

fn days(day: Date, offset: i64, count: i64) -> Option<Period> {
    let first = day.checked_add(Span::new().try_days(offset).ok()?).ok()?;
    between(first, Span::new().try_days(count).ok()?)
}

fn between(first: Date, length: Span) -> Option<Period> {
    let last = first.checked_add(length).ok()?;
    let midnight = |day: Date| Some(day.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp());
    Some(Period {
        from: midnight(first)?,
        to: midnight(last)?,
    })
}
