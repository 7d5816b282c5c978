//! What a stack trace tells of the flow: programmers name functions and arguments after the grant that they run.

/// Parts of names, lower case and without underscores, and the flow that they speak of, in the words of `flow`.
const PARTS: [(&str, &str); 5] = [
    ("jwt", "jwt_bearer"),
    ("privatekey", "jwt_bearer"),
    ("clientcredentials", "client_credentials"),
    ("refreshtoken", "refresh_token"),
    ("authcode", "authorization_code"),
];

/// Where a stack trace names a flow: by a function of a frame, or by an argument in the line of code that Python shows below one.
pub(super) fn flows(text: &str) -> impl Iterator<Item = (usize, &'static str)> + '_ {
    let mut at = 0;
    let mut below_frame = false;
    text.split_inclusive('\n').filter_map(move |line| {
        let place = at;
        at += line.len();
        let frame = function(line);
        let told = match frame {
            Some(name) => flow(name),
            None if below_frame => arguments(line).find_map(flow),
            None => None,
        };
        below_frame = frame.is_some() && line.trim_start().starts_with("File ");
        told.map(|flow| (place, flow))
    })
}

/// The function of a frame: `File "login.py", line 7, in jwt_session` of Python, `at async OAuth2.requestToken (oauth2.js:1:2)` of JavaScript,
/// `at com.example.Client.login(Client.java:5)` of Java.
fn function(line: &str) -> Option<&str> {
    let line = line.trim();
    if line.starts_with("File \"") {
        let (_, name) = line.rsplit_once(", in ")?;
        return Some(name);
    }
    let frame = line.strip_prefix("at ")?;
    let (name, place) = frame.split_once('(')?;
    (place.ends_with(')') && place.contains(':')).then(|| name.trim_end())
}

/// Names of arguments: `privatekey=…`.
fn arguments(line: &str) -> impl Iterator<Item = &str> {
    line.split('=')
        .map(|part| part.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')))
        .filter_map(|mut words| words.next())
}

fn flow(name: &str) -> Option<&'static str> {
    let plain: String = name
        .chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let found = PARTS.iter().find(|(part, _)| plain.contains(part));
    found.map(|(_, flow)| *flow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_arguments_of_a_trace_name_the_flow() {
        for (text, flow) in [
            (
                "  File \"salesforce.py\", line 91, in jwt_session\n    raise x(",
                Some("jwt_bearer"),
            ),
            (
                "  File \"one.py\", line 17, in <module>\n    login(user=u, privatekey=\"k\")",
                Some("jwt_bearer"),
            ),
            (
                "    at OAuth2.refreshToken (oauth2.js:137:21)",
                Some("refresh_token"),
            ),
            (
                "\tat com.example.Salesforce.clientCredentials(Salesforce.java:5)",
                Some("client_credentials"),
            ),
            ("    at Connection.authorize (connection.js:350:21)", None),
            // Prose is no frame.
            ("we looked at refreshToken (twice)", None),
            ("privatekey=abc", None),
        ] {
            assert_eq!(flows(text).next().map(|(_, flow)| flow), flow, "{text}");
        }
    }
}
