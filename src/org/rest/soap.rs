//! The SOAP calls that clients still make: `login`, `logout`, `getUserInfo` of the partner and the enterprise API. Envelopes are read by local
//! names, whatever the prefixes; document types are refused and no entity but the five of XML is resolved. The server decides on the
//! credentials; here are the types and the bytes.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::{escape, partial_escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};

use super::RestAnswer;
use crate::secret::Secret;

/// Longest envelope that is read, in octets.
const LARGEST: usize = 64 * 1024;
/// Elements inside each other.
const DEEPEST: usize = 16;

/// Which of the two APIs; their namespaces differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoapApi {
    /// `/services/Soap/u/…`.
    Partner,
    /// `/services/Soap/c/…`.
    Enterprise,
}

impl SoapApi {
    const fn namespace(self) -> &'static str {
        match self {
            Self::Partner => "urn:partner.soap.sforce.com",
            Self::Enterprise => "urn:enterprise.soap.sforce.com",
        }
    }

    const fn fault_namespace(self) -> &'static str {
        match self {
            Self::Partner => "urn:fault.partner.soap.sforce.com",
            Self::Enterprise => "urn:fault.enterprise.soap.sforce.com",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Partner => 'u',
            Self::Enterprise => 'c',
        }
    }
}

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapEndpoint {
    /// Which API.
    pub api: SoapApi,
    /// The version, such as `59.0`.
    pub version: String,
}

impl SoapEndpoint {
    /// Reads `/services/Soap/u/59.0`, with the org id that `serverUrl` carries or without; `None` for any other path.
    pub fn of(path: &str) -> Option<Self> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        if (parts.next(), parts.next()) != (Some("services"), Some("Soap")) {
            return None;
        }
        let api = match parts.next()? {
            "u" => SoapApi::Partner,
            "c" => SoapApi::Enterprise,
            _ => return None,
        };
        let version = parts.next()?;
        let (major, minor) = version.split_once('.')?;
        let digits = |text: &str| {
            (1..=3).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit())
        };
        (digits(major) && digits(minor)).then(|| Self {
            api,
            version: version.to_owned(),
        })
    }
}

/// A call.
#[derive(Debug, Clone)]
pub enum SoapCall {
    /// `login`.
    Login {
        /// The username.
        username: String,
        /// The password with the security token behind it, where one was sent: only the server can tell where it begins.
        password: Secret,
        /// `LoginScopeHeader.organizationId`.
        organization: Option<String>,
        /// `CallOptions.client`.
        client: Option<String>,
    },
    /// `logout` of the session of `SessionHeader`.
    Logout {
        /// Its id, which is an access token.
        session: Secret,
    },
    /// `getUserInfo` for the session of `SessionHeader`.
    UserInfo {
        /// Its id.
        session: Secret,
    },
}

/// Who logged in, for `loginResponse` and `getUserInfoResponse`.
#[derive(Debug, Clone)]
pub struct SoapUser<'a> {
    /// 18 characters.
    pub user_id: &'a str,
    /// 18 characters.
    pub organization_id: &'a str,
    /// Name of the org.
    pub organization_name: &'a str,
    /// Username.
    pub username: &'a str,
    /// Full name.
    pub full_name: &'a str,
    /// Address.
    pub email: &'a str,
    /// Profile.
    pub profile_id: &'a str,
    /// `Standard`, …
    pub user_type: &'a str,
    /// Session timeout in seconds.
    pub session_seconds: i64,
}

/// What a login gives.
#[derive(Debug, Clone)]
pub struct SoapSession<'a> {
    /// `sessionId`.
    pub id: &'a Secret,
    /// Base URL of the org's My Domain host, without a trailing slash.
    pub instance_url: &'a str,
    /// Whether the org is a sandbox.
    pub sandbox: bool,
    /// Whether the password expired: the session can then do no more than set a new one, and jsforce stops.
    pub password_expired: bool,
}

