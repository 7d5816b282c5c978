//! Which files are scenarios, and which of their stories are chosen.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::story::Story;

/// The folder that is read when no path is given.
pub const FOLDER: &str = "scenarios";
/// How deep folders are followed; links could lead in circles.
const DEPTH: usize = 16;

/// The scenario files of some paths: files as given, folders with all that is in them, each once, sorted within its folder.
/// No path means `scenarios/` in `here`. `Err` where a path does not exist, a folder has none, or there is no `scenarios/`.
pub fn discover(paths: &[PathBuf], here: &Path) -> Result<Vec<PathBuf>, Error> {
    let default = [PathBuf::from(FOLDER)];
    let paths = if paths.is_empty() {
        if !here.join(FOLDER).is_dir() {
            return Err(Error::NoScenarios);
        }
        &default[..]
    } else {
        paths
    };
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for path in paths {
        let place = here.join(path);
        let Ok(about) = fs::metadata(&place) else {
            return Err(Error::Missing { path: path.clone() });
        };
        if !about.is_dir() {
            if seen.insert(path.clone()) {
                files.push(path.clone());
            }
            continue;
        }
        let mut found = Vec::new();
        folder(here, path, DEPTH, &mut found)?;
        if found.is_empty() {
            return Err(Error::Empty { path: path.clone() });
        }
        files.extend(found.into_iter().filter(|file| seen.insert(file.clone())));
    }
    Ok(files)
}

fn folder(here: &Path, path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |error: std::io::Error| Error::Unreadable {
        path: path.into(),
        reason: error.to_string(),
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(here.join(path)).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name());
    }
    names.sort();
    for name in names {
        // Hidden files are editors' and version control's.
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let inner = path.join(&name);
        if here.join(&inner).is_dir() {
            if depth > 0 {
                folder(here, &inner, depth - 1, found)?;
            }
        } else if inner
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
        {
            found.push(inner);
        }
    }
    Ok(())
}

/// Which stories are run: all that match one of the filters and have one of the tags, where any are given.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Parts of the file or of the story's name, letter case free; with `*` or `?` the whole of it.
    pub filters: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
}

impl Selection {
    /// Whether the story is chosen.
    pub fn keeps(&self, story: &Story) -> bool {
        let label = story.label();
        let named = self.filters.is_empty()
            || self.filters.iter().any(|filter| {
                matches(filter, &label)
                    || matches(filter, &story.file)
                    || matches(filter, &story.title)
            });
        let tagged = self.tags.is_empty() || self.tags.iter().any(|tag| story.tags.contains(tag));
        named && tagged
    }
}

fn matches(filter: &str, text: &str) -> bool {
    let (filter, text) = (filter.to_lowercase(), text.to_lowercase());
    if filter.contains(['*', '?']) {
        let filter: Vec<char> = filter.chars().collect();
        let text: Vec<char> = text.chars().collect();
        return glob(&filter, &text);
    }
    text.contains(&filter)
}

/// `*` stands for any characters, `?` for one. Goes back only to the last `*`, so the time is bounded by the product of the lengths.
fn glob(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_part_or_a_pattern() {
        for (filter, text, keeps) in [
            ("reuse", "scenarios/refresh-life/Reuse.yaml", true),
            ("*reuse.yaml", "scenarios/refresh-life/reuse.yaml", true),
            ("reuse*", "scenarios/refresh-life/reuse.yaml", false),
            ("s*/r*/?euse.*", "scenarios/refresh-life/reuse.yaml", true),
            ("host=login", "a.yaml (host=login)", true),
            ("rotation", "a.yaml", false),
        ] {
            assert_eq!(matches(filter, text), keeps, "{filter} {text}");
        }
    }

    #[test]
    fn folders_are_read_in_order_and_errors_say_what_to_do() {
        let here = tempfile::tempdir().unwrap();
        assert!(matches!(
            discover(&[], here.path()),
            Err(Error::NoScenarios)
        ));
        for name in [
            "scenarios/b.yaml",
            "scenarios/a/z.yml",
            "scenarios/.git/x.yaml",
            "scenarios/n.txt",
        ] {
            let path = here.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found = discover(&[], here.path()).unwrap();
        assert_eq!(
            found,
            ["scenarios/a/z.yml", "scenarios/b.yaml"].map(PathBuf::from)
        );
        let twice = [
            PathBuf::from("scenarios"),
            PathBuf::from("scenarios/b.yaml"),
        ];
        assert_eq!(discover(&twice, here.path()).unwrap().len(), 2);
        let missing = [PathBuf::from("nowhere")];
        assert!(matches!(
            discover(&missing, here.path()),
            Err(Error::Missing { .. })
        ));
        fs::create_dir(here.path().join("empty")).unwrap();
        let empty = [PathBuf::from("empty")];
        assert!(matches!(
            discover(&empty, here.path()),
            Err(Error::Empty { .. })
        ));
    }
}
