//! How much a request may ask, decided before anything runs.
//!
//! Promises: tokens are counted before parsing, fields and depth after it with every fragment unfolded
//! on paper only, and the cost is charged before the first resolver; each error leaves with a code.
//! Must never: unfold a fragment to find out how large it is, for that is the attack.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextRequest, NextValidation,
};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, FragmentDefinition, Selection, SelectionSet, VariableDefinition,
};
use async_graphql::{Name, Positioned, Response, ServerError, ServerResult, ValidationResult, Variables};
use market::Refusal;

use crate::rate::Meter;
use crate::refusal::label;

/// How much a request may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Fields within fields. Introspection by common tools needs about 15.
    pub depth: usize,
    /// Fields that the answer can have, lists counted by page size.
    pub complexity: usize,
    /// Fields of the document with every fragment unfolded.
    pub fields: usize,
    /// Fields at the root, aliases included.
    pub root_fields: usize,
    /// Directives in the document.
    pub directives: usize,
    /// Lexical tokens of the document.
    pub tokens: usize,
    /// Whether the schema may be asked about itself.
    pub introspection: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 20,
            complexity: 5_000,
            fields: 2_000,
            root_fields: 50,
            directives: 20,
            tokens: 10_000,
            introspection: true,
        }
    }
}

/// Fields of an answer that cost one unit of the allowance.
const FIELDS_PER_COST: usize = 10;

/// Brackets within brackets that the parser, which calls itself for each, has the stack for.
const MOST_NESTED: usize = 100;

/// Fragments, for the same reason: each may lead into the next.
const MOST_FRAGMENTS: usize = 100;

/// Holds requests to the limits.
#[derive(Clone)]
pub(crate) struct Bounds(Limits);

impl Bounds {
    /// Bounds by these limits.
    pub(crate) fn new(limits: Limits) -> Self {
        Self(limits)
    }
}

impl ExtensionFactory for Bounds {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Extension for Bounds {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        response.errors.iter_mut().for_each(label);
        response
    }

    /// Parses by itself: what follows in the chain would unfold fragments to measure their depth.
    async fn parse_query(
        &self,
        _: &ExtensionContext<'_>,
        query: &str,
        _: &Variables,
        _: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        self.0.check_text(query)?;
        let document = parse_query(query)?;
        self.0.check_document(&document)?;
        Ok(document)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        check(result.complexity, self.0.complexity, "fields in the answer, lists counted by page size")?;
        if let Some(meter) = ctx.data_opt::<Arc<dyn Meter>>() {
            let cost = u64::try_from(result.complexity.div_ceil(FIELDS_PER_COST)).unwrap_or(u64::MAX);
            meter.charge(cost).map_err(too_many)?;
        }
        Ok(result)
    }
}

impl Limits {
    /// Whether a document may be parsed at all: a parser that gets more can run out of its stack, and the
    /// whole program with it. The schema asks by itself; ask first where a document is parsed elsewhere.
    ///
    /// # Errors
    /// `TOO_COSTLY` with what there is too much of.
    pub fn check_text(&self, query: &str) -> ServerResult<()> {
        let text = Text::survey(query);
        check(text.tokens, self.tokens, "tokens")?;
        check(text.nesting, MOST_NESTED, "brackets within brackets")
    }

    fn check_document(&self, document: &ExecutableDocument) -> ServerResult<()> {
        check(document.fragments.len(), MOST_FRAGMENTS, "fragments")?;
        check(count_directives(document), self.directives, "directives")?;
        let mut ruler = Ruler { fragments: &document.fragments, known: HashMap::new() };
        for (_, operation) in document.operations.iter() {
            let size = ruler.measure(&operation.node.selection_set.node);
            check(size.top, self.root_fields, "fields at the root")?;
            check(size.fields, self.fields, "fields")?;
            check(size.depth, self.depth, "levels")?;
        }
        Ok(())
    }
}

fn check(found: usize, most: usize, what: &str) -> ServerResult<()> {
    if found <= most {
        return Ok(());
    }
    let mut error = ServerError::new(format!("The request is too costly: at most {most} {what}."), None);
    error.extensions.get_or_insert_default().set("code", "TOO_COSTLY");
    Err(error)
}

fn too_many(retry_after: u64) -> Vec<ServerError> {
    let refusal = Refusal::TooMany { retry_after };
    vec![ServerError {
        source: Some(Arc::new(refusal.clone())),
        ..ServerError::new(refusal.to_string(), None)
    }]
}

/// How large a selection is when unfolded.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Fields directly in it.
    top: usize,
    /// Fields in it at any level.
    fields: usize,
    /// Levels of fields.
    depth: usize,
}