/// Faults. The sentences of the first three are well known; standing: reported. Those of the last two are ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoapFault {
    /// Wrong username, password or token, or a locked user.
    InvalidLogin,
    /// From an address that is not trusted, and without the security token.
    MustUseSecurityToken,
    /// The session is unknown or ended.
    InvalidSession,
    /// The user may not use the API.
    ApiDisabled,
    /// The login was refused by the org's addresses or hours.
    Restricted,
    /// The envelope cannot be read.
    Malformed,
    /// An operation that the simulated org does not answer.
    Unsupported,
}

impl SoapFault {
    /// `sf:exceptionCode`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidLogin => "INVALID_LOGIN",
            Self::MustUseSecurityToken => "LOGIN_MUST_USE_SECURITY_TOKEN",
            Self::InvalidSession => "INVALID_SESSION_ID",
            Self::ApiDisabled => "API_CURRENTLY_DISABLED",
            Self::Restricted => "LOGIN_DURING_RESTRICTED_DOMAIN",
            Self::Malformed => "UNKNOWN_EXCEPTION",
            Self::Unsupported => "INVALID_OPERATION",
        }
    }

    /// `sf:exceptionMessage`.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidLogin => "Invalid username, password, security token; or user locked out.",
            Self::MustUseSecurityToken => {
                "Invalid username, password, security token; or user locked out. Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from outside of your company's trusted networks, you must add a security token to your password to log in."
            }
            Self::InvalidSession => {
                "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash"
            }
            Self::ApiDisabled => "API is disabled for this User",
            Self::Restricted => "Can't login from restricted IP address",
            Self::Malformed => "The envelope cannot be read",
            Self::Unsupported => "The simulated org answers login, logout and getUserInfo",
        }
    }
}

/// Reads an envelope. `Err` is the fault to answer with.
pub fn parse(body: &[u8]) -> Result<SoapCall, SoapFault> {
    let fields = fields(body).ok_or(SoapFault::Malformed)?;
    let find = |path: &[&str]| {
        fields
            .iter()
            .find(|(names, _)| names.iter().map(String::as_str).eq(path.iter().copied()))
            .map(|(_, text)| text.clone())
    };
    let operation = fields
        .iter()
        .find_map(|(names, _)| match names.as_slice() {
            [envelope, body, operation, ..] if envelope == "Envelope" && body == "Body" => {
                Some(operation.clone())
            }
            _ => None,
        })
        .ok_or(SoapFault::Malformed)?;
    let session = || {
        find(&["Envelope", "Header", "SessionHeader", "sessionId"])
            .map(|id| id.trim().to_owned())
            .filter(|id| !id.is_empty())
            .map(Secret::new)
            .ok_or(SoapFault::InvalidSession)
    };
    match operation.as_str() {
        "login" => Ok(SoapCall::Login {
            username: find(&["Envelope", "Body", "login", "username"])
                .map(|name| name.trim().to_owned())
                .ok_or(SoapFault::InvalidLogin)?,
            password: find(&["Envelope", "Body", "login", "password"])
                .map(Secret::new)
                .ok_or(SoapFault::InvalidLogin)?,
            organization: find(&["Envelope", "Header", "LoginScopeHeader", "organizationId"]),
            client: find(&["Envelope", "Header", "CallOptions", "client"]),
        }),
        "logout" => Ok(SoapCall::Logout {
            session: session()?,
        }),
        "getUserInfo" => Ok(SoapCall::UserInfo {
            session: session()?,
        }),
        _ => Err(SoapFault::Unsupported),
    }
}

/// The answer to a login that passed: jsforce reads `serverUrl`, `sessionId`, `userId`, `organizationId`, simple-salesforce the first two.
pub fn login_response(
    endpoint: &SoapEndpoint,
    session: &SoapSession<'_>,
    user: &SoapUser<'_>,
) -> RestAnswer {
    let org = user.organization_id.get(..15).unwrap_or_default();
    let url = |letter: char| {
        let text = format!(
            "{}/services/Soap/{letter}/{}/{org}",
            session.instance_url, endpoint.version
        );
        escape(text).into_owned()
    };
    let result = format!(
        "<metadataServerUrl>{metadata}</metadataServerUrl><passwordExpired>{expired}</passwordExpired><sandbox>{sandbox}</sandbox><serverUrl>{server}</serverUrl><sessionId>{id}</sessionId><userId>{user_id}</userId><userInfo>{info}</userInfo>",
        metadata = url('m'),
        expired = session.password_expired,
        sandbox = session.sandbox,
        server = url(endpoint.api.letter()),
        id = escape(session.id.expose()),
        user_id = escape(user.user_id),
        info = user_info(user),
    );
    success(
        endpoint.api,
        &format!("<loginResponse><result>{result}</result></loginResponse>"),
    )
}

