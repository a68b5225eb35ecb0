//! Times of day as people type them (NF-8).

use unicode_normalization::UnicodeNormalization;

/// Minutes since midnight of a time typed as `9:30`, `09:30`, `0930`, `9時30分`, `午後2時`,
/// `午後2時15分`, in any width; `None` when it is none.
#[must_use]
pub fn read_time(text: &str) -> Option<u16> {
    let folded: String = text.chars().take(30).nfkc().filter(|c| !c.is_whitespace()).collect();
    let (half, rest) = [("午前", 0), ("午後", 12)]
        .into_iter()
        .find_map(|(word, half)| Some((Some(half), folded.strip_prefix(word)?)))
        .unwrap_or((None, folded.as_str()));
    let (hours, minutes) = parts(rest)?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let hours = match half {
        None if hours < 24 => hours,
        // 午後0時 is noon, 午前12時 as well; people write both.
        Some(half) if hours < 12 => hours + half,
        Some(0) if hours == 12 => 12,
        None | Some(_) => return None,
    };
    (minutes < 60).then_some(hours * 60 + minutes)
}

fn parts(text: &str) -> Option<(&str, &str)> {
    if let Some((hours, rest)) = text.split_once('時') {
        return match rest {
            "" => Some((hours, "0")),
            "半" => Some((hours, "30")),
            rest => Some((hours, rest.strip_suffix('分')?)),
        };
    }
    if let Some(parts) = text.split_once(':') {
        return (parts.1.len() == 2).then_some(parts);
    }
    let compact = matches!(text.len(), 3 | 4) && text.is_ascii();
    compact.then(|| text.split_at(text.len() - 2))
}

fn number(text: &str) -> Option<u16> {
    let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// `09:30`.
#[must_use]
pub fn written_time(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-8: a time is read however it is written.
    #[test]
    fn a_time_is_read_however_it_is_written() {
        for typed in ["9:30", "09:30", "0930", "930", "９：３０", "9時30分", "9時半", "午前9時30分"]
        {
            assert_eq!(read_time(typed), Some(570), "{typed}");
        }
        for (typed, minutes) in [
            ("午後2時", 840),
            ("午後0時15分", 735),
            ("午前12時", 720),
            ("0:00", 0),
            ("23:59", 1_439),
        ] {
            assert_eq!(read_time(typed), Some(minutes), "{typed}");
        }
        for bad in
            ["", "24:00", "9:60", "9:3", "九時", "午後13時", "9時分", "12345", "-1:00", "9:30:00"]
        {
            assert_eq!(read_time(bad), None, "{bad}");
        }
        assert_eq!(written_time(570), "09:30");
    }
}
