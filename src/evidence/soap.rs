//! The fault of a login by the SOAP API.

/// Code and sentence of a SOAP fault; `None` where the text holds none.
/// `<faultcode>INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, …</faultstring>`, with or without
/// `<sf:exceptionCode>` and `<sf:exceptionMessage>` in the detail.
pub(super) fn fault(xml: &str) -> Option<(String, Option<String>)> {
    let code = element(xml, "exceptionCode").or_else(|| element(xml, "faultcode"))?;
    // `sf:INVALID_LOGIN`: the prefix is one of XML.
    let code = code.rsplit(':').next().unwrap_or_default().trim();
    let said = element(xml, "exceptionMessage").or_else(|| element(xml, "faultstring"));
    let said = said.map(|said| {
        let bare = said
            .strip_prefix(code)
            .and_then(|rest| rest.strip_prefix(':'));
        bare.unwrap_or(said).trim().to_owned()
    });
    (!code.is_empty()).then(|| (code.to_owned(), said.filter(|said| !said.is_empty())))
}

/// The text of the first element of a local name that has no element inside.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(found) = xml[from..].find(name) {
        let start = from + found;
        let end = start + name.len();
        from = end;
        let before = &xml[..start];
        let opens = before.ends_with('<') || (before.ends_with(':') && tag_begins(before));
        let is_whole = xml[end..].starts_with(['>', ' ', '\n', '\t']);
        if !opens || !is_whole {
            continue;
        }
        let closes = end + xml[end..].find('>')?;
        let rest = &xml[closes + 1..];
        let inner = rest.split('<').next().unwrap_or_default().trim();
        if !inner.is_empty() {
            return Some(inner);
        }
    }
    None
}

/// Whether `<sf:` stands at the end.
fn tag_begins(before: &str) -> bool {
    let prefix = before.trim_end_matches(':');
    prefix
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '-')
        .ends_with('<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_gives_code_and_sentence() {
        let xml = "<soapenv:Fault><faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring></soapenv:Fault>";
        let said = "Invalid username, password, security token; or user locked out.";
        assert_eq!(
            fault(xml),
            Some(("INVALID_LOGIN".into(), Some(said.into())))
        );
        let detail = format!(
            "{xml}<detail><sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>LOGIN_MUST_USE_SECURITY_TOKEN</sf:exceptionCode></sf:LoginFault></detail>"
        );
        assert_eq!(
            fault(&detail).map(|fault| fault.0).as_deref(),
            Some("LOGIN_MUST_USE_SECURITY_TOKEN")
        );
        assert_eq!(fault("<faultcode></faultcode>"), None);
        assert_eq!(fault("the faultcode was lost"), None);
        assert_eq!(fault("<faultcode"), None);
    }
}
