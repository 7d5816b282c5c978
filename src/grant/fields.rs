//! The parameters of one request, in the order in which they are sent.

use url::form_urlencoded;

/// Names and values, editable until they are sent. Holds secrets, so it has no `Debug`.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a query or a form body.
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of a name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(have, _)| have == name)
            .map(|(_, value)| value.as_str())
    }

    /// Gives a name this value, in its place or at the end.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter_mut().find(|(have, _)| have == name) {
            Some((_, have)) => *have = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Leaves a name out.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(have, _)| have != name);
    }

    /// Names and values in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// As a query or a form body (RFC 6749 Appendix B).
    pub(super) fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs())
            .finish()
    }

    /// As a JSON object: a deviation, for no token endpoint takes it.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let map: serde_json::Map<_, _> = self
            .pairs()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        serde_json::Value::Object(map).to_string().into_bytes()
    }
}
