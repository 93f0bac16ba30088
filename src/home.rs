//! The user's folder: what kqlite keeps between runs.

use std::ffi::OsString;
use std::path::PathBuf;

/// The folder that holds what kqlite keeps for the user: `KQLITE_HOME`, or `kqlite` in the user's
/// data directory. Nothing where the environment names no home. It need not exist.
pub fn folder() -> Option<PathBuf> {
    locate(|name| std::env::var_os(name))
}

fn locate(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(own) = variable("KQLITE_HOME").filter(|value| !value.is_empty()) {
        return Some(own.into());
    }
    let data = folder("XDG_DATA_HOME")
        .or_else(|| folder("APPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("share")))?;
    Some(data.join("kqlite"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn follows_the_environment() {
        let root = if cfg!(windows) { "C:\\u" } else { "/u" };
        let only =
            |wanted: &'static str| move |name: &str| (name == wanted).then(|| OsString::from(root));
        assert_eq!(locate(only("KQLITE_HOME")), Some(root.into()));
        assert_eq!(locate(only("XDG_DATA_HOME")), Some(Path::new(root).join("kqlite")));
        assert_eq!(locate(only("APPDATA")), Some(Path::new(root).join("kqlite")));
        assert_eq!(locate(|_| None), None);
        assert_eq!(locate(|name| (name != "KQLITE_HOME").then(|| "relative".into())), None);
    }
}
