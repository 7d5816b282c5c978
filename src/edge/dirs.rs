//! The folders of this program, by the XDG Base Directory Specification, and by the system's own rules on Windows.

use std::ffi::OsString;
use std::path::PathBuf;

use etcetera::BaseStrategy;

use super::Error;

const APP: &str = "grantproof";

/// Where things are kept. Nothing is created by looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// What must survive: the harness CA. `GRANTPROOF_DATA_DIR`, else `$XDG_DATA_HOME/grantproof`.
    pub data: PathBuf,
    /// What is worth keeping: the journals of runs. `GRANTPROOF_STATE_DIR`, else `$XDG_STATE_HOME/grantproof`.
    pub state: PathBuf,
    /// What can be made again. `GRANTPROOF_CACHE_DIR`, else `$XDG_CACHE_HOME/grantproof`.
    pub cache: PathBuf,
    /// What the person wrote. `GRANTPROOF_CONFIG_DIR`, else `$XDG_CONFIG_HOME/grantproof`.
    pub config: PathBuf,
}

impl Dirs {
    /// Reads the environment. [`Error::NoHome`] where there is neither a home directory nor the variable.
    pub fn find() -> Result<Self, Error> {
        Self::from_environment(|name| std::env::var_os(name))
    }

    fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let home = etcetera::choose_base_strategy().ok();
        let home = |folder: fn(&dyn BaseStrategy) -> PathBuf| {
            home.as_ref().map(|home| folder(home).join(APP))
        };
        let folder = |name: &'static str, home: Option<PathBuf>| match variable(name) {
            Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
            _ => home.ok_or(Error::NoHome { variable: name }),
        };
        Ok(Self {
            data: folder("GRANTPROOF_DATA_DIR", home(|home| home.data_dir()))?,
            state: folder(
                "GRANTPROOF_STATE_DIR",
                // Windows has no such folder.
                home(|home| home.state_dir().unwrap_or_else(|| home.data_dir())),
            )?,
            cache: folder("GRANTPROOF_CACHE_DIR", home(|home| home.cache_dir()))?,
            config: folder("GRANTPROOF_CONFIG_DIR", home(|home| home.config_dir()))?,
        })
    }

    /// The folder of the harness CA.
    pub fn ca(&self) -> PathBuf {
        self.data.join("ca")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_names_the_folder_itself() {
        let dirs = Dirs::from_environment(|name| Some(OsString::from(format!("/x/{name}"))));
        let dirs = dirs.expect("all four are given");
        assert_eq!(dirs.ca(), PathBuf::from("/x/GRANTPROOF_DATA_DIR/ca"));
        assert_eq!(dirs.state, PathBuf::from("/x/GRANTPROOF_STATE_DIR"));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let dirs = Dirs::from_environment(|_| Some(OsString::new())).expect("a home directory");
        assert!(dirs.config.ends_with(APP));
    }
}
