//! The grant of an authorization code, with its verifier (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use jiff::SignedDuration;

use crate::cause::CauseId;
use crate::factor::Factor;
use crate::model::decide::{Effect, FamilyPlan, Judge, Ruling, Tokens, Verdict, proceed, refuse};
use crate::model::event::{Brings, ChallengeFact, Token, VerifierFact};
use crate::model::state::{AppId, CodeId};
use crate::model::trace::{Stage, Trace};
use crate::oauth::GrantKind;

/// A code lives fifteen minutes and is good once (wire facts 6.1).
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(15);

impl<T: Trace> Judge<'_, T> {
    pub(super) fn redeem(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let Brings::Code { code, redirect_uri } = &request.brings else {
            return refuse(Stage::Grant, CauseId::AuthCodeStale, Vec::new());
        };
        let stale = CauseId::AuthCodeStale;
        let own = code.filter(|id| self.state.codes[id.0].app == app);
        self.check(
            Stage::Grant,
            Factor::Code,
            own.is_some(),
            || if own.is_some() { "known" } else { "unknown" }.to_owned(),
            "a code of this app",
            stale,
        )?;
        let Some(id) = own else {
            return refuse(Stage::Grant, stale, Vec::new());
        };
        let code = self.state.codes[id.0].clone();
        let age = self.now.duration_since(code.issued_at);
        self.check(
            Stage::Grant,
            Factor::Code,
            !code.spent,
            || if code.spent { "used before" } else { "unused" }.to_owned(),
            "unused",
            stale,
        )?;
        self.check(
            Stage::Grant,
            Factor::CodeAge,
            age <= CODE_LIFE,
            || format!("{} s", age.as_secs()),
            "at most 15 minutes",
            stale,
        )?;
        // A refused exchange uses the code up all the same.
        let spend = || vec![Effect::SpendCode(id)];
        self.check_with(
            Stage::Grant,
            Factor::RedirectUriAtToken,
            redirect_uri.as_deref() == Some(code.redirect_uri.as_str()),
            || {
                redirect_uri
                    .clone()
                    .unwrap_or_else(|| "none sent".to_owned())
            },
            "the redirect_uri of the authorization request",
            CauseId::CallbackTokenStepMismatch,
            spend,
        )?;
        self.verifier(code.challenge, request.verifier, id)?;
        let (person, grant) = (code.person, GrantKind::AuthorizationCode);
        self.in_service(person, grant)?;
        self.refresh_allowlist(app, request.caller)?;
        self.api_access_control(Stage::Admission, app, person)?;
        let lacking = self.lacking(app, code.asked.as_ref(), &code.scope);
        let tokens = self.tokens(
            app,
            person,
            grant,
            code.scope,
            code.asked,
            request,
            FamilyPlan::New,
        );
        let tokens = Tokens {
            level: code.level,
            verified: code.verified,
            ..tokens
        };
        Ok(proceed(
            vec![Effect::SpendCode(id), Effect::IssueTokens(Box::new(tokens))],
            lacking,
        ))
    }

    fn verifier(
        &mut self,
        challenge: ChallengeFact,
        verifier: VerifierFact,
        code: CodeId,
    ) -> Ruling {
        use VerifierFact as V;
        let found = || {
            match verifier {
                V::Absent => "none sent",
                V::Right => "right",
                V::Wrong => "hashes to another challenge",
                V::BadCharset => "characters outside RFC 7636",
            }
            .to_owned()
        };
        let (passed, cause) = match (challenge, verifier) {
            (ChallengeFact::Absent, V::Absent) | (ChallengeFact::Present, V::Right) => {
                (true, CauseId::PkceVerifierMismatch)
            }
            (ChallengeFact::Absent, _) => (false, CauseId::PkceVerifierUnexpected),
            (ChallengeFact::Malformed, _) => (false, CauseId::PkceChallengeMalformed),
            (ChallengeFact::Present, V::Absent) => (false, CauseId::PkceVerifierMissing),
            (ChallengeFact::Present, V::BadCharset) => (false, CauseId::PkceVerifierBadCharset),
            (ChallengeFact::Present, V::Wrong) => (false, CauseId::PkceVerifierMismatch),
        };
        let needed = "the verifier of the challenge, or none where no challenge was sent";
        self.check_with(
            Stage::Grant,
            Factor::CodeVerifier,
            passed,
            found,
            needed,
            cause,
            || vec![Effect::SpendCode(code)],
        )
    }
}
