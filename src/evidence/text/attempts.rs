//! Of a list of errors the first: a client that is refused may go on by itself to other hosts and audiences, and tells all refusals at the
//! end. The first is the answer to what was asked for; the others answer guesses of the client, and would accuse the host or the audience.

use super::phrases;

/// Lines that a list may have.
const LONGEST: usize = 24;

/// The text without what follows the first entry of each list of errors: lines below one that announces `errors` with a colon, up to an empty
/// line or the quote that ends the text of a program. A list whose first entry has no known words stays whole.
pub(super) fn without_later_attempts(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        kept.push_str(line);
        if !announces(line) || !lines.peek().is_some_and(|first| is_known(first)) {
            continue;
        }
        kept.extend(lines.next());
        for _ in 1..LONGEST {
            match lines.next_if(|line| !line.trim().is_empty()) {
                None => break,
                Some(entry) => {
                    if let Some((_, rest)) = entry.split_once('"') {
                        kept.push('"');
                        kept.push_str(rest);
                        break;
                    }
                }
            }
        }
    }
    kept
}

/// `Errors encountered:`, `The following errors occurred:`, and the like, at the end of a line.
fn announces(line: &str) -> bool {
    let line = line.trim_end();
    let words = line.strip_suffix(':').map(str::to_ascii_lowercase);
    words.is_some_and(|words| {
        words
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == "errors")
    })
}

fn is_known(line: &str) -> bool {
    !line.contains('"') && !phrases::find(line).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_list_of_errors_is_kept() {
        for (text, kept) in [
            (
                "Failed.\nErrors encountered:\nip restricted\nclient identifier invalid\naudience is invalid\n\nend",
                "Failed.\nErrors encountered:\nip restricted\n\nend",
            ),
            (
                "\"m\": \"The following errors occurred:\nip restricted\naudience is invalid\",\n\"code\": 1",
                "\"m\": \"The following errors occurred:\nip restricted\n\",\n\"code\": 1",
            ),
            // Something else went wrong first.
            (
                "Errors:\nno such file\nip restricted\n",
                "Errors:\nno such file\nip restricted\n",
            ),
            ("error:\nip restricted\nb\n", "error:\nip restricted\nb\n"),
        ] {
            assert_eq!(without_later_attempts(text), kept, "{text}");
        }
    }
}
