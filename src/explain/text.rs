//! A page as plain text.

use super::Page;

/// The page, wrapped at `width` columns (at least 40). A word that is longer than a line, such as an address, stays whole.
pub fn to_text(page: &Page, width: usize) -> String {
    let width = width.max(40);
    let mut out = String::new();
    wrap(&mut out, &page.topic, 0, "", width);
    wrap(&mut out, &page.summary, 0, "", width);
    let indent = page
        .sections
        .iter()
        .map(|section| section.heading.len())
        .max()
        .unwrap_or_default()
        + 4;
    for section in &page.sections {
        if section.begins_group {
            out.push('\n');
        }
        for (at, item) in section.items.iter().enumerate() {
            let heading = if at == 0 { section.heading } else { "" };
            let lead = format!("  {heading:<rest$}", rest = indent - 2);
            // What follows the first line of a point is set in, so that points stay apart.
            let hang = indent + if section.items.len() > 1 { 2 } else { 0 };
            wrap(&mut out, item, hang, &lead, width);
        }
    }
    out
}

/// Adds a paragraph: `lead` before its first line, `hang` spaces before each other.
fn wrap(out: &mut String, text: &str, hang: usize, lead: &str, width: usize) {
    let mut column = lead.chars().count();
    out.push_str(lead);
    let mut first = true;
    let mut words_on_line = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        let fits = column + 1 + length <= width;
        // `[1]` and its address stay together: on a line of its own the address would be too long as well.
        let stays = words_on_line == 1 && hang + length > width;
        if !first && !fits && !stays {
            out.push('\n');
            words_on_line = 0;
            out.extend(std::iter::repeat_n(' ', hang));
            column = hang;
        } else if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
        words_on_line += 1;
        first = false;
    }
    out.push('\n');
}
