//! Questions to a person in whole sentences: `data/questions.csv`, and for the other facts their meaning.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::evidence::{Key, Sort};

#[derive(Deserialize)]
struct Row {
    key: String,
    /// The word it is for; empty for any, which stands at `{}`.
    word: String,
    question: String,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/questions.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| row.expect("invariant: questions.csv is well-formed"))
        .collect()
});

/// The question whether a fact has a value, or of a flag whether it is so.
pub(super) fn question(key: &Key, word: &str) -> String {
    let of_key = || ROWS.iter().filter(|row| row.key == key.key);
    let row = of_key()
        .find(|row| row.word == word)
        .or_else(|| of_key().find(|row| row.word.is_empty()));
    if let Some(row) = row {
        let said = if key.key.starts_with("facts.") {
            word.replace('_', " ")
        } else {
            word.to_owned()
        };
        return row.question.replace("{}", &said);
    }
    let meaning = key.meaning.split(" (").next().unwrap_or(key.meaning);
    match key.sort {
        Sort::Flag => format!("{meaning}: is that so?"),
        _ => format!("{meaning}: is `{word}` right?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{Test, clues};
    use crate::evidence::known_key;

    #[test]
    fn each_fact_that_may_be_asked_for_has_a_sentence() {
        for row in ROWS.iter() {
            let key = known_key(&row.key).unwrap_or_else(|| panic!("{}", row.key));
            assert!(row.question.ends_with('?'), "{}", row.question);
            assert!(
                row.word.is_empty() || key.values.contains(&row.word.as_str()),
                "{} {}",
                row.key,
                row.word
            );
        }
        for clue in clues() {
            let [atom] = clue.when.as_slice() else {
                continue;
            };
            let (Test::Is(words), Some(key)) = (&atom.test, known_key(atom.key)) else {
                continue;
            };
            let asked = atom.key.starts_with("facts.") || atom.key.starts_with("request.");
            if asked && key.sort != Sort::Flag {
                for word in words {
                    let text = question(key, word);
                    assert!(!text.ends_with("right?"), "{text}");
                }
            }
        }
    }
}