impl Size {
    /// Larger than any limit: a fragment that contains itself.
    const ENDLESS: Self = Self { top: usize::MAX, fields: usize::MAX, depth: usize::MAX };

    fn beside(self, other: Self) -> Self {
        Self {
            top: self.top.saturating_add(other.top),
            fields: self.fields.saturating_add(other.fields),
            depth: self.depth.max(other.depth),
        }
    }

    fn within_a_field(self) -> Self {
        Self { top: 1, fields: self.fields.saturating_add(1), depth: self.depth.saturating_add(1) }
    }
}

/// Measures each fragment once, however often it is spread.
struct Ruler<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    known: HashMap<&'a str, Size>,
}

impl<'a> Ruler<'a> {
    fn measure(&mut self, set: &'a SelectionSet) -> Size {
        let sizes = set.items.iter().map(|item| match &item.node {
            Selection::Field(field) => self.measure(&field.node.selection_set.node).within_a_field(),
            Selection::InlineFragment(fragment) => self.measure(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.measure_fragment(&spread.node.fragment_name.node),
        });
        sizes.fold(Size::default(), Size::beside)
    }

    fn measure_fragment(&mut self, name: &str) -> Size {
        // An unknown fragment is the validation's to refuse.
        let Some((name, fragment)) = self.fragments.get_key_value(name) else { return Size::default() };
        if let Some(size) = self.known.get(name.as_str()) {
            return *size;
        }
        self.known.insert(name, Size::ENDLESS);
        let size = self.measure(&fragment.node.selection_set.node);
        self.known.insert(name, size);
        size
    }
}

fn count_directives(document: &ExecutableDocument) -> usize {
    let fragments = document
        .fragments
        .values()
        .map(|fragment| fragment.node.directives.len() + directives_in(&fragment.node.selection_set.node));
    let operations = document.operations.iter().map(|(_, operation)| {
        let variables = &operation.node.variable_definitions;
        let on_variables: usize = variables.iter().map(|variable| on_variable(&variable.node)).sum();
        operation.node.directives.len() + on_variables + directives_in(&operation.node.selection_set.node)
    });
    fragments.chain(operations).sum()
}

fn on_variable(variable: &VariableDefinition) -> usize {
    variable.directives.len()
}

fn directives_in(set: &SelectionSet) -> usize {
    let count = |directives: &[Positioned<Directive>], inner: Option<&SelectionSet>| {
        directives.len() + inner.map_or(0, directives_in)
    };
    let each = set.items.iter().map(|item| match &item.node {
        Selection::Field(field) => count(&field.node.directives, Some(&field.node.selection_set.node)),
        Selection::InlineFragment(fragment) => {
            count(&fragment.node.directives, Some(&fragment.node.selection_set.node))
        }
        Selection::FragmentSpread(spread) => count(&spread.node.directives, None),
    });
    each.sum()
}

/// What a document is like before it is parsed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Text {
    /// Lexical tokens by the GraphQL specification (§2.1.6), near enough for a limit: names, numbers, strings
    /// and each punctuator; comments, commas and white space don't count.
    tokens: usize,
    /// Most brackets of any kind that are open at once.
    nesting: usize,
}

impl Text {
    fn survey(query: &str) -> Self {
        let bytes = query.as_bytes();
        let (mut text, mut at, mut open) = (Self::default(), 0, 0_usize);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                    at += 1;
                    continue;
                }
                b'#' => {
                    at += run(&bytes[at..], |byte| byte != b'\n' && byte != b'\r');
                    continue;
                }
                b'{' | b'[' | b'(' => open += 1,
                b'}' | b']' | b')' => open = open.saturating_sub(1),
                _ => {}
            }
            text.tokens += 1;
            text.nesting = text.nesting.max(open);
            let rest = &bytes[at..];
            at += if *byte == b'"' { string_length(rest) } else { run(rest, is_word).max(1) };
        }
        text
    }
}

fn run(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| wanted(**byte)).count()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.') || !byte.is_ascii()
}