/// The answer to `logout`.
pub fn logout_response(endpoint: &SoapEndpoint) -> RestAnswer {
    success(endpoint.api, "<logoutResponse/>")
}

/// The answer to `getUserInfo`.
pub fn user_info_response(endpoint: &SoapEndpoint, user: &SoapUser<'_>) -> RestAnswer {
    success(
        endpoint.api,
        &format!(
            "<getUserInfoResponse><result>{}</result></getUserInfoResponse>",
            user_info(user)
        ),
    )
}

/// A fault: status 500, code and sentence in `faultcode`, `faultstring` and in the detail that simple-salesforce reads.
pub fn fault_response(endpoint: &SoapEndpoint, fault: SoapFault) -> RestAnswer {
    let (code, message) = (fault.code(), partial_escape(fault.message()));
    let detail = match fault {
        SoapFault::InvalidLogin | SoapFault::MustUseSecurityToken | SoapFault::Restricted => {
            "LoginFault"
        }
        _ => "UnexpectedErrorFault",
    };
    let namespace = endpoint.api.fault_namespace();
    RestAnswer {
        status: 500,
        content_type: XML,
        headers: Vec::new(),
        body: format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail><sf:{detail} xsi:type="sf:{detail}"><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{detail}></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"#
        ),
    }
}

const XML: &str = "text/xml; charset=utf-8";

fn success(api: SoapApi, body: &str) -> RestAnswer {
    RestAnswer {
        status: 200,
        content_type: XML,
        headers: Vec::new(),
        body: format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"#,
            api.namespace()
        ),
    }
}

