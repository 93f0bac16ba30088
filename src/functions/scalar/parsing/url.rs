//! URLs, their queries, and file paths.

use std::collections::BTreeMap;

use super::{json_array, json_bag};
use crate::types::dynamic::write_string;

/// The bag of `parse_url`.
pub(super) fn parse(url: &str) -> String {
    let parts = Url::read(url).unwrap_or_default();
    let mut json = json_bag(&[
        ("Scheme", parts.scheme),
        ("Host", parts.host),
        ("Port", parts.port),
        ("Path", parts.path),
        ("Username", parts.username),
        ("Password", parts.password),
    ]);
    json.pop();
    json.push_str(",\"Query Parameters\":");
    json.push_str(&parameters(parts.query));
    json.push_str(",\"Fragment\":");
    write_string(parts.fragment, &mut json);
    json.push('}');
    json
}

#[derive(Default)]
struct Url<'u> {
    scheme: &'u str,
    host: &'u str,
    port: &'u str,
    path: &'u str,
    username: &'u str,
    password: &'u str,
    query: &'u str,
    fragment: &'u str,
}

impl<'u> Url<'u> {
    fn read(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(in_scheme)
        {
            return None;
        }
        let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(r, f)| (r, Some(f)));
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(r, q)| (r, Some(q)));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        // A lone slash that ends the whole text is no path.
        let bare = path == "/" && query.is_none() && fragment.is_none();
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => match user.split_once(':') {
                Some(names) => (names, address),
                None => (("", ""), authority),
            },
            None => (("", ""), authority),
        };
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
            _ => (address, ""),
        };
        Some(Self {
            scheme,
            host,
            port,
            path: if bare { "" } else { path },
            username: user.0,
            password: user.1,
            query: query.unwrap_or(""),
            fragment: fragment.unwrap_or(""),
        })
    }
}

/// The parameters of a query as a bag: keys in order, repeated ones as arrays, empty ones left out.
pub(super) fn parameters(query: &str) -> String {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for pair in query.split('&') {
        if let Some((key, value)) = pair.split_once('=')
            && !key.is_empty()
            && !value.is_empty()
        {
            found.entry(key).or_default().push(value.to_string());
        }
    }
    let mut json = String::from("{");
    for (at, (key, values)) in found.iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        write_string(key, &mut json);
        json.push(':');
        match values.as_slice() {
            [value] => write_string(value, &mut json),
            values => json.push_str(&json_array(values)),
        }
    }
    json.push('}');
    json
}

/// The bag of `parse_path`.
pub(super) fn parse_path(path: &str) -> String {
    let (scheme, path) = path.split_once("://").unwrap_or(("", path));
    let separator = |c| c == '/' || c == '\\';
    let bytes = path.as_bytes();
    let drive = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':');
    let (directory, file) = match path.rfind(separator) {
        Some(at) => (&path[..at], &path[at + 1..]),
        None if drive => path.split_at(2),
        None => ("", path),
    };
    let name = directory.rfind(separator).map_or(directory, |at| &directory[at + 1..]);
    let (file, stream) = file.split_once(':').unwrap_or((file, ""));
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    json_bag(&[
        ("Scheme", scheme),
        ("RootPath", if drive { &path[..2] } else { "" }),
        ("DirectoryPath", directory),
        ("DirectoryName", name),
        ("Filename", file),
        ("Extension", extension),
        ("AlternateDataStreamName", stream),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart_at_their_delimiters() {
        let read = |url| {
            let u = Url::read(url).unwrap_or_default();
            [u.scheme, u.host, u.port, u.path, u.username, u.password, u.query, u.fragment]
        };
        assert_eq!(
            read("scheme://username:password@host:1234/this/is?k1=v1&k2=v2#fragment"),
            [
                "scheme",
                "host",
                "1234",
                "/this/is",
                "username",
                "password",
                "k1=v1&k2=v2",
                "fragment"
            ]
        );
        assert_eq!(read("https://user@h.io/p")[1], "user@h.io");
        assert_eq!(read("https://[::1]:80/")[..4], ["https", "[::1]", "80", ""]);
        assert_eq!(read("https://h.io/?x=1")[3], "/");
        assert_eq!(read("https://h.io/#")[3], "/");
        assert_eq!(read("bing.com/x"), [""; 8]);
    }

    #[test]
    fn parameters_are_sorted_and_collected() {
        assert_eq!(parameters("b=1&a=%20&b=2&=x&c=&d"), r#"{"a":"%20","b":["1","2"]}"#);
        assert!(parse("nothing").ends_with(r#""Query Parameters":{},"Fragment":""}"#));
    }

    #[test]
    fn paths_of_windows_and_unix() {
        let parts = |path| {
            let json = parse_path(path);
            let bag: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&json).unwrap_or_default();
            bag.values().filter_map(|v| v.as_str().map(str::to_string)).collect::<Vec<_>>()
        };
        assert_eq!(
            parts(r"C:\temp\file.txt"),
            ["", "C:", r"C:\temp", "temp", "file.txt", "txt", ""]
        );
        assert_eq!(parts(r"temp\file.txt"), ["", "", "temp", "temp", "file.txt", "txt", ""]);
        assert_eq!(
            parts("file://C:/temp/file.txt:some.exe"),
            ["file", "C:", "C:/temp", "temp", "file.txt", "txt", "some.exe"]
        );
        assert_eq!(
            parts(r"\\shared\users\temp\file.txt.gz"),
            ["", "", r"\\shared\users\temp", "temp", "file.txt.gz", "gz", ""]
        );
        assert_eq!(parts("name"), ["", "", "", "", "name", "", ""]);
    }
}