fn string_length(bytes: &[u8]) -> usize {
    let quote: &[u8] = if bytes.starts_with(b"\"\"\"") { b"\"\"\"" } else { b"\"" };
    let mut at = quote.len();
    while at < bytes.len() {
        if bytes[at..].starts_with(quote) {
            return at + quote.len();
        }
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    fn refused(query: &str) -> Option<String> {
        let document = parse_query(query).unwrap();
        Limits::default().check_document(&document).err().map(|error| error.message)
    }

    #[test]
    fn tokens_are_counted_as_the_specification_has_them() {
        let survey = |query: &str| (Text::survey(query).tokens, Text::survey(query).nesting);
        assert_eq!(survey("{ a(b: \"x \\\" { } y\", c: [1, 2.5e3]) # { { {\n }"), (14, 3));
        assert_eq!(survey("\"\"\" { } \"quoted\" \"\"\""), (1, 0));
        assert_eq!(survey("\"never closed {"), (1, 0));
        assert_eq!(survey(&"{".repeat(50)), (50, 50));
        assert_eq!(survey(&"{}".repeat(50)), (100, 1));
    }

    #[test]
    fn a_plain_request_passes() {
        assert_eq!(refused("query A { viewer { person { name } } } query B { house { name } }"), None);
    }

    #[test]
    fn fragments_that_double_each_other_are_measured_and_not_unfolded() {
        let mut query = String::from("{ ...f0 }");
        for at in 0..60 {
            query += &format!(" fragment f{at} on Query {{ ...f{0} ...f{0} }}", at + 1);
        }
        query += " fragment f60 on Query { house { name } }";
        assert!(refused(&query).unwrap().contains("at the root"));
    }

    #[test]
    fn fragments_that_lead_from_one_to_the_next_do_not_fill_the_stack() {
        let mut query = String::from("{ ...f0 }");
        for at in 0..1_200 {
            query += &format!(" fragment f{at} on Query {{ ...f{} }}", at + 1);
        }
        assert!(refused(&query).unwrap().contains("100 fragments"));
    }

    #[test]
    fn a_fragment_that_contains_itself_is_refused() {
        assert!(
            refused("{ ...a } fragment a on Query { house { name } ...b } fragment b on Query { ...a }")
                .is_some()
        );
    }

    async fn ask(limits: Limits, query: &str) -> Response {
        crate::bare().extension(Bounds::new(limits)).finish().execute(query).await
    }

    fn code(response: &Response) -> Option<String> {
        let json = serde_json::to_value(response).unwrap();
        json["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
    }

    #[tokio::test]
    async fn the_introspection_of_common_tools_passes() {
        let response = ask(Limits::default(), include_str!("../tests/introspection.graphql")).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
    }

    #[tokio::test]
    async fn what_is_too_costly_or_malformed_says_so_by_its_code() {
        let limits = Limits { complexity: 1_000, ..Limits::default() };
        let wide = "{ tasks(first: 100) { nodes { id entries { id crew { share } } } } }";
        assert_eq!(code(&ask(limits, wide).await).as_deref(), Some("TOO_COSTLY"));
        let long = format!("{{ house {{ {} }} }}", "name ".repeat(11_000));
        assert_eq!(code(&ask(limits, &long).await).as_deref(), Some("TOO_COSTLY"));
        for malformed in ["{", "{ nothing }", "{ house { nothing } }", "mutation { signOut { signedOut } }"] {
            assert_eq!(code(&ask(limits, malformed).await).as_deref(), Some("MALFORMED"), "{malformed}");
        }
    }

    #[tokio::test]
    async fn an_amount_that_is_a_number_is_malformed() {
        let query = r#"mutation { issueTokens(input: { amount: 12, reason: "x", idempotencyKey: "k" }) { record { id } } }"#;
        assert_eq!(code(&ask(Limits::default(), query).await).as_deref(), Some("MALFORMED"));
    }

    #[tokio::test]
    async fn brackets_within_brackets_do_not_fill_the_stack() {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("{a", "}")] {
            let most = Limits::default().tokens - 20;
            let nested = format!("{}{}", open.repeat(most / 2), close.repeat(most / 2));
            let in_values = format!("{{ node(id: {nested}) {{ id }} }}");
            assert!(code(&ask(Limits::default(), &in_values).await).is_some());
            assert!(code(&ask(Limits::default(), &nested).await).is_some());
            let in_types = format!("query($a: {nested}) {{ house {{ name }} }}");
            assert!(code(&ask(Limits::default(), &in_types).await).is_some());
        }
    }

    #[tokio::test]
    async fn a_misspelled_field_gets_no_hints() {
        let response = ask(Limits::default(), "{ hous { name } }").await;
        assert!(!response.errors[0].message.contains("house"));
    }

    #[test]
    fn aliases_directives_and_depth_are_bounded() {
        let aliases: String = (0..51).map(|at| format!("a{at}: house {{ name }} ")).collect();
        assert!(refused(&format!("{{ {aliases} }}")).unwrap().contains("50 fields at the root"));
        let directives = "@skip(if: false) ".repeat(21);
        assert!(refused(&format!("{{ house {directives} {{ name }} }}")).unwrap().contains("20 directives"));
        let deep = format!("{} {}", "{ a ".repeat(21), "}".repeat(21));
        assert!(refused(&deep).unwrap().contains("20 levels"));
    }
}
