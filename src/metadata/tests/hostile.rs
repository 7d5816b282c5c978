//! Whatever the octets, the answer is a document or a place where it breaks; and an edit of a document is a document.

use std::fs;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::{Document, Fragment};
use super::{files, samples};

/// Pieces of which broken files are made.
const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "</",
    "/>",
    "<a>",
    "</a>",
    "<a",
    "<?xml version='1.0'?>",
    "<?",
    "?>",
    "<!--",
    "-->",
    "--",
    "<!",
    "<!DOCTYPE a",
    "[",
    "]",
    "<![CDATA[",
    "]]>",
    "&",
    ";",
    "&amp;",
    "&#x1;",
    "&#65;",
    "&#xD800;",
    "&#99999999999;",
    "=",
    "'",
    "\"",
    " ",
    "\n",
    "\r\n",
    "x",
    "ä",
    "\u{feff}",
    "xmlns",
    "xmlns:b='u'",
    "b:",
    ":",
    "xsi:nil='true'",
    "<consumerSecret>",
    "</consumerSecret>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_octets_make_the_reader_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(broken) = Document::parse(octets) {
            prop_assert!(broken.place.line > 0 && broken.place.column > 0);
        }
    }

    #[test]
    fn no_pieces_make_the_reader_panic(pieces in proptest::collection::vec(select(PIECES), 0..40)) {
        let text: String = pieces.concat();
        match Document::parse(text.clone().into_bytes()) {
            Ok(document) => prop_assert_eq!(document.octets(), text.as_bytes()),
            Err(broken) => prop_assert!(broken.place.line <= text.lines().count().max(1) + 1),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_sample_with_a_wound_is_read_or_refused(file in any::<Index>(), at in any::<Index>(), piece in select(PIECES), cut in 0usize..20) {
        let files = files(&samples());
        let mut octets = fs::read(file.get(&files)).unwrap();
        let at = at.index(octets.len());
        let end = (at + cut).min(octets.len());
        octets.splice(at..end, piece.bytes());
        if let Ok(document) = Document::parse(octets.clone()) {
            prop_assert_eq!(document.octets(), octets);
        }
    }

    #[test]
    fn what_is_set_is_read(text in "\\PC{0,40}", at in any::<Index>()) {
        let path = samples().join("force-app/main/default/connectedApps/Harness_Legacy.connectedApp-meta.xml");
        let document = Document::parse(fs::read(path).unwrap()).unwrap();
        let id = super::super::ElementId(at.index(document.tree().elements.len()));
        if document.tree().element(id).is_some_and(|element| !element.has_children()) {
            let Ok(after) = document.set(id, &text) else {
                return Ok(());
            };
            let element = after.tree().element(id).unwrap();
            prop_assert!(element.secret().is_some() || element.text() == text.trim());
        } else {
            let inserted = document.insert(id, &Fragment::text("zz", text.clone())).unwrap();
            let (new, element) = inserted
                .tree()
                .children(id)
                .find(|(_, child)| child.name() == "zz")
                .unwrap();
            prop_assert_eq!(element.text(), text.trim());
            prop_assert_eq!(inserted.remove(new).unwrap(), document);
        }
    }
}
