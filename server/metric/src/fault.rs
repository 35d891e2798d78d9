//! What is wrong with a table, and where.

use thiserror::Error;

/// Why an answer key or predictions can't be used. Lines and columns count from 1, the head is line 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Not a table of comma-separated values in UTF-8.
    #[error("line {line} is not a row of comma-separated values in UTF-8")]
    Unreadable {
        /// Where.
        line: u64,
    },
    /// The head does not name the columns wanted.
    #[error("the first line must name the columns {wanted}")]
    Head {
        /// These.
        wanted: String,
    },
    /// A row has more or fewer fields than the head.
    #[error("line {line} has {found} fields instead of {wanted}")]
    Fields {
        /// Where.
        line: u64,
        /// So many.
        found: usize,
        /// Instead of so many.
        wanted: usize,
    },
    /// There is no row at all.
    #[error("the table has no rows")]
    NoRows,
    /// There are too many rows.
    #[error("the table has more than {most} rows")]
    TooManyRows {
        /// The bound.
        most: usize,
    },
    /// There are too many classes.
    #[error("the table has more than {most} classes")]
    TooManyClasses {
        /// The bound.
        most: usize,
    },
    /// A field is empty or too long.
    #[error("line {line}, column {column}: 1 to 100 characters are wanted")]
    Text {
        /// Where.
        line: u64,
        /// Where.
        column: usize,
    },
    /// A field is no number.
    #[error("line {line}, column {column}: a plain number is wanted")]
    Number {
        /// Where.
        line: u64,
        /// Where.
        column: usize,
    },
    /// A field is no likelihood.
    #[error("line {line}, column {column}: a number from 0 to 1 is wanted")]
    Likelihood {
        /// Where.
        line: u64,
        /// Where.
        column: usize,
    },
    /// The likelihoods of a row don't sum to 1.
    #[error("line {line}: the likelihoods of all classes must sum to 1")]
    SumNotOne {
        /// Where.
        line: u64,
    },
    /// A field is none of the key's classes.
    #[error("line {line}, column {column}: this is none of the classes")]
    Class {
        /// Where.
        line: u64,
        /// Where.
        column: usize,
    },
    /// A field is neither `public` nor `private`.
    #[error("line {line}, column {column}: write public or private")]
    Part {
        /// Where.
        line: u64,
        /// Where.
        column: usize,
    },
    /// An id comes twice.
    #[error("line {line}: the id {id} comes twice")]
    Twice {
        /// The second time.
        line: u64,
        /// Which.
        id: String,
    },
    /// Ids that the key does not have.
    #[error("{count} ids are not asked for: {first}")]
    Unknown {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// Ids of the key that have no row.
    #[error("{count} ids are missing: {first}")]
    Missing {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// The measure wants exactly two classes.
    #[error("this measure wants two classes, and the key has {found}")]
    NotTwo {
        /// So many.
        found: usize,
    },
    /// The positive class does not occur.
    #[error("the positive class {class} does not occur")]
    NoPositive {
        /// Which.
        class: String,
    },
    /// One of the two parts can't be measured by itself.
    #[error("the public and the private part each need rows, and rows of every class")]
    PartTooPoor,
}
