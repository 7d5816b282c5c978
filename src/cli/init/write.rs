//! The files on the disk. What was written before a failure is told with it.

use std::fs;
use std::io;
use std::path::Path;

use crate::cli::failure::{COULD_NOT_RUN, Failure};
use crate::edge::new_file::{self, Readers};
use crate::init::{Content, Done, Fate, File, ignoring};

/// Writes what is not there.
pub(super) fn write(folder: &Path, files: Vec<File>) -> Result<Vec<Done>, Failure> {
    let mut done: Vec<Done> = Vec::new();
    for File {
        path,
        purpose,
        content,
    } in files
    {
        match one(folder, &path, &content) {
            Ok(fate) => done.push(Done {
                path,
                fate,
                purpose,
            }),
            Err(error) => return Err(failed(folder, &path, &error, &done)),
        }
    }
    Ok(done)
}

fn one(folder: &Path, path: &str, content: &Content) -> io::Result<Fate> {
    let fresh = |written: bool| if written { Fate::Written } else { Fate::Kept };
    match content {
        Content::There => Ok(Fate::Kept),
        Content::Text(text) => {
            new_file::write(folder, path, text.as_bytes(), Readers::AsUsual).map(fresh)
        }
        Content::Key(key) => {
            new_file::write(folder, path, key.expose().as_bytes(), Readers::Owner).map(fresh)
        }
        Content::Lines(lines) => {
            let place = folder.join(path);
            if !new_file::is_there(&place) {
                let text = ignoring("", lines).unwrap_or_default();
                return new_file::write(folder, path, text.as_bytes(), Readers::AsUsual).map(fresh);
            }
            match ignoring(&fs::read_to_string(&place)?, lines) {
                None => Ok(Fate::Kept),
                Some(text) => {
                    new_file::replace(folder, path, text.as_bytes()).map(|()| Fate::Extended)
                }
            }
        }
    }
}

fn failed(folder: &Path, path: &str, error: &io::Error, done: &[Done]) -> Failure {
    let new: Vec<&str> = done
        .iter()
        .filter(|file| file.fate != Fate::Kept)
        .map(|file| file.path.as_str())
        .collect();
    let before = if new.is_empty() {
        "nothing was written".to_owned()
    } else {
        format!("written before that: {}", new.join(", "))
    };
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space on that file system"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "see the permissions of the folder, or name another one"
        }
        _ => "see what stands at this place",
    };
    Failure::new(
        COULD_NOT_RUN,
        format!(
            "failed to write `{}`: {error}; {before}",
            folder.join(path).display()
        ),
        &format!("{remedy}, then run the same command again: it goes on with what is missing"),
    )
}
