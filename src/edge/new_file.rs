//! New files in a folder of a person's own: whole or not at all, never over another one, never outside.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::Builder;

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whom the mask of the process lets.
    AsUsual,
    /// Its owner: mode 0600 from the first octet on.
    Owner,
}

/// Whether something is at a place; a link that leads nowhere too.
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Writes a new file below a folder, and makes the folders between. `Ok(false)` where something is there already.
pub fn write(root: &Path, below: &str, octets: &[u8], readers: Readers) -> io::Result<bool> {
    let path = root.join(below);
    if is_there(&path) {
        return Ok(false);
    }
    let folder = folder_of(root, &path)?;
    let draft = draft(&folder, octets, readers, None)?;
    match draft.persist_noclobber(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Puts a new text in the place of a file that is there; its permissions stay.
pub fn replace(root: &Path, below: &str, octets: &[u8]) -> io::Result<()> {
    // Where the file is a link, what it leads to.
    let path = fs::canonicalize(root.join(below))?;
    let folder = folder_of(root, &path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    draft(&folder, octets, Readers::AsUsual, Some(permissions))?
        .persist(&path)
        .map(|_| ())
        .map_err(|error| error.error)
}

/// The folder of a file, made where it is missing. `Err` where a link leads out of the root.
fn folder_of(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(root);
    let there = folder.ancestors().find(|folder| folder.exists());
    let real = fs::canonicalize(root)?;
    let inside = |folder: &Path| -> io::Result<()> {
        if fs::canonicalize(folder)?.starts_with(&real) {
            return Ok(());
        }
        Err(io::Error::other("a link leads out of the folder"))
    };
    if let Some(there) = there {
        inside(there)?;
    }
    fs::create_dir_all(folder)?;
    inside(folder)?;
    Ok(folder.to_owned())
}

fn draft(
    folder: &Path,
    octets: &[u8],
    readers: Readers,
    permissions: Option<fs::Permissions>,
) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".grantproof-");
    // Without a word from us a temporary file is its owner's alone.
    #[cfg(unix)]
    if readers == Readers::AsUsual {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(octets)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_written_over_and_never_outside() {
        let home = tempfile::tempdir().expect("a folder");
        let root = home.path().join("root");
        fs::create_dir(&root).expect("made");
        let write = |below: &str| super::write(&root, below, b"new", Readers::AsUsual);
        assert_eq!(write("a/b/c").ok(), Some(true));
        fs::write(root.join("a/b/c"), "mine").expect("written");
        assert_eq!(write("a/b/c").ok(), Some(false));
        assert_eq!(fs::read(root.join("a/b/c")).ok(), Some(b"mine".to_vec()));
        assert_eq!(fs::read_dir(root.join("a/b")).expect("there").count(), 1);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(home.path(), root.join("out")).expect("linked");
            assert!(write("out/d").is_err());
            assert!(write("out/e/d").is_err());
            assert_eq!(fs::read_dir(home.path()).expect("there").count(), 1);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().expect("a folder");
        let written = write(root.path(), "k", b"key", Readers::Owner);
        assert_eq!(written.ok(), Some(true));
        let mode = fs::metadata(root.path().join("k"))
            .expect("there")
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}
