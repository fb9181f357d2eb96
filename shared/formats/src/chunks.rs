//! Values in chunks: how a value of megabytes lies in a key-value store whose own values are small.
//!
//! Under the value's key lies a manifest, one line of ASCII:
//!
//! ```text
//! venditor-chunks-1 <bytes> <bytes a chunk> <SHA-256 of the value, 64 lower-case hex digits>\n
//! ```
//!
//! and under `chunks/<SHA-256>/<bytes a chunk>/<index from 0>` each chunk: all of the same length but the last. Chunks
//! are named by what they are part of, so a new value never overwrites an old one's: a reader that meets a publication
//! half done, or a store that shows writes out of order, finds a chunk missing and never a mixture. Chunks are written
//! first and the manifest last; a former value's chunks stay for as long as some reader may still see its manifest
//! (Workers KV: minutes).
//!
//! A value that fits one chunk lies under its key as it is, without a manifest.

use std::num::NonZeroUsize;

use sha2::{Digest, Sha256};

use crate::hex::hex;

/// What a manifest begins with.
const MAGIC: &str = "venditor-chunks-1 ";

/// Bytes a chunk for stores with small values: half of the megabyte that hosted Spin takes.
pub const SMALL: NonZeroUsize = match NonZeroUsize::new(512 * 1024) {
    Some(bytes) => bytes,
    None => NonZeroUsize::MIN,
};

/// Most chunks of one value: each is a read, and Workers allows a request a thousand.
pub const MAX_CHUNKS: usize = 500;

/// Why a value cannot be put together, or taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkError {
    /// It begins like a manifest and is none.
    Malformed,
    /// More bytes than the reader allows.
    TooLarge {
        /// Bytes of the value.
        bytes: usize,
    },
    /// It would take more than [`MAX_CHUNKS`].
    TooMany,
    /// A chunk is absent or of another length than the manifest says: a publication half done or half visible.
    Incomplete {
        /// Index of the chunk, from 0.
        chunk: usize,
    },
    /// All chunks are there, and together they are not the value that the manifest names.
    Corrupt,
}

impl std::fmt::Display for ChunkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ChunkError::Malformed => f.write_str("malformed chunk manifest"),
            ChunkError::TooLarge { bytes } => write!(f, "{bytes} bytes are more than allowed"),
            ChunkError::TooMany => write!(f, "more than {MAX_CHUNKS} chunks"),
            ChunkError::Incomplete { chunk } => write!(f, "chunk {chunk} is absent or of another length"),
            ChunkError::Corrupt => f.write_str("the chunks are not the value that the manifest names"),
        }
    }
}

impl std::error::Error for ChunkError {}

/// What to write for a value, in the order in which to write it: key and bytes, the value's own key last.
pub fn write(key: &str, value: &[u8], chunk_bytes: NonZeroUsize) -> Result<Vec<(String, Vec<u8>)>, ChunkError> {
    if value.len() <= chunk_bytes.get() && !value.starts_with(MAGIC.as_bytes()) {
        return Ok(vec![(key.to_owned(), value.to_vec())]);
    }
    let manifest = Manifest { bytes: value.len(), chunk_bytes, digest: hex(&Sha256::digest(value)) };
    if manifest.chunks() > MAX_CHUNKS {
        return Err(ChunkError::TooMany);
    }
    let chunks = value.chunks(chunk_bytes.get()).enumerate();
    let mut all: Vec<_> = chunks.map(|(index, chunk)| (manifest.key(index), chunk.to_vec())).collect();
    all.push((key.to_owned(), manifest.line().into_bytes()));
    Ok(all)
}

/// What lies under the key of a value in chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    bytes: usize,
    chunk_bytes: NonZeroUsize,
    digest: String,
}

