//! Edits: what is asked for, and no other line.

use std::fs;

use super::super::{Document, EditError, ElementId, Fragment};
use super::{files, samples};

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes().to_vec()).unwrap()
}

fn text(document: &Document) -> &str {
    std::str::from_utf8(document.octets()).unwrap()
}

fn find(document: &Document, path: &str) -> ElementId {
    document.tree().find(path).unwrap().0
}

/// The lines that only one of two texts has, in order: taken away, and put there.
fn difference<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let (before, after): (Vec<&str>, Vec<&str>) = (
        before.split_inclusive('\n').collect(),
        after.split_inclusive('\n').collect(),
    );
    let same = before
        .iter()
        .zip(&after)
        .take_while(|(one, other)| one == other);
    let head = same.count();
    let (before, after) = (&before[head..], &after[head..]);
    let same = before.iter().rev().zip(after.iter().rev());
    let tail = same.take_while(|(one, other)| one == other).count();
    (
        before[..before.len() - tail].to_vec(),
        after[..after.len() - tail].to_vec(),
    )
}

#[test]
fn each_edit_of_each_sample_touches_its_own_lines() {
    let mut edits = 0;
    for path in files(&samples()) {
        if path.extension().is_none_or(|ending| ending != "xml") {
            continue;
        }
        let before = fs::read_to_string(&path).unwrap();
        let document = parse(&before);
        for (id, element) in document.tree().children(document.tree().root()) {
            let line = before.lines().nth(element.place().line - 1).unwrap();
            assert!(
                line.trim_start()
                    .starts_with(&format!("<{}>", element.name()))
            );
            if element.has_children() {
                assert!(matches!(
                    document.set(id, "x"),
                    Err(EditError::HoldsElements { .. })
                ));
            } else {
                let after = document.set(id, "new <&> text").unwrap();
                let (gone, come) = difference(&before, text(&after));
                assert_eq!(gone.len(), element.text().lines().count().max(1));
                let name = element.name();
                assert_eq!(
                    come,
                    [format!("    <{name}>new &lt;&amp;&gt; text</{name}>\n")]
                );
                assert_eq!(document.set(id, element.text()).unwrap(), document);
            }
            let without = document.remove(id).unwrap();
            let (gone, come) = difference(&before, text(&without));
            assert!(!gone.is_empty() && come.is_empty(), "{gone:?} {come:?}");
            assert_eq!(
                without.tree().elements.len() + 1 + inside(&document, id),
                document.tree().elements.len()
            );
            edits += 2;
        }
        let inserted = document
            .insert(
                document.tree().root(),
                &Fragment::text("lastButNotLeast", "1"),
            )
            .unwrap();
        let (gone, come) = difference(&before, text(&inserted));
        assert_eq!(
            (gone, come),
            (vec![], vec!["    <lastButNotLeast>1</lastButNotLeast>\n"])
        );
        let back = inserted.remove(find(&inserted, "lastButNotLeast")).unwrap();
        assert_eq!(back, document);
    }
    assert!(edits > 2000, "{edits}");
}

fn inside(document: &Document, id: ElementId) -> usize {
    document
        .tree()
        .children(id)
        .map(|(child, _)| 1 + inside(document, child))
        .sum()
}

#[test]
fn a_text_is_set_where_it_stands() {
    let set = |before: &str, to: &str| {
        let document = parse(before);
        let after = document.set(find(&document, "b"), to).unwrap();
        text(&after).to_owned()
    };
    let root = |inner: &str| {
        format!(
            "<a xmlns='http://soap.sforce.com/2006/04/metadata' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>{inner}</a>"
        )
    };
    let cases = [
        ("<b/>", "<b>t</b>"),
        ("<b />", "<b>t</b>"),
        ("<b></b>", "<b>t</b>"),
        ("<b i:nil='true'/>", "<b>t</b>"),
        ("<b>\n  old\n</b>", "<b>\n  t\n</b>"),
        (
            "<b><!-- why -->old<!-- so --> er</b>",
            "<b><!-- why -->t<!-- so --> </b>",
        ),
        ("<b><!-- why --></b>", "<b>t<!-- why --></b>"),
        ("<b><![CDATA[old]]></b>", "<b>t</b>"),
        ("<b>o&amp;l&#100;</b>", "<b>t</b>"),
        ("<b >old</b >", "<b >t</b >"),
    ];
    for (before, after) in cases {
        assert_eq!(set(&root(before), "t"), root(after), "{before}");
    }
    assert_eq!(
        set(&root("<b>old</b>\r\n"), "one\ntwo"),
        root("<b>one\r\ntwo</b>\r\n")
    );
    assert_eq!(
        set(&root("<b>old</b>"), "one\r\ntwo\rthree"),
        root("<b>one\ntwo&#13;three</b>")
    );
    let prefixed = "<m:a xmlns:m='http://soap.sforce.com/2006/04/metadata'><m:b/></m:a>";
    assert_eq!(
        set(prefixed, "t"),
        prefixed.replace("<m:b/>", "<m:b>t</m:b>")
    );
}

