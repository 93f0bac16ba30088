//! Base64, URL encoding, compression and punycode. Input that cannot be decoded gives null or `''`.

use std::io::{Read, Write};

use arrow::array::ArrayRef;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use super::punycode;
use crate::error::{Error, Result};
use crate::functions::Args;
use crate::functions::declare::scalar_functions;
use crate::functions::text::json_elements;

scalar_functions! {
    family: Encoding;

    /// The base64 form of a text's UTF-8 bytes.
    ///
    /// ```kql
    /// print base64_encode_tostring("Kusto")      //=> S3VzdG8=
    /// ```
    BASE64_ENCODE_TOSTRING = "base64_encode_tostring" | "base64_encodestring" {
        (text: String) -> String => base64_encode;
    }

    /// The text whose UTF-8 bytes a base64 text holds; empty if it holds none.
    ///
    /// ```kql
    /// print base64_decode_tostring("S3VzdG8=")      //=> Kusto
    /// ```
    BASE64_DECODE_TOSTRING = "base64_decode_tostring" | "base64_decodestring" {
        (base64_string: String) -> String => base64_decode;
    }

    /// The bytes that a base64 text holds, as an array of numbers; null if it is none.
    ///
    /// ```kql
    /// print base64_decode_toarray("S3VzdG8=")      //=> [75,117,115,116,111]
    /// ```
    BASE64_DECODE_TOARRAY = "base64_decode_toarray" {
        (base64_string: String) -> Dynamic => base64_decode_array;
    }

    /// The base64 form of an array of bytes; empty if it is none.
    ///
    /// ```kql
    /// print base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))      //=> S3VzdG8=
    /// ```
    BASE64_ENCODE_FROMARRAY = "base64_encode_fromarray" {
        (bytes: Dynamic) -> String => base64_encode_array;
    }

    /// The guid whose 16 bytes a base64 text holds; null if it holds none.
    ///
    /// ```kql
    /// print base64_decode_toguid("8jMxriJurkmwahbmqbIS6w==")
    /// //=> ae3133f2-6e22-49ae-b06a-16e6a9b212eb
    /// ```
    BASE64_DECODE_TOGUID = "base64_decode_toguid" {
        (base64_string: String) -> Guid => base64_decode_guid;
    }

    /// The base64 form of a guid's 16 bytes.
    ///
    /// ```kql
    /// print base64_encode_fromguid(toguid("ae3133f2-6e22-49ae-b06a-16e6a9b212eb"))
    /// //=> 8jMxriJurkmwahbmqbIS6w==
    /// ```
    BASE64_ENCODE_FROMGUID = "base64_encode_fromguid" {
        (guid: Guid) -> String => base64_encode_guid;
    }

    /// Encodes a text for a URL; a space becomes `+`.
    ///
    /// ```kql
    /// print url_encode("https://www.bing.com/hello world")
    /// //=> https%3a%2f%2fwww.bing.com%2fhello+world
    /// ```
    URL_ENCODE = "url_encode" { (url: String) -> String => url_encode; }

    /// Encodes a text for a URL; a space becomes `%20`.
    ///
    /// ```kql
    /// print url_encode_component("https://www.bing.com/hello world")
    /// //=> https%3a%2f%2fwww.bing.com%2fhello%20world
    /// ```
    URL_ENCODE_COMPONENT = "url_encode_component" { (url: String) -> String => url_component; }

    /// Decodes a text from a URL.
    ///
    /// ```kql
    /// print url_decode("https%3a%2f%2fwww.bing.com%2f")      //=> https://www.bing.com/
    /// ```
    URL_DECODE = "url_decode" { (encoded_url: String) -> String => url_decode; }

    /// Compresses a text with gzip and encodes the result in base64.
    ///
    /// ```kql
    /// print gzip_decompress_from_base64_string(gzip_compress_to_base64_string("abc"))     //=> abc
    /// ```
    GZIP_COMPRESS = "gzip_compress_to_base64_string" { (text: String) -> String => gzip; }

    /// Decodes a text from base64 and decompresses it with gzip; empty if that fails.
    ///
    /// ```kql
    /// print gzip_decompress_from_base64_string("H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==")
    /// //=> 1234567890qwertyuiop
    /// ```
    GZIP_DECOMPRESS = "gzip_decompress_from_base64_string" { (text: String) -> String => gunzip; }

    /// Compresses a text with zlib and encodes the result in base64.
    ///
    /// ```kql
    /// print zlib_decompress_from_base64_string(zlib_compress_to_base64_string("abc"))     //=> abc
    /// ```
    ZLIB_COMPRESS = "zlib_compress_to_base64_string" { (text: String) -> String => zlib; }

    /// Decodes a text from base64 and decompresses it with zlib; empty if that fails.
    ///
    /// ```kql
    /// print zlib_decompress_from_base64_string("eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=")
    /// //=> Test string 123
    /// ```
    ZLIB_DECOMPRESS = "zlib_decompress_from_base64_string" { (text: String) -> String => unzlib; }

    /// The punycode form of a text.
    ///
    /// ```kql
    /// print punycode_from_string("académie-française")      //=> acadmie-franaise-npb1a
    /// ```
    PUNYCODE_FROM_STRING = "punycode_from_string" { (text: String) -> String => to_punycode; }

    /// The text that punycode spells; empty if it spells none.
    ///
    /// ```kql
    /// print punycode_to_string("acadmie-franaise-npb1a")      //=> académie-française
    /// ```
    PUNYCODE_TO_STRING = "punycode_to_string" { (text: String) -> String => of_punycode; }

    /// The domain name that an encoded domain name (`xn--…`) stands for.
    ///
    /// ```kql
    /// print punycode_domain_from_string("xn--Ge-mia.Bulg.edu")      //=> Gáe.Bulg.edu
    /// ```
    PUNYCODE_DOMAIN_FROM_STRING = "punycode_domain_from_string" {
        (encoded: String) -> String => of_domain;
    }

    /// The encoded form (`xn--…`) of an international domain name.
    ///
    /// ```kql
    /// print punycode_domain_to_string("Kaledvoulc'h.Artorījos.edu")
    /// //=> Kaledvoulc'h.xn--Artorjos-ejb.edu
    /// ```
    PUNYCODE_DOMAIN_TO_STRING = "punycode_domain_to_string" {
        (domain: String) -> String => to_domain;
    }
}

