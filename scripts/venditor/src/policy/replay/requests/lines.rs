//! The lines of a log, with gzip or without, in bounded memory.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use flate2::bufread::MultiGzDecoder;

/// The longest line that is looked at, in bytes.
const LONGEST: usize = 64 << 10;
/// A file that grows to more than so many times its size, and more than so many bytes, is no log.
const MOST_GROWN: (u64, u64) = (200, 256 << 20);

/// What comes next.
pub enum Next {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line that is longer than any request.
    TooLong,
    /// Nothing any more.
    End,
    /// The file cannot be read on, and why.
    Broken(String),
}

/// A log, read from its beginning to its end.
pub struct Lines {
    input: Box<dyn BufRead>,
    /// Bytes read of the file, if it is compressed.
    packed: Option<Rc<Cell<u64>>>,
    unpacked: u64,
}

impl Lines {
    /// Opens a file, or standard input as `-`.
    pub fn open(path: &Path) -> Result<Lines> {
        let plain: Box<dyn Read> = if path.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).with_context(|| path.display().to_string())?)
        };
        let count = Rc::new(Cell::new(0));
        let mut input = BufReader::with_capacity(1 << 20, Counted { input: plain, count: Rc::clone(&count) });
        let gzip = input.fill_buf().with_context(|| path.display().to_string())?.starts_with(&[0x1f, 0x8b]);
        let (input, packed): (Box<dyn BufRead>, _) = if gzip {
            (Box::new(BufReader::with_capacity(1 << 20, MultiGzDecoder::new(input))), Some(count))
        } else {
            (Box::new(input), None)
        };
        Ok(Lines { input, packed, unpacked: 0 })
    }

    /// The next line.
    pub fn next(&mut self) -> Next {
        let mut line = Vec::new();
        let mut long = false;
        loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Next::Broken(format!("it cannot be read on: {error}")),
            };
            if buffer.is_empty() {
                return match (long, line.is_empty()) {
                    (true, _) => Next::TooLong,
                    (false, true) => Next::End,
                    (false, false) => Next::Line(line),
                };
            }
            let (part, ends) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(place) => (&buffer[..place], true),
                None => (buffer, false),
            };
            long |= line.len() + part.len() > LONGEST;
            if !long {
                line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(ends);
            self.input.consume(used);
            self.unpacked += used as u64;
            if let Some(packed) = &self.packed
                && self.unpacked > MOST_GROWN.1
                && self.unpacked / MOST_GROWN.0 > packed.get()
            {
                return Next::Broken(format!("it grows to more than {} times its size", MOST_GROWN.0));
            }
            if ends {
                return if long { Next::TooLong } else { Next::Line(line) };
            }
        }
    }
}

/// Counts what is read.
struct Counted {
    input: Box<dyn Read>,
    count: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn all(bytes: &[u8]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, bytes).unwrap();
        let mut lines = Lines::open(&path).unwrap();
        let mut all = Vec::new();
        loop {
            all.push(match lines.next() {
                Next::Line(line) => String::from_utf8_lossy(&line).into_owned(),
                Next::TooLong => "too long".to_owned(),
                Next::End => return all,
                Next::Broken(why) => {
                    all.push(why);
                    return all;
                }
            });
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn lines_are_read_with_gzip_and_without_and_in_several_members() {
        assert_eq!(all(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(all(&[gzip(b"a\nb"), gzip(b"c\nd\n")].concat()), ["a", "bc", "d"]);
        assert_eq!(all(b""), Vec::<String>::new());
    }

    #[test]
    fn what_is_too_long_is_passed_over_and_what_is_cut_is_told() {
        let long = [&vec![b'x'; LONGEST + 1][..], b"\nb\n"].concat();
        assert_eq!(all(&long), ["too long", "b"]);
        let whole = gzip(b"a\nb\nc\n");
        let cut = all(&whole[..whole.len() - 9]);
        assert!(cut.last().unwrap().contains("cannot be read on"), "{cut:?}");
    }

    #[test]
    fn what_grows_beyond_any_log_is_not_read_to_its_end() {
        let bomb = gzip(&vec![b'\n'; 300 << 20]);
        assert!(bomb.len() < 1 << 20);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.gz");
        std::fs::write(&path, bomb).unwrap();
        let mut lines = Lines::open(&path).unwrap();
        let end = loop {
            match lines.next() {
                Next::Broken(why) => break why,
                Next::End => break "end".to_owned(),
                _ => {}
            }
        };
        assert!(end.contains("200 times"), "{end}");
    }
}
