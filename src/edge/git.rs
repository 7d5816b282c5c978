//! Files of a revision of a git repository, read with the system's `git`. Nothing is written, no index is read, no network is used, and nothing
//! that a repository configures is run: only commands that read objects, each without a shell.

use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use miette::Diagnostic;
use thiserror::Error;

/// What went wrong with git. The text follows "failed to …"; the remedy is the help.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// No git.
    #[error("run `git`: it is not installed")]
    #[diagnostic(
        code(git::missing),
        help("install git, or give two folders in place of revisions")
    )]
    Missing,
    /// It cannot be started.
    #[error("run `git`")]
    #[diagnostic(code(git::start), help("see whether `git --version` works here"))]
    Start {
        /// The system's words.
        source: io::Error,
    },
    /// No repository around the folder.
    #[error("find a git repository around {}: {said}", folder.display())]
    #[diagnostic(
        code(git::no_repository),
        help(
            "a revision needs a repository: go into it, name the project folder in it with `--dir`, or give two folders in place of revisions"
        )
    )]
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// The words of git.
        said: String,
    },
    /// A revision that nobody knows.
    #[error("find the revision `{revision}`")]
    #[diagnostic(code(git::no_revision), help("{help}"))]
    NoRevision {
        /// As given.
        revision: String,
        /// The near name, and what to do.
        help: String,
    },
    /// Two revisions without a common ancestor.
    #[error("find where `{one}` and `{other}` part")]
    #[diagnostic(code(git::no_merge_base), help("{help}"))]
    NoMergeBase {
        /// As given.
        one: String,
        /// As given.
        other: String,
        /// What to do.
        help: String,
    },
    /// Any other failure.
    #[error("run `git {command}`: {said}")]
    #[diagnostic(
        code(git::failed),
        help("`git fsck` tells whether the repository is whole")
    )]
    Failed {
        /// The command.
        command: String,
        /// The words of git.
        said: String,
    },
}

/// A repository, seen from a folder in it.
#[derive(Debug)]
pub struct Repository {
    /// A folder that exists.
    at: PathBuf,
    /// The path of the asked folder in the repository: empty, or with `/` at its end.
    prefix: String,
}

/// A file of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path inside the folder, with `/`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    object: String,
}

/// What an entry of a revision is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// Another repository in this one.
    Submodule,
}

/// Variables that point git to another repository than the one around the folder.
const ELSEWHERE: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
];

