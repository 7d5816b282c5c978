//! A metadata file without loss: its octets, and its elements with their places in them.

use std::fmt;

use super::broken::Broken;
use super::element::Tree;
use super::parse::parse;

/// A metadata file. What was not edited is written back octet for octet: comments, order, white space, line ends, unknown elements.
///
/// `Debug` shows the tree alone, since the octets may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    pub(super) octets: Vec<u8>,
    pub(super) tree: Tree,
}

impl Document {
    /// Reads the octets of a file. Any root element will do; `Err` has the place where the file is not well-formed XML 1.0 in UTF-8, where it
    /// has a document type or an entity of its own, or where it goes beyond a bound (5 MiB, 64 elements inside each other).
    pub fn parse(octets: Vec<u8>) -> Result<Self, Broken> {
        let tree = parse(&octets)?;
        Ok(Self { octets, tree })
    }

    /// The elements.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What to write to the file. If the file held a secret, so does this.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("octets", &self.octets.len())
            .field("tree", &self.tree)
            .finish()
    }
}
