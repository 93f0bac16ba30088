//! kqlite: a local engine for KQL, the Kusto Query Language.
//!
//! A query passes through these stages; each is a folder:
//!
//! | stage | module | from | to | can fail with |
//! |---|---|---|---|---|
//! | lex | [`syntax`] | text | tokens | never (error tokens) |
//! | parse | [`syntax`] | tokens | `ast::Script` | diagnostics |
//! | bind | [`binder`] | `ast::Script` + [`types::Schemas`] | [`plan::BoundQuery`] | diagnostics |
//! | lower | [`lower`] | bound plan + [`catalog`] | DataFusion `LogicalPlan` | internal error |
//! | execute | [`exec`] | `LogicalPlan` | stream of Arrow batches | [`error::Error`] |
//! | present | [`output`] | batches + `RowSchema` | text, JSON, CSV | I/O |
//!
//! Dependencies point downwards only:
//!
//! ```text
//!  9  main.rs  cli/
//!  8  repl/
//!  7  commands/  rules/
//!  6  engine.rs                 parse → bind → lower → execute, the public facade
//!  5  lower/                    bound plan → DataFusion LogicalPlan
//!  4  binder/   editor/  exec/  (binder, editor: no DataFusion; exec: no syntax)
//!  3  stored/                   stored functions: names first, bodies when called
//!  3  syntax/   plan/  catalog/  output/
//!  2  functions/                declarations + kernels
//!  1  types/   diagnostics/
//!  0  text.rs  error.rs  home.rs
//! ```
//!
//! Start reading at [`types::Type`], then one function record in `functions/scalar`, then one
//! operator in `binder/operators`.

pub mod binder;
pub mod catalog;
pub mod cli;
pub mod commands;
pub mod diagnostics;
pub mod editor;
pub mod engine;
pub mod error;
pub mod exec;
pub mod functions;
pub mod home;
pub mod lower;
pub mod output;
pub mod plan;
pub mod repl;
pub mod rules;
pub mod stored;
pub mod syntax;
pub mod text;
pub mod types;
