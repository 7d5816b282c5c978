//! Which reader an input goes to, and that none of them fails on what it was not made for.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::evidence::{
    InputError, Kind, LIMIT, detect, from_case, from_flags, from_har, from_login_history,
    from_text, from_text_all, read, sheet_of_text,
};

const CASE: &str = "flow = \"jwt_bearer\"\n[observed]\nerror = \"invalid_grant\"\n";
const HAR: &str = "{ \"log\" : {\"version\": \"1.2\", \"entries\": [{\"request\": {\"method\": \"POST\", \"url\": \"https://login.salesforce.com/services/oauth2/token\"}, \"response\": {\"status\": 400}}]}}";
const HISTORY: &str = "Username,Login Time,Status\nana,2026-03-01T09:00:00Z,Restricted IP\n";
const BODY: &str = "{\"error\":\"invalid_grant\",\"error_description\":\"ip restricted\"}";

#[test]
fn an_input_goes_to_its_reader() {
    for (name, text, kind, reports) in [
        ("a.toml", CASE, Kind::Case, 1),
        ("-", CASE, Kind::Case, 1),
        ("a.har", HAR, Kind::Har, 1),
        ("-", HAR, Kind::Har, 1),
        ("a.csv", HISTORY, Kind::LoginHistory, 1),
        ("-", HISTORY, Kind::LoginHistory, 1),
        ("-", BODY, Kind::Answer, 1),
        (
            "-",
            "HTTP/1.1 400 Bad Request\nx: y\n\n{\"error\":\"invalid_grant\"}",
            Kind::Answer,
            1,
        ),
        (
            "-",
            "https://localhost/cb?error=access_denied&state=1",
            Kind::Answer,
            1,
        ),
        ("a.log", "09:00 invalid_grant: ip restricted", Kind::Text, 1),
        (
            "-",
            "{\"status\":1,\"name\":\"JwtGrantError\",\"message\":\"audience is invalid\"}",
            Kind::Text,
            1,
        ),
        ("notes.txt", "nothing of use", Kind::Text, 1),
    ] {
        assert_eq!(detect(name, text.as_bytes()), kind, "{name}: {text}");
        assert_eq!(
            read(name, text.as_bytes()).unwrap().len(),
            reports,
            "{name}: {text}"
        );
    }
}

