//! Documents: nothing is lost, and what is broken is said with its place.

use std::fs;

use super::super::{Document, Place, Reason, Secret};
use super::{files, samples};

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes().to_vec()).unwrap()
}

/// Reason, line and column of a broken text.
fn broken(text: impl Into<Vec<u8>>) -> (Reason, usize, usize) {
    let broken = Document::parse(text.into()).unwrap_err();
    (broken.reason, broken.place.line, broken.place.column)
}

#[test]
fn every_sample_comes_back_octet_for_octet() {
    let mut seen = 0;
    for path in files(&samples()) {
        if path
            .extension()
            .is_some_and(|ending| ending == "csv" || ending == "md" || ending == "json")
        {
            continue;
        }
        let octets = fs::read(&path).unwrap();
        let document = Document::parse(octets.clone()).unwrap();
        assert_eq!(document.octets(), octets, "{}", path.display());
        seen += 1;
    }
    assert!(seen > 190, "{seen}");
}

#[test]
fn elements_have_their_places_and_texts() {
    let document = parse(
        "\u{feff}<?xml version='1.0'?>\r\n<A xmlns=\"http://soap.sforce.com/2006/04/metadata\">\r\n\t<größe>ä</größe><b> x &amp; &#x79;\r\nz </b>\r\n\t<c><![CDATA[<&>]]><!-- no --> d</c><e/>\r\n</A>\r\n",
    );
    let tree = document.tree();
    let root = tree.root_element();
    assert_eq!(root.name(), "A");
    assert!(root.is_metadata());
    assert_eq!(root.place(), Place { line: 2, column: 1 });
    let found: Vec<(&str, &str, usize, usize)> = tree
        .children(tree.root())
        .map(|(_, child)| {
            let place = child.place();
            (child.name(), child.text(), place.line, place.column)
        })
        .collect();
    assert_eq!(
        found,
        [
            ("größe", "ä", 3, 2),
            ("b", "x & y\nz", 3, 18),
            ("c", "<&> d", 5, 2),
            ("e", "", 5, 37),
        ]
    );
}

#[test]
fn prefixes_and_namespaces_are_told_apart() {
    let document = parse(
        "<m:A xmlns:m=\"http://soap.sforce.com/2006/04/metadata\" xmlns:o='urn:o' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\
         <m:b>1</m:b><o:b>2</o:b><b>3</b><m:c xsi:nil='true'/></m:A>",
    );
    let tree = document.tree();
    assert!(tree.root_element().is_metadata());
    let found = tree.find_all("b");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.text(), "1");
    assert!(tree.find("c").unwrap().1.is_nil());
    assert!(tree.find("c.d").is_none());
}

#[test]
fn what_is_broken_is_said_with_its_place() {
    let cases: &[(&str, Reason, usize, usize)] = &[
        ("", Reason::Empty, 1, 1),
        ("  \n <!-- nothing -->\n", Reason::Empty, 3, 1),
        (
            "<a>\n<b>\n</c>\n</a>",
            Reason::EndTag { open: "b".into() },
            3,
            1,
        ),
        ("<a>\n<b>\n", Reason::NotEnded { open: "b".into() }, 3, 1),
        ("<a>\n  <b", Reason::NotClosed, 2, 3),
        ("<a>\n<!-- x", Reason::NotClosed, 2, 1),
        ("<a/>\n</a>", Reason::EndTagAlone, 2, 1),
        ("<a/>\n<b/>", Reason::SecondRoot, 2, 1),
        ("<a/>\nx", Reason::TextOutside, 1, 5),
        ("x<a/>", Reason::TextOutside, 1, 1),
        ("<a>R & D</a>", Reason::Ampersand, 1, 6),
        ("<a>\n&nbsp;</a>", Reason::Entity, 2, 1),
        ("<a>&#0;</a>", Reason::Character, 1, 4),
        ("<a>\u{1}</a>", Reason::Character, 1, 4),
        ("<a b='1' b='2'/>", Reason::Attribute, 1, 1),
        ("<a b/>", Reason::Attribute, 1, 1),
        ("<a><o:b/></a>", Reason::Namespace, 1, 4),
        ("<a>< b/></a>", Reason::Name, 1, 4),
        ("<a/><?xml version='1.0'?>", Reason::Declaration, 1, 5),
        ("<?xml encoding='UTF-8'?><a/>", Reason::Declaration, 1, 1),
        (
            "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
            Reason::Encoding,
            1,
            1,
        ),
    ];
    for (text, reason, line, column) in cases {
        assert_eq!(broken(*text), (reason.clone(), *line, *column), "{text:?}");
        assert!(!reason.help().is_empty());
    }
    assert_eq!(broken(b"<a>\n \xff</a>"), (Reason::NotUtf8, 2, 2));
    assert_eq!(
        broken(b"\xff\xfe<\0a\0/\0>\0".as_slice()),
        (Reason::NotUtf8, 1, 1)
    );
}