#[test]
fn an_element_is_inserted_in_order_and_laid_out_like_its_neighbours() {
    let insert = |before: &str, at: &str, name: &str| {
        let document = parse(before);
        let parent = if at.is_empty() {
            document.tree().root()
        } else {
            find(&document, at)
        };
        let after = document.insert(parent, &Fragment::text(name, "1")).unwrap();
        text(&after).to_owned()
    };
    let root = "<r xmlns='http://soap.sforce.com/2006/04/metadata'>";
    let file =
        format!("{root}\n  <b>1</b> <!-- b -->\n  <!-- about d -->\n  <d>\n  </d>\n  <f/>\n</r>\n");
    assert_eq!(
        insert(&file, "", "a"),
        file.replace(root, &format!("{root}\n  <a>1</a>"))
    );
    assert_eq!(
        insert(&file, "", "c"),
        file.replace("<!-- b -->\n", "<!-- b -->\n  <c>1</c>\n")
    );
    assert_eq!(
        insert(&file, "", "z"),
        file.replace("<f/>\n", "<f/>\n  <z>1</z>\n")
    );
    assert_eq!(
        insert(&file, "d", "e"),
        file.replace("<d>\n  </d>", "<d>\n    <e>1</e>\n  </d>")
    );
    assert_eq!(
        insert(&file, "f", "e"),
        file.replace("<f/>", "<f>\n    <e>1</e>\n  </f>")
    );
    let windows = file.replace('\n', "\r\n").replace("  ", "\t");
    assert_eq!(
        insert(&windows, "f", "e"),
        windows.replace("<f/>", "<f>\r\n\t\t<e>1</e>\r\n\t</f>")
    );
    // All on one line stays on one line.
    let line = format!("{root}<b/><d/></r>");
    assert_eq!(insert(&line, "", "c"), line.replace("<d/>", "<c>1</c><d/>"));
    assert_eq!(insert(&line, "", "a"), line.replace("<b/>", "<a>1</a><b/>"));
    let empty = "<m:r xmlns:m='http://soap.sforce.com/2006/04/metadata'/>";
    assert_eq!(
        insert(empty.replace("/>", "></m:r>").as_str(), "", "e"),
        empty.replace("/>", ">\n    <m:e>1</m:e>\n</m:r>")
    );
}

#[test]
fn a_group_is_inserted_whole() {
    let document =
        parse("<r xmlns='http://soap.sforce.com/2006/04/metadata'>\n    <label>l</label>\n</r>\n");
    let range = Fragment::elements(
        "trustedIpRanges",
        vec![
            Fragment::text("endIpAddress", "203.0.113.15"),
            Fragment::text("startIpAddress", "203.0.113.0"),
        ],
    );
    let after = document.insert(document.tree().root(), &range).unwrap();
    let (gone, come) = difference(text(&document), text(&after));
    assert!(gone.is_empty());
    assert_eq!(
        come.concat(),
        "    <trustedIpRanges>\n        <endIpAddress>203.0.113.15</endIpAddress>\n        <startIpAddress>203.0.113.0</startIpAddress>\n    </trustedIpRanges>\n"
    );
}

#[test]
fn removing_takes_the_line_where_nothing_else_stands_on_it() {
    let remove = |before: &str| {
        let document = parse(before);
        let after = document.remove(find(&document, "b")).unwrap();
        text(&after).to_owned()
    };
    let root =
        |inner: &str| format!("<a xmlns='http://soap.sforce.com/2006/04/metadata'>{inner}</a>");
    let cases = [
        ("\n  <b>1</b>\n  <c/>\n", "\n  <c/>\n"),
        ("\r\n\t<b>\r\n1</b>\r\n\t<c/>\r\n", "\r\n\t<c/>\r\n"),
        ("\n  <b>1</b> <!-- kept -->\n", "\n   <!-- kept -->\n"),
        ("\n  <c/><b>1</b>\n", "\n  <c/>\n"),
        ("<b/>", ""),
    ];
    for (before, after) in cases {
        assert_eq!(remove(&root(before)), root(after), "{before:?}");
    }
}

#[test]
fn an_edit_that_would_break_the_file_is_refused() {
    let document =
        parse("<a xmlns='http://soap.sforce.com/2006/04/metadata'><b>t</b><c><d/></c></a>");
    let root = document.tree().root();
    let b = find(&document, "b");
    assert_eq!(document.set(b, "a\u{1}").unwrap_err(), EditError::Character);
    assert_eq!(document.remove(root).unwrap_err(), EditError::Root);
    for name in ["", "1a", "a b", "a>", "a:b", "../a"] {
        let refused = document
            .insert(root, &Fragment::text(name, "1"))
            .unwrap_err();
        assert_eq!(refused, EditError::Name, "{name}");
    }
    let inner = Fragment::elements("e", vec![Fragment::text("f", "\u{0}")]);
    assert_eq!(
        document.insert(root, &inner).unwrap_err(),
        EditError::Character
    );
    let text = document.insert(b, &Fragment::text("e", "1")).unwrap_err();
    assert_eq!(text, EditError::HoldsText { name: "b".into() });
    assert_eq!(
        document.remove(ElementId(99)).unwrap_err(),
        EditError::NoElement
    );
    let long = "x".repeat(5 * 1024 * 1024);
    assert!(matches!(document.set(b, &long), Err(EditError::Broken(_))));
}

#[test]
fn a_secret_can_be_taken_out() {
    let document = parse("<a>\n  <consumerSecret>Sesame</consumerSecret>\n</a>\n");
    let secret = document
        .tree()
        .children(document.tree().root())
        .next()
        .unwrap()
        .0;
    assert_eq!(text(&document.remove(secret).unwrap()), "<a>\n</a>\n");
    assert_eq!(
        text(&document.set(secret, "").unwrap()),
        "<a>\n  <consumerSecret></consumerSecret>\n</a>\n"
    );
    assert!(document.insert(secret, &Fragment::text("x", "1")).is_err());
}
