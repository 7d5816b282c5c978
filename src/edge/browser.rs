//! User agents with a person in front: the browser of this machine, or one elsewhere whose last address is pasted here.

use std::fmt;
use std::io::{self, BufRead};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use subtle::ConstantTimeEq as _;
use tokio::sync::mpsc;
use url::{Url, form_urlencoded};

use crate::exchange::Fault;
use crate::ports::{
    Boxed, Callback, CallbackSeen, CallbackServer, Clock, UserAgent, Visit, VisitEnd, Visited,
};

/// What a person is told. `Display` gives the lines for a terminal, without a newline at the end; `say` prints them on stderr.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// The browser was opened.
    Opened {
        /// What for.
        purpose: &'a str,
        /// The code to enter there, for the device flow. Meant to be seen.
        user_code: Option<&'a str>,
        /// Until when it is waited for.
        until: Timestamp,
    },
    /// An address to open in any browser, and to paste the last address back where `paste` is set.
    Open {
        /// What for.
        purpose: &'a str,
        /// The address.
        url: &'a Url,
        /// The code to enter there, for the device flow. Meant to be seen.
        user_code: Option<&'a str>,
        /// Whether the address that the browser ends on is wanted.
        paste: bool,
        /// Until when it is waited for.
        until: Timestamp,
    },
    /// What was pasted is not the callback; why.
    NotThat(&'a str),
}

impl fmt::Display for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = |f: &mut fmt::Formatter<'_>, code: Option<&str>| match code {
            Some(code) => write!(f, "\nenter this code there: {code}"),
            None => Ok(()),
        };
        match *self {
            Self::Opened {
                purpose,
                user_code,
                until,
            } => {
                write!(f, "your browser was opened: {purpose}")?;
                code(f, user_code)?;
                write!(f, "\nwaiting until {}; Ctrl-C cancels", minute(until))
            }
            Self::Open {
                purpose,
                url,
                user_code,
                paste,
                until,
            } => {
                write!(f, "open this address in a browser: {purpose}\n\n{url}\n")?;
                code(f, user_code)?;
                if paste {
                    f.write_str(
                        "\nthen paste the address that the browser ends on, whole, and press Enter \
                         (a page that does not load is fine)",
                    )?;
                }
                write!(f, "\nwaiting until {}; Ctrl-C cancels", minute(until))
            }
            Self::NotThat(reason) => write!(f, "that is not the callback: {reason}; paste again"),
        }
    }
}

/// Whole seconds, UTC.
fn minute(time: Timestamp) -> impl fmt::Display {
    time.strftime("%H:%M:%S UTC")
}

