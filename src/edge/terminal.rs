//! Standard output and standard error: the result on the one, everything else on the other.

use std::io::{self, IsTerminal as _, Write as _};

/// Writes to stdout. A reader that went away ends the output in silence, as with any Unix tool; any other failure loses the result.
pub fn out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Writes a line to stderr. Nobody can be told where even that fails.
pub fn err(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Whether stdout is a terminal.
pub fn out_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether stderr is a terminal.
pub fn err_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Columns of the terminal as `COLUMNS` gives them, else 100; at least 60, at most 120: longer lines are hard to read.
pub fn width() -> usize {
    std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .unwrap_or(100)
        .clamp(60, 120)
}