#[test]
fn no_document_type_and_no_entity_is_ever_resolved() {
    let file = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
    assert_eq!(broken(file), (Reason::DocumentType, 1, 1));
    let external = "<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'>\n<a/>";
    assert_eq!(broken(external), (Reason::DocumentType, 2, 1));
    let laughs = "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'>\n<!ENTITY b '&a;&a;&a;&a;'>\n<!ENTITY c '&b;&b;&b;&b;'>]><l>&c;</l>";
    assert_eq!(broken(laughs), (Reason::DocumentType, 1, 22));
    assert_eq!(broken("<a b='&x;'>&x;</a>").0, Reason::Entity);
}

#[test]
fn bounds_hold() {
    let deep = format!("{}{}", "<a>".repeat(64), "</a>".repeat(64));
    assert!(Document::parse(deep.into_bytes()).is_ok());
    let deeper = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
    assert_eq!(broken(deeper).0, Reason::TooDeep { limit: 64 });
    let many = format!("<a>{}</a>", "<b/>".repeat(250_000));
    assert_eq!(broken(many).0, Reason::TooMany { limit: 250_000 });
    let attributes: Vec<String> = (0..17).map(|n| format!("a{n}=''")).collect();
    let tag = |attributes: &[String]| format!("<a {}/>", attributes.join(" "));
    assert_eq!(broken(tag(&attributes)).0, Reason::Attribute);
    assert!(Document::parse(tag(&attributes[1..]).into_bytes()).is_ok());

    let limit = 5 * 1024 * 1024;
    let longest = format!("<a>{}</a>", "x".repeat(limit - 7));
    let document = Document::parse(longest.clone().into_bytes()).unwrap();
    assert_eq!(document.octets(), longest.as_bytes());
    assert_eq!(broken(format!("{longest}\n")).0, Reason::TooLong { limit });
}

#[test]
fn a_secret_is_in_the_octets_alone() {
    let text = "<a xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
        <consumerSecret>Sesame1</consumerSecret><consumerSecret><x>Sesame2</x></consumerSecret>\
        <clientSecret>Sesame3</clientSecret><isConsumerSecretOptional>true</isConsumerSecretOptional>\
        <certificate>-----BEGIN PRIVATE KEY-----\nSesame4\n-----END PRIVATE KEY-----</certificate>\
        <o><consumerSecret><![CDATA[Sesame5]]></consumerSecret></o><!-- Sesame6 --></a>";
    let document = parse(text);
    assert_eq!(document.octets(), text.as_bytes());
    let debug = format!("{document:?} {:#?}", document.tree());
    assert!(!debug.contains("Sesame"), "{debug}");
    let secrets: Vec<Secret> = document
        .tree()
        .elements
        .iter()
        .filter_map(super::super::Element::secret)
        .collect();
    assert_eq!(secrets.len(), 5);
    assert_eq!(
        secrets
            .iter()
            .filter(|one| **one == Secret::PrivateKey)
            .count(),
        1
    );
    let optional = document.tree().find("isConsumerSecretOptional").unwrap().1;
    assert_eq!((optional.text(), optional.secret()), ("true", None));
}
