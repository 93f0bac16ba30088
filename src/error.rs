//! Operational failures: what goes wrong while a valid query runs.

use std::fmt;
use std::path::PathBuf;

/// A failure of execution, I/O or resources. A defect in the *query* is a
/// [`Diagnostic`](crate::diagnostics::Diagnostic) instead.
#[derive(Clone, Debug)]
pub enum Error {
    /// A file could not be read or written, or does not hold what its name says.
    File { path: PathBuf, message: String },
    /// The query ran and met a value that Kusto refuses too, or a limit of a function.
    Execution(String),
    /// A constant argument that its function refuses for a reason with a code of its own.
    Argument { defect: Defect, message: String },
    /// The memory limit was reached and spilling could not help.
    Memory(String),
    /// The user stopped the query.
    Cancelled,
    /// A defect in kqlite itself.
    Internal(String),
}

/// What is wrong with a constant argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// A text that must not be empty is.
    Empty,
    /// A pattern has no capture group, or too many.
    GroupCount,
    /// A pattern has no capture group of a name.
    GroupName,
}

/// Result of an operation that can fail while running.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure that concerns one file.
    pub fn file(path: impl Into<PathBuf>, message: impl fmt::Display) -> Self {
        Error::File { path: path.into(), message: message.to_string() }
    }

    /// A refusal of a constant argument.
    pub fn argument(defect: Defect, message: impl Into<String>) -> Self {
        Error::Argument { defect, message: message.into() }
    }

    /// The word that names the kind in JSON errors.
    pub fn kind(&self) -> &'static str {
        match self {
            Error::File { .. } => "file",
            Error::Execution(_) | Error::Argument { .. } => "execution",
            Error::Memory(_) => "memory",
            Error::Cancelled => "cancelled",
            Error::Internal(_) => "internal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::File { path, message } => write!(f, "{}: {message}", path.display()),
            Error::Execution(message) | Error::Argument { message, .. } => f.write_str(message),
            Error::Memory(message) => write!(f, "out of the memory granted: {message}"),
            Error::Cancelled => f.write_str("cancelled"),
            Error::Internal(message) => write!(f, "internal error (please report): {message}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        match error {
            arrow::error::ArrowError::ExternalError(inner) => match inner.downcast::<Error>() {
                Ok(own) => *own,
                Err(other) => Error::Execution(other.to_string()),
            },
            arrow::error::ArrowError::ComputeError(message) => Error::Execution(message),
            other => Error::Execution(other.to_string()),
        }
    }
}

impl From<Error> for arrow::error::ArrowError {
    fn from(error: Error) -> Self {
        arrow::error::ArrowError::ExternalError(Box::new(error))
    }
}
