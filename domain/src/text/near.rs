//! How far a word is from the nearest place of a text.

/// Fewest letters to add, drop or replace so that `word` stands somewhere in `text` (Sellers). Takes
/// `word.len() * text` steps.
#[must_use]
pub fn nearest(word: &[char], text: &str) -> usize {
    // `costs[n]`: the first n letters of the word against what ends at the present letter.
    let mut costs: Vec<usize> = (0..=word.len()).collect();
    let mut best = word.len();
    for letter in text.chars() {
        let mut diagonal = 0;
        for (n, wanted) in (1..).zip(word) {
            let replaced = diagonal + usize::from(*wanted != letter);
            diagonal = costs[n];
            costs[n] = replaced.min(costs[n] + 1).min(costs[n - 1] + 1);
        }
        best = best.min(costs[word.len()]);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_place_counts_wherever_it_is() {
        for (word, text, slips) in [
            ("うつし", "ジュウミンヒョウのうつし", 0),
            ("うつす", "ジュウミンヒョウのうつし", 1),
            ("うし", "うつし", 1),
            ("うつつし", "うつし", 1),
            ("たいへん", "うつし", 4),
            ("うつし", "", 3),
            ("", "うつし", 0),
        ] {
            let word: Vec<char> = word.chars().collect();
            assert_eq!(nearest(&word, text), slips);
        }
    }
}
