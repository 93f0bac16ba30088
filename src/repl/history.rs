//! Where the history of entries is kept: one file in the user's folder.

use std::io;
use std::path::{Path, PathBuf};

use crate::home;

/// The history file of the user; `None` where the environment names no home.
pub(super) fn path() -> Option<PathBuf> {
    Some(home::folder()?.join("history"))
}

/// Makes the folder of the history file.
pub(super) fn prepare(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}
