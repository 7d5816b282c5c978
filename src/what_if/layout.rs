//! Lines with a hanging indent.

/// Writes words behind a beginning; lines that would be longer than `width` characters go on as deep as the beginning is long.
pub(super) fn hang<S: AsRef<str>>(
    begin: &str,
    words: impl IntoIterator<Item = S>,
    between: &str,
    width: usize,
    text: &mut String,
) {
    let deep = begin.chars().count();
    let mut line = begin.to_owned();
    let mut length = deep;
    for word in words {
        let word = word.as_ref();
        let long = word.chars().count();
        if length > deep && length + between.len() + long > width {
            line.push_str(between);
            push(text, &line);
            line = format!("{:deep$}", "");
            length = deep;
        }
        if length > deep {
            line.push_str(between);
            length += between.len();
        }
        line.push_str(word);
        length += long;
    }
    push(text, &line);
}

/// Writes a sentence so.
pub fn hang_words(begin: &str, words: &str, width: usize, text: &mut String) {
    hang(begin, words.split_whitespace(), " ", width, text);
}

/// Ends a line.
pub fn push(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

/// `1 change`, `2 changes`.
pub fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}