type Say = Arc<dyn Fn(Notice<'_>) + Send + Sync>;

fn until(clock: &dyn Clock, within: Duration) -> Timestamp {
    clock.now().checked_add(within).unwrap_or(Timestamp::MAX)
}

/// The browser that this machine opens web addresses with.
pub struct SystemBrowser {
    say: Say,
    clock: Arc<dyn Clock>,
    within: Duration,
}

impl SystemBrowser {
    /// `say` tells the person what is waited for; `within` is how long the caller will wait, for that line only.
    pub fn new(
        say: impl Fn(Notice<'_>) + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
        within: Duration,
    ) -> Self {
        Self {
            say: Arc::new(say),
            clock,
            within,
        }
    }
}

impl UserAgent for SystemBrowser {
    fn visit<'a>(&'a self, visit: Visit<'a>) -> Boxed<'a, Visited> {
        Box::pin(async move {
            let url = visit.url.to_string();
            // Starting a program may take a while, and must not stop the callback server.
            let opened = tokio::task::spawn_blocking(move || open::that_detached(url)).await;
            let end = match opened {
                Ok(Ok(())) => {
                    (self.say)(Notice::Opened {
                        purpose: visit.purpose,
                        user_code: visit.user_code,
                        until: until(&*self.clock, self.within),
                    });
                    VisitEnd::Handed
                }
                Ok(Err(error)) => no_browser(&error.to_string()),
                Err(error) => no_browser(&error.to_string()),
            };
            Visited {
                end,
                exchanges: Vec::new(),
                remark: None,
            }
        })
    }

    fn is_unattended(&self) -> bool {
        false
    }
}

fn no_browser(reason: &str) -> VisitEnd {
    VisitEnd::Fault(Fault::Browser {
        reason: format!(
            "no browser could be opened here ({reason}); run with --paste to use one on another machine"
        ),
    })
}

/// `--paste`: a browser anywhere, and a person who carries the addresses. It is user agent and callback server in one, since the callback
/// URL need not lead to this machine. Clones share the input.
#[derive(Clone)]
pub struct Paste {
    say: Say,
    clock: Arc<dyn Clock>,
    within: Duration,
    lines: Arc<Lines>,
}

impl Paste {
    /// Reads from standard input. `say` and `within` as with [`SystemBrowser::new`].
    pub fn new(
        say: impl Fn(Notice<'_>) + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
        within: Duration,
    ) -> Self {
        Self::reading(io::BufReader::new(io::stdin()), say, clock, within)
    }

    /// Reads from anything. Nothing is read before somebody waits for a callback.
    pub fn reading(
        input: impl BufRead + Send + 'static,
        say: impl Fn(Notice<'_>) + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
        within: Duration,
    ) -> Self {
        Self {
            say: Arc::new(say),
            clock,
            within,
            lines: Arc::new(Lines {
                input: Mutex::new(Some(Box::new(input))),
                read: tokio::sync::Mutex::new(None),
            }),
        }
    }
}

impl UserAgent for Paste {
    fn visit<'a>(&'a self, visit: Visit<'a>) -> Boxed<'a, Visited> {
        Box::pin(async move {
            (self.say)(Notice::Open {
                purpose: visit.purpose,
                url: &visit.url,
                user_code: visit.user_code,
                paste: visit.redirect_uri.is_some(),
                until: until(&*self.clock, self.within),
            });
            Visited {
                end: VisitEnd::Handed,
                exchanges: Vec::new(),
                remark: None,
            }
        })
    }

    fn is_unattended(&self) -> bool {
        false
    }
}

impl CallbackServer for Paste {
    /// Binds nothing: any absolute redirect URI will do, of any scheme.
    fn bind<'a>(
        &'a self,
        redirect_uri: &'a str,
        state: &'a str,
    ) -> Boxed<'a, Result<Box<dyn Callback>, Fault>> {
        Box::pin(async move {
            let address = Url::parse(redirect_uri).map_err(|error| Fault::Listen {
                address: redirect_uri.to_owned(),
                reason: format!("the callback URL is not an absolute URL: {error}"),
            })?;
            if address.port() == Some(0) {
                return Err(Fault::Listen {
                    address: redirect_uri.to_owned(),
                    reason: "port 0 means any free port, and with --paste nothing listens; write the port that is registered".to_owned(),
                });
            }
            Ok(Box::new(Pasted {
                redirect_uri: redirect_uri.to_owned(),
                address,
                state: state.to_owned(),
                paste: self.clone(),
                turned_away: Vec::new(),
            }) as Box<dyn Callback>)
        })
    }
}

struct Pasted {
    redirect_uri: String,
    address: Url,
    state: String,
    paste: Paste,
    turned_away: Vec<String>,
}

impl Callback for Pasted {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn wait(&mut self, within: Duration) -> Boxed<'_, Result<CallbackSeen, Fault>> {
        Box::pin(async move {
            match tokio::time::timeout(within, self.read()).await {
                Ok(end) => end,
                Err(_) => Err(Fault::NoCallback { after: within }),
            }
        })
    }

    fn turned_away(&self) -> Vec<String> {
        self.turned_away.clone()
    }
}

impl Pasted {
    async fn read(&mut self) -> Result<CallbackSeen, Fault> {
        let ended = |reason: String| Fault::Browser { reason };
        loop {
            let line = match self.paste.lines.next().await {
                Some(Ok(line)) => line,
                Some(Err(error)) => {
                    return Err(ended(format!("standard input cannot be read: {error}")));
                }
                None => {
                    let reason = "standard input ended before the callback's address was pasted";
                    return Err(ended(reason.to_owned()));
                }
            };
            if line.trim().is_empty() {
                continue;
            }
            match self.judge(line.trim()) {
                Ok(seen) => return Ok(seen),
                Err(reason) => {
                    (self.paste.say)(Notice::NotThat(reason));
                    self.turned_away
                        .push(format!("a pasted address was turned away: {reason}"));
                }
            }
        }
    }

    fn judge(&self, line: &str) -> Result<CallbackSeen, &'static str> {
        // Terminals and chats wrap addresses in quotes and brackets.
        let line = line.trim_matches(['"', '\'', '<', '>']);
        let mut url = Url::parse(line).map_err(|_| "it is not an address")?;
        // The address of the login page has our `state` too.
        let place = |url: &Url| {
            (
                url.scheme().to_owned(),
                url.host_str().map(str::to_owned),
                url.port_or_known_default(),
                url.path().to_owned(),
            )
        };
        if place(&url) != place(&self.address) {
            return Err("it does not begin with the callback URL");
        }
        let ours = |parameters: Option<&str>| {
            let parameters = parameters.unwrap_or_default().as_bytes();
            let mut states = form_urlencoded::parse(parameters).filter(|(key, _)| key == "state");
            // RFC 6749 section 3.1: no parameter more than once.
            match (states.next(), states.next()) {
                (Some((_, state)), None) => {
                    Some(bool::from(state.as_bytes().ct_eq(self.state.as_bytes())))
                }
                _ => None,
            }
        };
        let fragment = url.fragment().map(str::to_owned);
        let in_fragment = match (ours(url.query()), ours(fragment.as_deref())) {
            (Some(true), _) => false,
            (_, Some(true)) => true,
            (None, None) => return Err("it has no `state`"),
            _ => return Err("its `state` is foreign, so it belongs to another sign-in"),
        };
        if in_fragment {
            url.set_query(fragment.as_deref());
        }
        url.set_fragment(None);
        Ok(CallbackSeen {
            url,
            in_fragment,
            at: self.paste.clock.now(),
        })
    }
}