impl Manifest {
    /// Reads what lies under a key; `None` if that is the value itself.
    pub fn read(stored: &[u8]) -> Result<Option<Manifest>, ChunkError> {
        if !stored.starts_with(MAGIC.as_bytes()) {
            return Ok(None);
        }
        let manifest = std::str::from_utf8(stored).ok().and_then(Manifest::parse).ok_or(ChunkError::Malformed)?;
        if manifest.chunks() > MAX_CHUNKS {
            return Err(ChunkError::TooMany);
        }
        Ok(Some(manifest))
    }

    fn parse(text: &str) -> Option<Manifest> {
        let mut words = text.strip_prefix(MAGIC)?.strip_suffix('\n')?.split(' ');
        let (bytes, chunk_bytes, digest) = (words.next()?, words.next()?, words.next()?);
        let manifest =
            Manifest { bytes: bytes.parse().ok()?, chunk_bytes: chunk_bytes.parse().ok()?, digest: digest.to_owned() };
        let is_digest = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        // One spelling only.
        (is_digest && manifest.line() == text).then_some(manifest)
    }

    fn line(&self) -> String {
        let Manifest { bytes, chunk_bytes, digest } = self;
        format!("{MAGIC}{bytes} {chunk_bytes} {digest}\n")
    }

    /// Bytes of the value.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many chunks it has; at most [`MAX_CHUNKS`].
    pub fn chunks(&self) -> usize {
        self.bytes.div_ceil(self.chunk_bytes.get())
    }

    /// The key of a chunk, by index from 0.
    pub fn key(&self, index: usize) -> String {
        format!("chunks/{}/{}/{index}", self.digest, self.chunk_bytes)
    }

    /// Begins to put the value together, if it has at most `max_bytes`.
    pub fn assemble(self, max_bytes: usize) -> Result<Assembly, ChunkError> {
        if self.bytes > max_bytes {
            return Err(ChunkError::TooLarge { bytes: self.bytes });
        }
        Ok(Assembly { value: Vec::with_capacity(self.bytes), manifest: self, next: 0 })
    }
}

/// A value in the making.
#[derive(Debug)]
pub struct Assembly {
    manifest: Manifest,
    value: Vec<u8>,
    next: usize,
}

impl Assembly {
    /// The key to read next; `None` once all chunks are there.
    pub fn wants(&self) -> Option<String> {
        (self.next < self.manifest.chunks()).then(|| self.manifest.key(self.next))
    }