impl Repository {
    /// The repository around a folder. The folder itself need not be in the working tree.
    pub fn around(folder: &Path) -> Result<Self, Error> {
        let mut at = if folder.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            folder.to_owned()
        };
        let mut rest: Vec<String> = Vec::new();
        while !at.is_dir() {
            let (Some(name), Some(parent)) = (at.file_name(), at.parent()) else {
                break;
            };
            rest.insert(0, name.to_string_lossy().into_owned());
            at = if parent.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                parent.to_owned()
            };
        }
        let mut repository = Self {
            at,
            prefix: String::new(),
        };
        let output = repository.output(&["rev-parse", "--show-prefix"])?;
        if !output.status.success() {
            return Err(Error::NoRepository {
                folder: folder.to_owned(),
                said: said(&output),
            });
        }
        repository.prefix = line(&output.stdout);
        for name in rest {
            repository.prefix.push_str(&name);
            repository.prefix.push('/');
        }
        Ok(repository)
    }

    /// The path of the folder in the repository: empty, or with `/` at its end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The commit that a revision names.
    pub fn commit(&self, revision: &str) -> Result<String, Error> {
        if !can_be_revision(revision) {
            return Err(self.no_revision(revision));
        }
        let commit = format!("{revision}^{{commit}}");
        let output = self.output(&["rev-parse", "--verify", "--quiet", &commit])?;
        let found = line(&output.stdout);
        if output.status.success() && is_object(&found) {
            Ok(found)
        } else {
            Err(self.no_revision(revision))
        }
    }

    /// Where two commits part.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String, Error> {
        let (first, second) = (self.commit(one)?, self.commit(other)?);
        let output = self.output(&["merge-base", &first, &second])?;
        let found = line(&output.stdout);
        if output.status.success() && is_object(&found) {
            return Ok(found);
        }
        let help = if self.is_shallow() {
            "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"
        } else {
            "they have no common ancestor; write `A..B` to compare the two as they are"
        };
        Err(Error::NoMergeBase {
            one: one.to_owned(),
            other: other.to_owned(),
            help: help.to_owned(),
        })
    }

    /// The files of the folder in a commit; none where it is not there.
    pub fn list(&self, commit: &str) -> Result<Vec<Entry>, Error> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", commit];
        if !self.prefix.is_empty() {
            arguments.extend(["--", &self.prefix]);
        }
        let output = self.output(&arguments)?;
        if !output.status.success() {
            return Err(failed("ls-tree", &output));
        }
        let entries = output.stdout.split(|octet| *octet == 0);
        Ok(entries
            .filter_map(|entry| self.entry(&String::from_utf8_lossy(entry)))
            .collect())
    }

    /// `100644 blob OBJECT<TAB>PATH`.
    fn entry(&self, text: &str) -> Option<Entry> {
        let (about, path) = text.split_once('\t')?;
        let mut about = about.split(' ');
        let kind = match (about.next()?, about.next()?) {
            ("120000", _) => Kind::Link,
            (_, "commit") => Kind::Submodule,
            _ => Kind::File,
        };
        Some(Entry {
            name: path.strip_prefix(&self.prefix)?.to_owned(),
            kind,
            object: about.next()?.to_owned(),
        })
    }

    /// The octets of files, in their order. The `Err` inside is of one file: it is longer than `longest`, or not in this clone.
    pub fn read(
        &self,
        entries: &[Entry],
        longest: u64,
    ) -> Result<Vec<Result<Vec<u8>, String>>, Error> {
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(start)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let objects: String = entries
            .iter()
            .flat_map(|entry| [entry.object.as_str(), "\n"])
            .collect();
        // Git writes while it reads, so the questions go out beside the answers.
        let asking = thread::spawn(move || {
            if let Some(mut stdin) = stdin {
                let _ = stdin.write_all(objects.as_bytes());
            }
        });
        let read = stdout
            .ok_or_else(|| io::Error::other("no output"))
            .and_then(|stdout| {
                let mut stdout = BufReader::new(stdout);
                entries.iter().map(|_| next(&mut stdout, longest)).collect()
            });
        if read.is_err() {
            let _ = child.kill();
        }
        let _ = child.wait();
        let _ = asking.join();
        read.map_err(|error: io::Error| Error::Failed {
            command: "cat-file --batch".to_owned(),
            said: error.to_string(),
        })
    }

    fn no_revision(&self, revision: &str) -> Error {
        let names = self
            .output(&["for-each-ref", "--format=%(refname:short)"])
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default();
        let mut help = String::new();
        // `main~1` is the name of a branch and steps from it.
        let end = revision
            .find(['~', '^', '@', ':'])
            .unwrap_or(revision.len());
        let (name, steps) = revision.split_at(end);
        if let Some(near) = near(name, &names)
            && near != name
        {
            help = format!("did you mean `{near}{steps}`? ");
        }
        help.push_str(if self.is_shallow() {
            "This clone is shallow, so it may lack it: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"
        } else {
            "Give a branch, a tag, a commit, or a folder; `git fetch` gets what is only on the server"
        });
        Error::NoRevision {
            revision: revision.to_owned(),
            help,
        }
    }

    fn is_shallow(&self) -> bool {
        self.output(&["rev-parse", "--is-shallow-repository"])
            .is_ok_and(|output| line(&output.stdout) == "true")
    }

    fn output(&self, arguments: &[&str]) -> Result<Output, Error> {
        self.command(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(start)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(["--no-pager", "--no-optional-locks", "--literal-pathspecs"])
            // A repository may name programs for these. The commands that are used here start none of them; this holds for others too.
            .args([
                "-c",
                "core.fsmonitor=false",
                "-c",
                "core.hooksPath=/dev/null",
            ])
            // An object that a partial clone lacks is not fetched: that would run what the repository says.
            .args(["-c", "protocol.allow=never"])
            .arg("-C")
            .arg(&self.at)
            .args(arguments)
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C");
        for variable in ELSEWHERE {
            command.env_remove(variable);
        }
        command
    }
}

