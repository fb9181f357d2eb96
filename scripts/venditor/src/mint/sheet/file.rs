//! A PDF written as it grows: one object after another, so 100,000 labels need no more memory than a page.
//!
//! pdf-writer serialises the objects; only the frame around them (header, cross-reference table, trailer) is written
//! here, because the crate's own keeps the whole file in memory. No dates, no random ids: same labels, same bytes.

use std::io::Write;

use anyhow::{Result, ensure};
use pdf_writer::{Chunk, Ref};

/// A PDF on its way out.
pub struct Growing<W> {
    out: W,
    at: u64,
    /// Where object n + 1 begins.
    offsets: Vec<Option<u64>>,
}

impl<W: Write> Growing<W> {
    pub fn new(mut out: W) -> Result<Growing<W>> {
        // Four bytes above 127 tell transfer programs that this is no text (ISO 32000-1, 7.5.2).
        let header = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
        out.write_all(header)?;
        Ok(Growing { out, at: header.len() as u64, offsets: Vec::new() })
    }

    /// A number for an object that is written later.
    pub fn reserve(&mut self) -> Ref {
        self.offsets.push(None);
        Ref::new(i32::try_from(self.offsets.len()).unwrap_or(i32::MAX))
    }

    /// Writes one object.
    pub fn put(&mut self, chunk: &Chunk) -> Result<()> {
        let ids: Vec<Ref> = chunk.refs().collect();
        let [id] = ids[..] else { anyhow::bail!("{} objects in a chunk instead of one", ids.len()) };
        self.offsets[usize::try_from(id.get())? - 1] = Some(self.at);
        self.write(chunk.as_bytes())
    }

    /// Writes table and trailer (ISO 32000-1, 7.5.4 and 7.5.5).
    pub fn finish(mut self, catalog: Ref) -> Result<W> {
        let table = self.at;
        ensure!(table < 10_000_000_000, "a PDF of {table} bytes: its table has ten digits; split the order");
        let objects = std::mem::take(&mut self.offsets);
        let mut text = format!("xref\n0 {}\n0000000000 65535 f\r\n", objects.len() + 1);
        for (n, offset) in objects.iter().enumerate() {
            let offset = offset.ok_or_else(|| anyhow::anyhow!("object {} was never written", n + 1))?;
            text.push_str(&format!("{offset:010} 00000 n\r\n"));
        }
        let (size, root) = (objects.len() + 1, catalog.get());
        text.push_str(&format!("trailer\n<< /Size {size} /Root {root} 0 R >>\nstartxref\n{table}\n%%EOF\n"));
        self.write(text.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}