#[test]
fn a_text_is_one_report_with_its_facts() {
    let log = "POST https://test.salesforce.com/services/oauth2/token grant_type=password\n400 Bad Request\n{\"error\":\"invalid_grant\",\"error_description\":\"authentication failure\"}\n";
    let [report] = read("app.log", log.as_bytes()).unwrap().try_into().unwrap();
    assert_eq!(
        (report.input.as_str(), report.observations.len()),
        ("app.log", 1)
    );
    let fact = |key: &str| {
        report
            .sheet
            .get(key)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    for (key, value) in [
        ("flow", "username_password"),
        ("error", "invalid_grant"),
        ("error_description", "authentication failure"),
        ("http_status", "400"),
        ("login_host", "test"),
        ("channel", "token_endpoint"),
        ("facts.token_issued", ""),
    ] {
        assert_eq!(fact(key), value, "{key}");
    }
}

#[test]
fn what_powershell_writes_is_read() {
    let units: Vec<u8> = "\u{feff}invalid_grant: ip restricted"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let [report] = read("out.txt", &units).unwrap().try_into().unwrap();
    assert_eq!(
        report.observations[0].summary(),
        "an answer: invalid_grant \"ip restricted\""
    );
    let latin = b"Zugang f\xfcr ana: invalid_grant: inactive user";
    assert_eq!(read("out.txt", latin).unwrap()[0].observations.len(), 1);
}

#[test]
fn what_is_no_text_or_too_much_is_told() {
    for bytes in [
        &b"\x1f\x8b\x08\x00"[..],
        b"PK\x03\x04xx",
        b"\x89PNG\r\n",
        b"a\0b",
        b"\x01\x02\x03\x04",
    ] {
        assert_eq!(detect("x", bytes), Kind::Binary, "{bytes:?}");
        assert!(
            matches!(read("x", bytes), Err(InputError::Binary { .. })),
            "{bytes:?}"
        );
    }
    assert!(matches!(read("x", b" \n"), Err(InputError::Empty { .. })));
    assert!(matches!(
        read("x", &vec![b'a'; LIMIT + 1]),
        Err(InputError::TooLong { .. })
    ));
    let report = miette::Report::new(read("x.gz", b"\x1f\x8b\x08\x00").unwrap_err());
    assert!(format!("{report:?}").contains("gunzip"));
}

/// Every reader on one text. None may panic; what they say of it is their own business.
fn all(text: &str) {
    let _ = from_case("x", text);
    let _ = from_har("x", text);
    let _ = from_login_history("x", text);
    let _ = from_text(text);
    let _ = from_text_all(text);
    let _ = sheet_of_text(text);
    let _ = from_flags(
        Some(text),
        Some(text),
        Some(text),
        &[(text.to_owned(), text.to_owned())],
    );
    let _ = read("x", text.as_bytes());
}

/// Texts that make a careless reader go over the same octets again and again. Where the time grows with the square of the length, the bound
/// is passed many times over; an unoptimised reader that is linear needs a second.
#[test]
fn hostile_texts_take_bounded_time() {
    const OCTETS: usize = 25_000;
    const AT_MOST: Duration = Duration::from_secs(20);
    for piece in [
        "{\"a\":",
        "[",
        "{\"error\":\"",
        "error=",
        "error=x&",
        "?error=a_b&error_description=",
        "\"error\": \"invalid_grant\" ",
        "invalid_grant ",
        "ip restricted ",
        "invalid_grant: ip restricted\n",
        "grant_type=",
        "grant_type=password&",
        "https://login.salesforce.com/services/oauth2/authorize?",
        "/services/oauth2/authorize",
        "aud:",
        "aud: [",
        "\\",
        "\\u00",
        "&amp;",
        "\u{1b}[",
        "400 ",
        "HTTP/1.1 400\n",
        "Failed: ",
        "error: ,",
        "error: a, b",
        "<faultcode>",
        "<faultcode",
        "user hasn't ",
        "LOGIN_A: b c ",
        "é",
        "\n",
        "\"\n,",
        "Error (",
        "name: ",
        "errorCode message ",
        "errorCode: INVALID_X message: y z ",
        "[a]\nx = ",
        "a.b.",
        "\"",
        "x=[",
    ] {
        let text = piece.repeat(OCTETS / piece.len());
        let begun = Instant::now();
        all(&text);
        assert!(
            begun.elapsed() < AT_MOST,
            "{piece:?} takes {:?}",
            begun.elapsed()
        );
    }
    let line = r#"{"at":1,"body":"{\"error\":\"invalid_grant\",\"error_description\":\"ip restricted\"}"}"#;
    assert_eq!(from_text_all(&format!("{line}\n").repeat(2_000)).len(), 1);
}

/// Pieces of real inputs, shuffled: nearer to the readers' forms than any octets.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"error\"",
        ":",
        "=",
        "=>",
        "&",
        "?",
        "#",
        ",",
        "\"",
        "'",
        "\\\"",
        "\\u0027",
        "&quot;",
        "\u{1b}[31m",
        "\n",
        " ",
        "error=",
        "error_description=",
        "errorCode",
        "message",
        "invalid_grant",
        "::",
        ": ",
        "user hasn't approved this consumer",
        "ip restricted",
        "400",
        "HTTP/1.1 ",
        "https://login.salesforce.com/services/oauth2/authorize?",
        "grant_type=",
        "aud",
        "code_challenge=",
        "assertion=a.b.c",
        "<faultcode>",
        "</faultcode>",
        "Failed: ",
        "Not approved for access",
        "[observed]",
        "flow = ",
        "Username,Login Time,Status",
        "é",
        "日本",
        "\u{0}",
        "%",
        "%2",
        "..",
        "log",
        "entries",
        "{\"log\":{\"entries\":[",
        "{\"request\":{\"url\":\"https://a.my.salesforce.com/services/oauth2/token\",\"method\":\"POST\"},\"response\":{\"status\":400}}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn no_reader_panics_on_any_text(text in any::<String>()) {
        all(&text);
    }

    #[test]
    fn no_reader_panics_on_pieces_of_its_own(text in pieces()) {
        all(&text);
    }

    #[test]
    fn no_reader_panics_on_any_octets(bytes in prop::collection::vec(any::<u8>(), 0..600), name in "[a-z]{0,3}\\.(toml|har|csv|log)") {
        detect(&name, &bytes);
        let _ = read(&name, &bytes);
    }

    #[test]
    fn no_reader_panics_on_a_file_cut_anywhere(at in 0usize..400) {
        for text in [CASE, HAR, HISTORY, BODY] {
            let mut end = at.min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            all(&text[..end]);
        }
    }
}