/// One answer of `cat-file --batch`: `OBJECT blob SIZE`, the octets, a line end; or `OBJECT missing`.
fn next(stdout: &mut impl io::BufRead, longest: u64) -> io::Result<Result<Vec<u8>, String>> {
    let mut head = String::new();
    stdout.read_line(&mut head)?;
    let size = head
        .trim_end()
        .rsplit(' ')
        .next()
        .and_then(|size| size.parse::<u64>().ok());
    let Some(size) = size else {
        if head.trim_end().ends_with("missing") {
            return Ok(Err(
                "not in this clone, which is partial; fetch it with git".to_owned(),
            ));
        }
        return Err(io::Error::other("git ended early"));
    };
    let mut octets = Vec::new();
    let mut body = stdout.take(size);
    if size > longest {
        io::copy(&mut body, &mut io::sink())?;
    } else {
        body.read_to_end(&mut octets)?;
    }
    let mut end = [0];
    stdout.read_exact(&mut end)?;
    Ok(if size > longest {
        Err(format!("longer than {longest} octets"))
    } else {
        Ok(octets)
    })
}

/// The ref that a misspelt one stands for; `main` may be there as `origin/main` alone.
fn near<'n>(revision: &str, names: &'n str) -> Option<&'n str> {
    let word = revision.to_lowercase();
    names
        .lines()
        .map(|name| {
            let own = name.rsplit('/').next().unwrap_or(name).to_lowercase();
            let distance = strsim::damerau_levenshtein(&word, &name.to_lowercase())
                .min(strsim::damerau_levenshtein(&word, &own));
            (distance, name)
        })
        .filter(|(distance, name)| *distance <= (name.len() / 4).max(1))
        .min()
        .map(|(_, name)| name)
}

fn is_object(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

fn start(source: io::Error) -> Error {
    if source.kind() == io::ErrorKind::NotFound {
        Error::Missing
    } else {
        Error::Start { source }
    }
}

fn failed(command: &str, output: &Output) -> Error {
    Error::Failed {
        command: command.to_owned(),
        said: said(output),
    }
}

/// The first line of an output, without its end.
fn line(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The words of git, in one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    text.strip_prefix("fatal: ").unwrap_or(&text).to_owned()
}

/// Whether a text can be a revision at all: no option, no line end.
fn can_be_revision(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.contains(|c: char| c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let mut answers =
            io::Cursor::new(b"a blob 3\none\nb blob 5\nlarge\nc missing\nd blob 0\n\n");
        let mut read = || next(&mut answers, 4);
        assert_eq!(read().unwrap(), Ok(b"one".to_vec()));
        assert_eq!(read().unwrap(), Err("longer than 4 octets".to_owned()));
        assert!(read().unwrap().unwrap_err().contains("partial"));
        assert_eq!(read().unwrap(), Ok(Vec::new()));
        assert!(read().is_err(), "git ended");
    }

    #[test]
    fn a_branch_of_the_server_is_near_its_own_name() {
        let names = "origin/main\nv1.2\nfeature/pkce\n";
        assert_eq!(near("main", names), Some("origin/main"));
        assert_eq!(near("mian", names), Some("origin/main"));
        assert_eq!(near("v1.3", names), Some("v1.2"));
        assert_eq!(near("something", names), None);
    }
}
