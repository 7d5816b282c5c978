//! Query text → syntax tree.

use super::QueryError;
use super::token::{Token, tokens};

/// The documented length of a statement.
const LONGEST: usize = 100_000;
/// Parentheses inside each other.
const DEEPEST: usize = 32;

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) select: Select,
    pub(super) from: Name,
    pub(super) alias: Option<String>,
    pub(super) condition: Option<Condition>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Select {
    /// `COUNT()`.
    Count,
    /// Fields.
    Fields(Vec<Name>),
}

/// A name or a path, with its offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Name, Comparison, Operand),
    In {
        field: Name,
        negated: bool,
        set: Set,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    Greater,
    AtMost,
    AtLeast,
    Like,
}

/// A value as written, with its offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operand {
    pub(super) value: Literal,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    /// In quotes.
    Text(String),
    /// Without: a number, `true`, `null`, a date.
    Bare(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Set {
    List(Vec<Operand>),
    Query(Box<Query>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) field: Name,
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}

/// Parses a query.
pub(super) fn parse(query: &str) -> Result<Query, QueryError> {
    if query.len() > LONGEST {
        return Err(QueryError {
            code: "MALFORMED_QUERY",
            message: format!("SOQL statements cannot be longer than {LONGEST} characters"),
        });
    }
    let tokens = tokens(query)?;
    let mut parser = Parser {
        query,
        tokens: &tokens,
        next: 0,
        depth: 0,
    };
    let parsed = parser.query()?;
    match parser.peek() {
        None => Ok(parsed),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    query: &'a str,
    tokens: &'a [(usize, Token)],
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn query(&mut self) -> Result<Query, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.refuse("the query is nested too deeply"));
        }
        self.keyword("SELECT")?;
        let select = self.select()?;
        self.keyword("FROM")?;
        let from = self.name()?;
        let alias = match self.peek() {
            Some(Token::Word(word)) if !is_keyword(word) => Some(self.name()?.text),
            _ => None,
        };
        let condition = if self.takes("WHERE") {
            Some(self.condition()?)
        } else {
            None
        };
        let mut order = Vec::new();
        if self.takes("ORDER") {
            self.keyword("BY")?;
            loop {
                order.push(self.order()?);
                if !self.takes_sign(",") {
                    break;
                }
            }
        }
        let limit = if self.takes("LIMIT") {
            Some(self.count()?)
        } else {
            None
        };
        let offset = if self.takes("OFFSET") {
            self.count()?
        } else {
            0
        };
        self.depth -= 1;
        Ok(Query {
            select,
            from,
            alias,
            condition,
            order,
            limit,
            offset,
        })
    }

    fn select(&mut self) -> Result<Select, QueryError> {
        let mut fields = Vec::new();
        loop {
            let name = self.name()?;
            if fields.is_empty() && name.text.eq_ignore_ascii_case("count") && self.takes_sign("(")
            {
                if self.takes_sign(")") {
                    return Ok(Select::Count);
                }
                return Err(self.refuse("the simulated org counts rows by COUNT() alone"));
            }
            fields.push(name);
            if !self.takes_sign(",") {
                return Ok(Select::Fields(fields));
            }
        }
    }

    fn condition(&mut self) -> Result<Condition, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.refuse("the condition is nested too deeply"));
        }
        let mut terms = vec![self.term()?];
        let word = ["AND", "OR"]
            .into_iter()
            .find(|word| self.peek_keyword(word));
        if let Some(word) = word {
            while self.takes(word) {
                terms.push(self.term()?);
            }
            // AND beside OR wants parentheses.
            if self.peek_keyword("AND") || self.peek_keyword("OR") {
                return Err(self.unexpected());
            }
        }
        self.depth -= 1;
        Ok(match (word, terms.len()) {
            (Some("OR"), _) => Condition::Any(terms),
            (_, 1) => terms.remove(0),
            _ => Condition::All(terms),
        })
    }

    fn term(&mut self) -> Result<Condition, QueryError> {
        let mut negations = 0_usize;
        while self.takes("NOT") {
            negations += 1;
        }
        let term = if self.takes_sign("(") {
            let inner = self.condition()?;
            self.sign(")")?;
            inner
        } else {
            self.comparison()?
        };
        Ok(if negations % 2 == 1 {
            Condition::Not(Box::new(term))
        } else {
            term
        })
    }

    fn comparison(&mut self) -> Result<Condition, QueryError> {
        let field = self.name()?;
        let negated = self.peek_keyword("NOT");
        if negated {
            self.next += 1;
        }
        if negated || self.peek_keyword("IN") {
            self.keyword("IN")?;
            self.sign("(")?;
            let set = if self.peek_keyword("SELECT") {
                Set::Query(Box::new(self.query()?))
            } else {
                let mut list = vec![self.operand()?];
                while self.takes_sign(",") {
                    list.push(self.operand()?);
                }
                Set::List(list)
            };
            self.sign(")")?;
            return Ok(Condition::In {
                field,
                negated,
                set,
            });
        }
        let how = match self.peek() {
            Some(Token::Sign("=")) => Comparison::Equal,
            Some(Token::Sign("!=")) => Comparison::Unequal,
            Some(Token::Sign("<")) => Comparison::Less,
            Some(Token::Sign(">")) => Comparison::Greater,
            Some(Token::Sign("<=")) => Comparison::AtMost,
            Some(Token::Sign(">=")) => Comparison::AtLeast,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("LIKE") => Comparison::Like,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Condition::Compare(field, how, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, QueryError> {
        let at = self.offset();
        let value = match self.peek() {
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            // `:name` is a bind of Apex; there is nothing to bind to in REST.
            Some(Token::Word(word)) if !word.starts_with(':') => Literal::Bare(word.clone()),
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Operand { value, at })
    }

    fn order(&mut self) -> Result<Order, QueryError> {
        let field = self.name()?;
        let descending = self.takes("DESC");
        if !descending {
            self.takes("ASC");
        }
        // "NULLS FIRST" is the default in both directions.
        let mut nulls_last = false;
        if self.takes("NULLS") {
            nulls_last = self.takes("LAST");
            if !nulls_last {
                self.keyword("FIRST")?;
            }
        }
        Ok(Order {
            field,
            descending,
            nulls_last,
        })
    }

    fn count(&mut self) -> Result<usize, QueryError> {
        match self.peek() {
            Some(Token::Word(word)) => match word.parse() {
                Ok(count) => {
                    self.next += 1;
                    Ok(count)
                }
                Err(_) => Err(self.unexpected()),
            },
            _ => Err(self.unexpected()),
        }
    }

    fn name(&mut self) -> Result<Name, QueryError> {
        let at = self.offset();
        match self.peek() {
            Some(Token::Word(word)) if !is_keyword(word) && is_name(word) => {
                let text = word.clone();
                self.next += 1;
                Ok(Name { text, at })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn offset(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.query.len(), |(at, _)| *at)
    }

    fn peek_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword))
    }

    fn takes(&mut self, keyword: &str) -> bool {
        let found = self.peek_keyword(keyword);
        self.next += usize::from(found);
        found
    }

    fn takes_sign(&mut self, sign: &'static str) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        self.next += usize::from(found);
        found
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), QueryError> {
        if self.takes(keyword) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn sign(&mut self, sign: &'static str) -> Result<(), QueryError> {
        if self.takes_sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// The sentence is well known; standing: reported.
    fn unexpected(&self) -> QueryError {
        let sentence = match self.peek() {
            None => "unexpected token: '<EOF>'".to_owned(),
            Some(Token::Word(word) | Token::Text(word)) => format!("unexpected token: '{word}'"),
            Some(Token::Sign(sign)) => format!("unexpected token: '{sign}'"),
        };
        self.refuse(&sentence)
    }

    fn refuse(&self, sentence: &str) -> QueryError {
        QueryError::malformed(self.query, self.offset(), sentence)
    }
}

fn is_name(word: &str) -> bool {
    word.split('.').all(|part| {
        part.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && part
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

fn is_keyword(word: &str) -> bool {
    [
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY", "LIMIT",
        "OFFSET", "GROUP", "HAVING", "WITH", "FOR", "USING", "ALL",
    ]
    .iter()
    .any(|keyword| word.eq_ignore_ascii_case(keyword))
}