fn base64_encode(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| BASE64.encode(text))
}

fn base64_decode(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| BASE64.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()))
}

fn base64_decode_array(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| {
        let bytes = BASE64.decode(text).ok()?;
        let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
        Some(format!("[{}]", numbers.join(",")))
    })
}

fn base64_encode_array(args: &Args) -> Result<ArrayRef> {
    args.map1(|json: &str| {
        let bytes: Option<Vec<u8>> = json_elements(json)?.iter().map(|e| e.parse().ok()).collect();
        bytes.map(|bytes| BASE64.encode(bytes))
    })
}

/// The order in which a guid's bytes are stored: its first three parts start with the low byte.
const GUID_ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/// The 16 bytes of a guid as they are stored.
pub fn guid_bytes(guid: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = guid.bytes().filter(|b| *b != b'-').collect();
    let mut bytes = [0; 16];
    for (pair, place) in digits.chunks(2).zip(GUID_ORDER) {
        bytes[place] = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (digits.len() == 32).then_some(bytes)
}

fn base64_decode_guid(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| {
        let bytes: [u8; 16] = BASE64.decode(text).ok()?.try_into().ok()?;
        let mut guid = String::with_capacity(36);
        for (at, place) in GUID_ORDER.into_iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                guid.push('-');
            }
            push_hex(&mut guid, bytes[place]);
        }
        Some(guid)
    })
}

fn base64_encode_guid(args: &Args) -> Result<ArrayRef> {
    args.map1(|guid: &str| guid_bytes(guid).map(|bytes| BASE64.encode(bytes)))
}

/// Appends a byte as two lower-case hex digits.
pub fn push_hex(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

fn url_encode(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| percent_encode(text, "+"))
}

fn url_component(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| percent_encode(text, "%20"))
}

fn percent_encode(text: &str, space: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push_str(space),
            b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => {
                out.push('%');
                push_hex(&mut out, byte);
            }
        }
    }
    out
}

fn url_decode(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| String::from_utf8_lossy(&percent_decode(text.as_bytes())).into_owned())
}

fn percent_decode(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            (other, ..) => out.push(other),
        }
        at += 1;
    }
    out
}

fn gzip(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| {
        let mut encoder = GzEncoder::new(vec![], Compression::default());
        encoder.write_all(text.as_bytes()).ok()?;
        encoder.finish().ok().map(|bytes| BASE64.encode(bytes))
    })
}

