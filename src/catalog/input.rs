//! The decompressed text of a file, a bounded piece at a time.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::listing::{Compression, plain};
use crate::error::{Error, Result};

/// Bytes read at once.
const PIECE: usize = 1 << 18;
/// No record may be longer: memory stays bounded where a closing quote or brace is missing.
const MAX_RECORD: usize = 256 << 20;

/// A window on the text of a file: the bytes read and not yet consumed.
pub(super) struct Input {
    path: PathBuf,
    compression: Compression,
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// The window is `buffer[start..end]`.
    start: usize,
    end: usize,
    ended: bool,
    /// Number of the line on which the window starts, from 1.
    line: usize,
}

impl Input {
    pub fn open(path: &Path, compression: Compression) -> Result<Input> {
        let file = File::open(path).map_err(|error| Error::file(path, plain(&error)))?;
        Input::of(path, compression, file)
    }

    /// The text in `bytes`, which come from the file at `path`.
    pub fn of(
        path: &Path,
        compression: Compression,
        bytes: impl Read + Send + 'static,
    ) -> Result<Input> {
        let failed = |error: std::io::Error| Error::file(path, plain(&error));
        let reader: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(bytes),
            Compression::Gzip => {
                Box::new(MultiGzDecoder::new(BufReader::with_capacity(PIECE, bytes)))
            }
            Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(bytes).map_err(failed)?),
        };
        let mut input = Input {
            path: path.to_path_buf(),
            compression,
            reader,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            ended: false,
            line: 1,
        };
        input.skip_byte_order_mark()?;
        Ok(input)
    }

    fn skip_byte_order_mark(&mut self) -> Result<()> {
        while self.window().len() < 3 && self.more()? {}
        let window = self.window();
        if window.starts_with(b"\xef\xbb\xbf") {
            self.start += 3;
        } else if window.starts_with(b"\xff\xfe") || window.starts_with(b"\xfe\xff") {
            return Err(Error::file(&self.path, "is UTF-16 text; only UTF-8 can be read"));
        }
        Ok(())
    }

    /// The bytes at hand.
    pub fn window(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Whether nothing follows the window.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Number of the line on which the window starts, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Widens the window; false at the end of the file.
    pub fn more(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.end - self.start > MAX_RECORD {
            let message = format!("a record is longer than {} MiB", MAX_RECORD >> 20);
            return Err(self.error(0, message));
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        // Long records double the window, so that scanning them again costs little.
        let wanted = self.end + PIECE.max(self.end);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while self.end < wanted {
            match self.reader.read(&mut self.buffer[self.end..wanted]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let message = match self.compression {
                        Compression::None => plain(&error),
                        Compression::Gzip => format!("cannot be read as gzip: {error}"),
                        Compression::Zstd => format!("cannot be read as zstd: {error}"),
                    };
                    return Err(Error::file(&self.path, message));
                }
            }
        }
        Ok(self.end > 0)
    }

    /// Moves the start of the window by `count` bytes.
    pub fn consume(&mut self, count: usize) {
        let consumed = &self.buffer[self.start..self.start + count];
        self.line += memchr::memchr_iter(b'\n', consumed).count();
        self.start += count;
    }

    /// An error about the line on which byte `offset` of the window lies.
    pub fn error(&self, offset: usize, message: impl std::fmt::Display) -> Error {
        let before = &self.window()[..offset.min(self.window().len())];
        let line = self.line + memchr::memchr_iter(b'\n', before).count();
        Error::file(&self.path, format!("line {line}: {message}"))
    }

    /// An error about line `line` of the window, counted from 0.
    pub fn error_on_line(&self, line: usize, message: impl std::fmt::Display) -> Error {
        Error::file(&self.path, format!("line {}: {message}", self.line + line))
    }
}