/// Lines of an input that cannot be read without blocking.
struct Lines {
    input: Mutex<Option<Box<dyn BufRead + Send>>>,
    read: tokio::sync::Mutex<Option<mpsc::Receiver<io::Result<String>>>>,
}

/// An address with a code in it has some kilobytes.
const LONGEST_LINE: u64 = 256 * 1024;

impl Lines {
    /// The next line. A thread of its own reads: the runtime waits for its own threads at the end, and a person may never press Enter.
    async fn next(&self) -> Option<io::Result<String>> {
        let mut read = self.read.lock().await;
        let receiver = match &mut *read {
            Some(receiver) => receiver,
            none => {
                let input = self
                    .input
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take()?;
                none.insert(start(input))
            }
        };
        receiver.recv().await
    }
}

fn start(mut input: Box<dyn BufRead + Send>) -> mpsc::Receiver<io::Result<String>> {
    let (line_out, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        loop {
            let mut line = String::new();
            let end = match io::Read::take(&mut input, LONGEST_LINE).read_line(&mut line) {
                Ok(0) => break,
                Ok(_) => line_out.blocking_send(Ok(line)),
                Err(error) => {
                    let _ = line_out.blocking_send(Err(error));
                    break;
                }
            };
            if end.is_err() {
                break;
            }
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::super::clock::VirtualClock;
    use super::*;
    use crate::secret::Register;

    const SOON: Duration = Duration::from_secs(10);

    fn paste(input: &'static str) -> (Paste, Arc<Mutex<Vec<String>>>) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let say = move |notice: Notice<'_>| {
            heard.lock().expect("no panic").push(notice.to_string());
        };
        let clock = Arc::new(VirtualClock::new(Timestamp::UNIX_EPOCH));
        let paste = Paste::reading(io::Cursor::new(input), say, clock, SOON);
        (paste, said)
    }

    async fn bind(paste: &Paste, redirect_uri: &str) -> Box<dyn Callback> {
        let bound = paste.bind(redirect_uri, "s1").await;
        bound.unwrap_or_else(|fault| panic!("{fault}"))
    }

    #[tokio::test]
    async fn a_person_carries_the_address_and_errs_on_the_way() {
        let (paste, said) = paste(
            "what?\n\nhttps://login.example/authorize?state=s1\nhttps://app.example/cb?code=c&state=s2\n\
             https://app.example/cb\n <https://app.example/cb?code=c%20d&state=s1> \n",
        );
        let mut callback = bind(&paste, "https://app.example/cb").await;
        let visited = paste
            .visit(Visit {
                url: Url::parse("https://login.example/authorize?state=s1").expect("an address"),
                redirect_uri: Some("https://app.example/cb"),
                person: None,
                user_code: None,
                purpose: "log in as ada",
                within: SOON,
                secrets: &Register::new(),
            })
            .await;
        assert_eq!(visited.end, VisitEnd::Handed);
        let seen = callback.wait(SOON).await;
        let seen = seen.unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(seen.parameter("code").as_deref(), Some("c d"));
        assert!(!seen.in_fragment);
        let reasons = [
            "it is not an address",
            "it does not begin with the callback URL",
            "its `state` is foreign, so it belongs to another sign-in",
            "it has no `state`",
        ];
        assert_eq!(
            callback.turned_away(),
            reasons.map(|reason| format!("a pasted address was turned away: {reason}"))
        );
        let said = said.lock().expect("no panic");
        assert!(said[0].contains("log in as ada") && said[0].contains("Ctrl-C cancels"));
        assert!(
            said[0].contains("waiting until 00:00:10 UTC"),
            "{}",
            said[0]
        );
        assert_eq!(said.len(), 1 + reasons.len());
    }

    #[tokio::test]
    async fn fragments_and_schemes_of_apps() {
        let (paste, _) = paste("myapp://cb#access_token=t&state=s1\n");
        let mut callback = bind(&paste, "myapp://cb").await;
        let seen = callback.wait(SOON).await;
        let seen = seen.unwrap_or_else(|fault| panic!("{fault}"));
        assert!(seen.in_fragment);
        assert_eq!(seen.parameter("access_token").as_deref(), Some("t"));
    }

    #[tokio::test]
    async fn the_end_of_input_is_the_end() {
        let (paste, _) = paste("");
        let mut callback = bind(&paste, "https://app.example/cb").await;
        let end = callback.wait(SOON).await.err();
        assert!(matches!(end, Some(Fault::Browser { .. })), "{end:?}");
        assert!(paste.bind("https://localhost:0/", "s").await.is_err());
    }
}