fn zlib(args: &Args) -> Result<ArrayRef> {
    args.map1(|text: &str| {
        let mut encoder = ZlibEncoder::new(vec![], Compression::default());
        encoder.write_all(text.as_bytes()).ok()?;
        encoder.finish().ok().map(|bytes| BASE64.encode(bytes))
    })
}

fn gunzip(args: &Args) -> Result<ArrayRef> {
    decompress(args, |bytes| Box::new(GzDecoder::new(bytes)))
}

fn unzlib(args: &Args) -> Result<ArrayRef> {
    decompress(args, |bytes| Box::new(ZlibDecoder::new(bytes)))
}

fn decompress(
    args: &Args,
    decoder: for<'b> fn(&'b [u8]) -> Box<dyn Read + 'b>,
) -> Result<ArrayRef> {
    // A small text may decompress to more than memory holds.
    const MOST: u64 = 64 << 20;
    let texts = args.texts(0)?;
    crate::functions::columns::texts((0..args.rows()).map(|row| {
        let Ok(bytes) = BASE64.decode(texts.get(row)) else { return Ok(String::new()) };
        let mut text = vec![];
        let read = decoder(&bytes).take(MOST + 1).read_to_end(&mut text);
        if text.len() as u64 > MOST {
            return Err(Error::Execution(format!(
                "a text decompresses to more than {} MB",
                MOST >> 20
            )));
        }
        Ok(read.ok().and_then(|_| String::from_utf8(text).ok()).unwrap_or_default())
    }))
}

fn to_punycode(args: &Args) -> Result<ArrayRef> {
    args.map1(punycode::encode)
}

fn of_punycode(args: &Args) -> Result<ArrayRef> {
    args.map1(punycode::decode)
}

fn to_domain(args: &Args) -> Result<ArrayRef> {
    args.map1(punycode::encode_domain)
}

fn of_domain(args: &Args) -> Result<ArrayRef> {
    args.map1(punycode::decode_domain)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, StringViewArray};

    use super::*;
    use crate::types::Type;

    fn call(kernel: fn(&Args) -> Result<ArrayRef>, value: &str) -> Result<Option<String>> {
        let arrays: [ArrayRef; 1] = [Arc::new(StringViewArray::from_iter_values([value]))];
        let result = kernel(&Args::new(&arrays, &[true], &[Type::String], 1))?;
        Ok(result.as_string_view().iter().next().flatten().map(str::to_string))
    }

    #[test]
    fn base64_of_texts_bytes_and_guids() -> Result<()> {
        let array = Some("[75,117,115,116,111]".to_string());
        assert_eq!(call(base64_decode_array, "S3VzdG8=")?, array);
        assert_eq!(call(base64_encode_array, "[75,117,115,116,111]")?.as_deref(), Some("S3VzdG8="));
        assert_eq!(call(base64_decode_array, "S3VzdG8")?, None);
        assert_eq!(call(base64_encode_array, "[300]")?, None);
        assert_eq!(call(base64_decode, "U3RyaW5n0KHR0tGA0L7Rh9C60LA=")?, None);
        let (guid, text) = ("ae3133f2-6e22-49ae-b06a-16e6a9b212eb", "8jMxriJurkmwahbmqbIS6w==");
        assert_eq!(call(base64_encode_guid, guid)?.as_deref(), Some(text));
        assert_eq!(call(base64_decode_guid, text)?.as_deref(), Some(guid));
        assert_eq!(call(base64_decode_guid, "abcd1231")?, None);
        Ok(())
    }

    #[test]
    fn urls_keep_what_is_safe() {
        assert_eq!(percent_encode("a b/é~", "+"), "a+b%2f%c3%a9%7e");
        assert_eq!(percent_decode(b"a+b%2F%zz%4"), b"a b/%zz%4");
    }

    #[test]
    fn compression_reads_what_others_wrote() -> Result<()> {
        let gzipped = "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==";
        assert_eq!(call(gunzip, gzipped)?.as_deref(), Some("1234567890qwertyuiop"));
        let zipped = "eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=";
        assert_eq!(call(unzlib, zipped)?.as_deref(), Some("Test string 123"));
        assert_eq!(call(unzlib, "x0x0x0")?.as_deref(), Some(""));
        let text = "abc".repeat(50);
        let packed = call(gzip, &text)?.unwrap_or_default();
        assert_eq!(call(gunzip, &packed)?, Some(text));
        Ok(())
    }
}