/// `GetUserInfoResult`, in the order of its schema.
fn user_info(user: &SoapUser<'_>) -> String {
    let mut text = String::new();
    let seconds = user.session_seconds.to_string();
    for (name, value) in [
        ("accessibilityMode", "false"),
        ("currencySymbol", "$"),
        ("orgAttachmentFileSizeLimit", "5242880"),
        ("orgDefaultCurrencyIsoCode", "USD"),
        ("orgDisallowHtmlAttachments", "false"),
        ("orgHasPersonAccounts", "false"),
        ("organizationId", user.organization_id),
        ("organizationMultiCurrency", "false"),
        ("organizationName", user.organization_name),
        ("profileId", user.profile_id),
        ("roleId", ""),
        ("sessionSecondsValid", &seconds),
        ("userDefaultCurrencyIsoCode", ""),
        ("userEmail", user.email),
        ("userFullName", user.full_name),
        ("userId", user.user_id),
        ("userLanguage", "en_US"),
        ("userLocale", "en_US"),
        ("userName", user.username),
        ("userTimeZone", "GMT"),
        ("userType", user.user_type),
        ("userUiSkin", "Theme3"),
    ] {
        let nil = matches!(name, "roleId" | "userDefaultCurrencyIsoCode");
        // Writing to a text cannot fail.
        let _ = if nil {
            write!(text, r#"<{name} xsi:nil="true"/>"#)
        } else {
            write!(text, "<{name}>{}</{name}>", escape(value))
        };
    }
    text
}

/// Every element without children: the local names that lead to it, and its text. `None` for what is no envelope.
fn fields(body: &[u8]) -> Option<Vec<(Vec<String>, String)>> {
    if body.len() > LARGEST {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut value = String::new();
    // Whether the last tag opened: then the element that closes next has no children.
    let mut leaf = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if open.len() == DEEPEST {
                    return None;
                }
                open.push(tag.local_name().into_inner().to_owned());
                value.clear();
                leaf = true;
            }
            Event::Empty(tag) => {
                let mut path = open.clone();
                path.push(tag.local_name().into_inner().to_owned());
                found.push((path, String::new()));
                leaf = false;
            }
            Event::End(_) => {
                if leaf {
                    found.push((open.clone(), std::mem::take(&mut value)));
                }
                leaf = false;
                open.pop()?;
            }
            Event::Text(text) => value.push_str(&text.xml10_content()),
            Event::CData(text) => value.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => push_reference(&mut value, &reference)?,
            // A document type can name external entities: no client sends one.
            Event::DocType(_) => return None,
            Event::Eof => return open.is_empty().then_some(found),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
}

/// `&amp;` and the like, and `&#64;`; any other entity makes the envelope unreadable.
fn push_reference(into: &mut String, reference: &BytesRef<'_>) -> Option<()> {
    match reference.resolve_char_ref().ok()? {
        Some(letter) => into.push(letter),
        None => into.push_str(resolve_predefined_entity(reference)?),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // The envelopes of jsforce 3.10.16 and of simple-salesforce 1.12.10, as their sources build them.
    const JSFORCE: &str = r#"<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body><login xmlns="urn:partner.soap.sforce.com"><username>ana@acme.test</username><password>p&amp;&#x61;ss&lt;TOKEN</password></login></se:Body></se:Envelope>"#;
    const JSFORCE_LOGOUT: &str = r#"<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header><SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>00Dx!AQ</sessionId></SessionHeader></se:Header><se:Body><logout xmlns="urn:partner.soap.sforce.com"/></se:Body></se:Envelope>"#;
    const SIMPLE: &str = r#"<?xml version="1.0" encoding="utf-8" ?>
<env:Envelope
        xmlns:xsd="http://www.w3.org/2001/XMLSchema"
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"
        xmlns:urn="urn:partner.soap.sforce.com">
    <env:Header>
        <urn:CallOptions>
            <urn:client>simple-salesforce</urn:client>
            <urn:defaultNamespace>sf</urn:defaultNamespace>
        </urn:CallOptions>
    </env:Header>
    <env:Body>
        <n1:login xmlns:n1="urn:partner.soap.sforce.com">
            <n1:username>ana@acme.test</n1:username>
            <n1:password>passTOKEN</n1:password>
        </n1:login>
    </env:Body>
</env:Envelope>"#;

    fn endpoint() -> SoapEndpoint {
        SoapEndpoint::of("/services/Soap/u/59.0").expect("an endpoint")
    }

    fn user() -> SoapUser<'static> {
        SoapUser {
            user_id: "005Si0000000001IAA",
            organization_id: "00DSi0000000001MAA",
            organization_name: "Acme & Sons",
            username: "ana@acme.test",
            full_name: "Ana Example",
            email: "ana@acme.test",
            profile_id: "00eSi0000000001IAA",
            user_type: "Standard",
            session_seconds: 7200,
        }
    }

    #[test]
    fn paths_name_api_and_version() {
        assert_eq!(endpoint().version, "59.0");
        let long = SoapEndpoint::of("/services/Soap/c/50.0/00DSi0000000001");
        assert_eq!(long.map(|endpoint| endpoint.api), Some(SoapApi::Enterprise));
        for path in [
            "/services/Soap/m/59.0",
            "/services/Soap/u",
            "/services/Soap/u/<x>",
            "/services/data",
        ] {
            assert_eq!(SoapEndpoint::of(path), None, "{path}");
        }
    }

    #[test]
    fn logins_of_both_clients_are_read() {
        let Ok(SoapCall::Login {
            username,
            password,
            client,
            ..
        }) = parse(JSFORCE.as_bytes())
        else {
            panic!("a login");
        };
        assert_eq!(
            (username.as_str(), password.expose(), client),
            ("ana@acme.test", "p&ass<TOKEN", None)
        );
        let Ok(SoapCall::Login {
            password, client, ..
        }) = parse(SIMPLE.as_bytes())
        else {
            panic!("a login");
        };
        assert_eq!(password.expose(), "passTOKEN");
        assert_eq!(client.as_deref(), Some("simple-salesforce"));
        let Ok(SoapCall::Logout { session }) = parse(JSFORCE_LOGOUT.as_bytes()) else {
            panic!("a logout");
        };
        assert_eq!(session.expose(), "00Dx!AQ");
    }

    #[test]
    fn entities_depth_and_size_are_bounded() {
        let outside = r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Envelope><Body><login><username>&e;</username><password>x</password></login></Body></Envelope>"#;
        let unknown = outside
            .split_once("]>")
            .map(|(_, rest)| rest)
            .unwrap_or_default();
        let deep = "<a>".repeat(100);
        let long = JSFORCE.replace("ana", &"a".repeat(LARGEST));
        for envelope in [
            outside,
            unknown,
            &deep,
            &long,
            "",
            "{}",
            "<Envelope/>",
            "<Envelope><Body>",
        ] {
            assert_eq!(
                parse(envelope.as_bytes()).err(),
                Some(SoapFault::Malformed),
                "{envelope:.60}"
            );
        }
        let other = JSFORCE.replace("login", "query");
        assert_eq!(parse(other.as_bytes()).err(), Some(SoapFault::Unsupported));
        let sessionless = JSFORCE.replace("login", "logout");
        assert_eq!(
            parse(sessionless.as_bytes()).err(),
            Some(SoapFault::InvalidSession)
        );
    }

    /// What a client's regular expression or DOM finds between a pair of tags.
    fn between<'a>(body: &'a str, tag: &str) -> Option<&'a str> {
        let rest = body.split_once(&format!("<{tag}>"))?.1;
        Some(rest.split_once(&format!("</{tag}>"))?.0)
    }

    #[test]
    fn a_login_response_gives_clients_what_they_extract() {
        let id = Secret::new("00DSi0000000001!AQ.<");
        let session = SoapSession {
            id: &id,
            instance_url: "https://acme.my.localhost:8443",
            sandbox: false,
            password_expired: false,
        };
        let answer = login_response(&endpoint(), &session, &user());
        let body = answer.body.as_str();
        assert_eq!(answer.status, 200);
        assert_eq!(
            between(body, "serverUrl"),
            Some("https://acme.my.localhost:8443/services/Soap/u/59.0/00DSi0000000001")
        );
        assert_eq!(between(body, "sessionId"), Some("00DSi0000000001!AQ.&lt;"));
        assert_eq!(between(body, "userId"), Some("005Si0000000001IAA"));
        assert_eq!(between(body, "organizationId"), Some("00DSi0000000001MAA"));
        assert_eq!(between(body, "passwordExpired"), Some("false"));
        assert_eq!(between(body, "organizationName"), Some("Acme &amp; Sons"));
        assert!(fields(body.as_bytes()).is_some(), "well-formed");
        assert!(fields(logout_response(&endpoint()).body.as_bytes()).is_some());
        assert!(fields(user_info_response(&endpoint(), &user()).body.as_bytes()).is_some());
    }

    #[test]
    fn a_fault_is_read_by_both_clients() {
        let answer = fault_response(&endpoint(), SoapFault::InvalidLogin);
        assert_eq!(answer.status, 500);
        assert_eq!(
            between(&answer.body, "faultstring"),
            Some("INVALID_LOGIN: Invalid username, password, security token; or user locked out.")
        );
        assert_eq!(
            between(&answer.body, "sf:exceptionCode"),
            Some("INVALID_LOGIN")
        );
        assert!(fields(answer.body.as_bytes()).is_some(), "well-formed");
    }

    proptest! {
        #[test]
        fn never_panics_on_any_octets(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&body);
        }

        #[test]
        fn never_panics_on_cut_envelopes(at in 0..JSFORCE.len(), junk in "[<>&;/a-z!\\[\\]\"#x-]{0,20}") {
            let _ = parse(format!("{}{junk}{}", &JSFORCE[..at], &JSFORCE[at..]).as_bytes());
        }
    }
}
