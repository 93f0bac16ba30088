//! The table of diagnostic codes.
//!
//! Kusto's service codes (`SYN…`, `SEM…`) and its analyser's (`KS…`) are used where Kusto has the
//! same condition; `KQ…` are kqlite's own: below 100 about queries ([`query`]), from 100 about rules
//! ([`rule`]), from 300 on advice ([`lint`]). One record per code; nothing else in the program spells
//! a code.

mod lint;
mod query;
mod rule;

pub use lint::*;
pub use query::*;
pub use rule::*;

use std::fmt;

/// A reference to one record of the table.
#[derive(Clone, Copy)]
pub struct Code(&'static Record);

#[derive(Debug)]
struct Record {
    id: &'static str,
    analyser: &'static str,
    title: &'static str,
    docs: &'static [&'static str],
}

impl Code {
    /// The code as printed: `SEM0100`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The number under which Kusto's analyser, and with it the editors, reports the condition.
    pub fn analyser(self) -> &'static str {
        self.0.analyser
    }

    /// What the condition is, in a few words.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// Why the condition matters and what to do, line by line in Markdown; empty where the title
    /// says it all.
    pub fn docs(self) -> &'static [&'static str] {
        self.0.docs
    }

    /// Every code, in table order.
    pub fn all() -> impl Iterator<Item = Code> {
        [query::ALL, rule::ALL, lint::ALL].into_iter().flatten().copied()
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id && self.0.analyser == other.0.analyser
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

/// Declares codes: `NAME = "ID", "title";`, or `NAME = "ID" / "KS…", "title";` where the analyser has
/// another number, each after a doc comment that explains it, if need be.
macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal $(/ $analyser:literal)?, $title:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: $crate::diagnostics::Code =
                $crate::diagnostics::codes::record!([$($analyser,)? $id], $id, $title, &[$($doc),*]);
        )*
        pub(super) static ALL: &[$crate::diagnostics::Code] = &[$($name),*];
    };
}

macro_rules! record {
    ([$analyser:literal $(, $other:literal)?], $id:literal, $title:literal, $docs:expr) => {
        $crate::diagnostics::codes::Code(&$crate::diagnostics::codes::Record {
            id: $id,
            analyser: $analyser,
            title: $title,
            docs: $docs,
        })
    };
}

use {codes, record};
