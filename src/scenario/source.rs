//! A file as text: bounded, UTF-8, and with a clear word where it is neither.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::error::Error;

/// The longest file that is read, in octets.
pub const LIMIT: u64 = 1 << 20;

/// Reads a file whole. `Err` where it is missing, a folder, unreadable, too long or no UTF-8. A byte-order mark is dropped.
pub fn text_of(path: &Path) -> Result<String, Error> {
    let unreadable = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::Missing { path: path.into() },
        _ => Error::Unreadable {
            path: path.into(),
            reason: error.to_string(),
        },
    };
    let about = fs::metadata(path).map_err(|error| unreadable(&error))?;
    if about.is_dir() {
        return Err(Error::Folder { path: path.into() });
    }
    if !about.is_file() {
        // A pipe or a device could keep us waiting without end.
        return Err(Error::Unreadable {
            path: path.into(),
            reason: "it is no regular file".to_owned(),
        });
    }
    let mut octets = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LIMIT + 1).read_to_end(&mut octets))
        .map_err(|error| unreadable(&error))?;
    if octets.len() as u64 > LIMIT {
        return Err(Error::TooLong {
            path: path.into(),
            limit: LIMIT,
        });
    }
    let mut text = String::from_utf8(octets).map_err(|error| {
        let octet = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..octet]
            .split(|octet| *octet == b'\n')
            .count();
        Error::NotUtf8 {
            path: path.into(),
            octet,
            line,
        }
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}
