//! The pages of an authorization server as a target file describes them, and the server that drives a browser through them.

use url::Url;

use super::{Answer, Boxed};
use crate::exchange::Fault;

/// What a person does on the pages of a server, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// From the authorization endpoint to the callback.
    pub sign_in: Vec<PageStep>,
    /// From the verification page of the device flow to the page that ends it. `None`: not described.
    pub device: Option<Vec<PageStep>>,
}

/// One thing that a person does on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStep {
    /// What.
    pub does: PageAct,
    /// The element, as a CSS selector. The first one that is shown and enabled counts.
    pub selector: String,
    /// Done only by a person who answers so.
    pub answer: Option<Answer>,
    /// Passed over where the element of a later step, or the callback, comes first.
    pub optional: bool,
    /// Where the step is written, for messages: `target.yaml:12`.
    pub place: String,
}

/// The act of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageAct {
    /// Presses a button, a link or a box.
    Press,
    /// Clears a field and types into it.
    Type(Typed),
}

/// What is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// The username of the step's user.
    Username,
    /// The password.
    Password,
    /// The code of the second factor.
    VerificationCode,
    /// The code that the device shows.
    UserCode,
    /// A text that is the same for everybody.
    Text(String),
}

impl Typed {
    /// The words of a target file for what belongs to the person.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("username", Self::Username),
        ("password", Self::Password),
        ("verification_code", Self::VerificationCode),
        ("user_code", Self::UserCode),
    ];

    /// The word, for messages; a literal is not repeated.
    pub fn word(&self) -> &'static str {
        let word = Self::WORDS.iter().find(|(_, typed)| typed == self);
        word.map_or("text", |(word, _)| word)
    }
}

impl PageStep {
    /// The step in a few words: `press #Login (target.yaml:12)`.
    pub fn told(&self) -> String {
        match &self.does {
            PageAct::Press => format!("press `{}` ({})", self.selector, self.place),
            PageAct::Type(typed) => format!(
                "type {} into `{}` ({})",
                typed.word().replace('_', " "),
                self.selector,
                self.place
            ),
        }
    }
}

/// A server that speaks WebDriver (W3C Recommendation) and drives Chromium.
pub trait WebDriverServer: Send + Sync {
    /// Its address; the first call may have to start it.
    fn address(&self) -> Boxed<'_, Result<Url, Fault>>;
    /// The arguments that its browsers are started with. None of them weakens a check of certificates.
    fn browser_arguments(&self) -> Vec<String>;
}