    /// Adds what was read under the key that [`Assembly::wants`] named; `None` if nothing lies there.
    pub fn add(&mut self, chunk: Option<&[u8]>) -> Result<(), ChunkError> {
        let left = self.manifest.bytes.saturating_sub(self.value.len());
        let expected = left.min(self.manifest.chunk_bytes.get());
        let chunk = chunk.filter(|chunk| chunk.len() == expected && expected > 0);
        self.value.extend_from_slice(chunk.ok_or(ChunkError::Incomplete { chunk: self.next })?);
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    /// All chunks together; whether they are what was meant, the caller must find out by a digest of its own.
    pub fn unverified(self) -> Result<Vec<u8>, ChunkError> {
        if self.value.len() != self.manifest.bytes {
            return Err(ChunkError::Incomplete { chunk: self.next });
        }
        Ok(self.value)
    }

    /// The value, if it is the one that the manifest names.
    pub fn finish(self) -> Result<Vec<u8>, ChunkError> {
        let digest = self.manifest.digest.clone();
        let value = self.unverified()?;
        if hex(&Sha256::digest(&value)) == digest { Ok(value) } else { Err(ChunkError::Corrupt) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    type Store = BTreeMap<String, Vec<u8>>;

    fn size(bytes: usize) -> NonZeroUsize {
        NonZeroUsize::new(bytes).unwrap()
    }

    fn read(store: &Store, key: &str, max_bytes: usize) -> Result<Vec<u8>, ChunkError> {
        let stored = &store[key];
        let Some(manifest) = Manifest::read(stored)? else { return Ok(stored.clone()) };
        let mut assembly = manifest.assemble(max_bytes)?;
        while let Some(key) = assembly.wants() {
            assembly.add(store.get(&key).map(Vec::as_slice))?;
        }
        assembly.finish()
    }

    #[test]
    fn the_format_is_the_documented_one() {
        let written = write("pack", b"abcde", size(2)).unwrap();
        // SHA-256 of "abcde", by sha256sum.
        let digest = "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c";
        let keys: Vec<_> = written.iter().map(|(key, _)| key.clone()).collect();
        let chunk = |index| format!("chunks/{digest}/2/{index}");
        assert_eq!(keys, [chunk(0), chunk(1), chunk(2), "pack".to_owned()]);
        assert_eq!(written[2].1, b"e");
        assert_eq!(written[3].1, format!("venditor-chunks-1 5 2 {digest}\n").into_bytes());
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in [&b""[..], b"a", b"abcd", b"abcde", b"abcdefgh", b"venditor-chunks-1 ", b"venditor-chunks-1 x\n"] {
            let store: Store = write("k", value, size(4)).unwrap().into_iter().collect();
            assert_eq!(read(&store, "k", 100).as_deref(), Ok(value));
        }
    }

    #[test]
    fn a_torn_publication_is_never_read_as_whole() {
        let old = write("k", b"old value", size(4)).unwrap();
        let new = write("k", b"new value!", size(4)).unwrap();
        // In order: the old value is whole until the manifest, the last to be written, makes it the new one.
        let mut store: Store = old.iter().cloned().collect();
        for (key, bytes) in &new {
            assert_eq!(read(&store, "k", 100).as_deref(), Ok(&b"old value"[..]));
            store.insert(key.clone(), bytes.clone());
        }
        assert_eq!(read(&store, "k", 100).as_deref(), Ok(&b"new value!"[..]));
        // Out of order, as an eventually consistent store may show it: missing, not mixed.
        let mut store: Store = old.into_iter().collect();
        store.extend(new.last().cloned());
        store.extend(new.first().cloned());
        assert_eq!(read(&store, "k", 100), Err(ChunkError::Incomplete { chunk: 1 }));
    }

    #[test]
    fn bounds_and_corruption() {
        let mut store: Store = write("k", b"0123456789", size(4)).unwrap().into_iter().collect();
        assert_eq!(read(&store, "k", 9), Err(ChunkError::TooLarge { bytes: 10 }));
        let second = store.keys().nth(1).unwrap().clone();
        store.insert(second.clone(), b"456".to_vec());
        assert_eq!(read(&store, "k", 10), Err(ChunkError::Incomplete { chunk: 1 }));
        store.insert(second, b"456x".to_vec());
        assert_eq!(read(&store, "k", 10), Err(ChunkError::Corrupt));
        assert_eq!(write("k", &[0; 1001], size(2)), Err(ChunkError::TooMany));
    }

    #[test]
    fn manifests_have_one_spelling() {
        let digest = "0".repeat(64);
        assert!(Manifest::read(format!("venditor-chunks-1 5 2 {digest}\n").as_bytes()).unwrap().is_some());
        assert_eq!(Manifest::read(b"{}"), Ok(None));
        for bad in [
            format!("venditor-chunks-1 5 2 {digest}"),
            format!("venditor-chunks-1 05 2 {digest}\n"),
            format!("venditor-chunks-1 +5 2 {digest}\n"),
            format!("venditor-chunks-1 5 0 {digest}\n"),
            format!("venditor-chunks-1 5 2 {digest} \n"),
            format!("venditor-chunks-1 5 2 {}\n", "A".repeat(64)),
            format!("venditor-chunks-1 99999999999999999999999 2 {digest}\n"),
        ] {
            assert_eq!(Manifest::read(bad.as_bytes()), Err(ChunkError::Malformed), "{bad}");
        }
        let many = format!("venditor-chunks-1 1001 2 {digest}\n");
        assert_eq!(Manifest::read(many.as_bytes()), Err(ChunkError::TooMany));
    }
}
