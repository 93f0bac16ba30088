//! Where the history of entries is kept: one file in the user's data directory.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The history file of the user; `None` where the environment names no home.
pub(super) fn path() -> Option<PathBuf> {
    locate(|name| std::env::var_os(name))
}

fn locate(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = folder("XDG_DATA_HOME")
        .or_else(|| folder("APPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("share")))?;
    Some(data.join("kqlite").join("history"))
}

/// Makes the folder of the history file.
pub(super) fn prepare(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_environment() {
        let root = if cfg!(windows) { "C:\\u" } else { "/u" };
        let only =
            |wanted: &'static str| move |name: &str| (name == wanted).then(|| OsString::from(root));
        let tail = Path::new("kqlite").join("history");
        assert_eq!(locate(only("XDG_DATA_HOME")), Some(Path::new(root).join(&tail)));
        assert_eq!(locate(only("APPDATA")), Some(Path::new(root).join(&tail)));
        assert_eq!(locate(|_| None), None);
        assert_eq!(locate(|_| Some("relative".into())), None);
    }
}
