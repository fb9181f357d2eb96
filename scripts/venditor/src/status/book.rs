//! The book of statements: all that an issuer has stated on a product, in the key directory as it is published. Back it
//! up as the keys: a chain that is begun anew contradicts the one that is published.
//!
//! `statements/<issuer>/<ai>-<digits>.dsse.json`, a JSON array of envelopes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use shared::dsse::{self, Envelope};
use shared::keyset::{KeySet, Use};
use trace_verify::chain::{Chain, MAX_CHAIN, Trust};
use trace_verify::digital_link::PrimaryKey;
use trace_verify::statement::{MAX_STATEMENTS, Statement};
use trace_verify::status::Status;

use crate::files::{self, Access};
use crate::keys::dir::{KeyDir, Kind};
use crate::{document, mend, out};

/// The statements of an issuer on a product.
pub struct Book {
    pub issuer: String,
    pub product: PrimaryKey,
    pub chain: Chain,
    path: PathBuf,
    envelopes: Vec<serde_json::Value>,
}

/// From how many statements on the end of a chain is warned of.
const NEARLY_FULL: u32 = MAX_STATEMENTS - 8;

/// All books of the key directory, sorted.
pub fn all(keys: &KeyDir, now: i64) -> Result<Vec<Book>> {
    let mut books = Vec::new();
    let set = keys.keyset()?;
    for issuer in set.issuers() {
        let folder = keys.file("statements").join(issuer.name);
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let name = entry?.file_name();
            let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".dsse.json")) else { continue };
            let product = PrimaryKey::parse(&name.replacen('-', "/", 1))
                .map_err(|e| anyhow!("{}: {name}: {e}", folder.display()))?;
            books.push(Book::open(keys, issuer.name, &product, &set, now)?);
        }
    }
    books.sort_by_key(|book| (book.issuer.clone(), book.product.to_string()));
    Ok(books)
}

impl Book {
    /// The book that a status key writes in.
    pub fn of_key(keys: &KeyDir, kid: &str, product: &PrimaryKey, now: i64) -> Result<Book> {
        let set = keys.keyset()?;
        let key = set
            .key_for(kid, Use::Status, now, now)
            .map_err(|e| mend::key_refused(keys, &set, kid, Use::Status, now, e))?;
        Book::open(keys, key.issuer(), product, &set, now)
    }

    fn open(keys: &KeyDir, issuer: &str, product: &PrimaryKey, set: &KeySet, now: i64) -> Result<Book> {
        let name = product.to_string().replacen('/', "-", 1);
        let path = keys.file("statements").join(issuer).join(format!("{name}.dsse.json"));
        let bytes = if path.exists() { Some(files::read(&path)?) } else { None };
        let chain = bytes.as_deref().map(|bytes| Chain::read(bytes, issuer, product, set, now)).unwrap_or_default();
        let envelopes = match &bytes {
            Some(bytes) => serde_json::from_slice(bytes).with_context(|| path.display().to_string())?,
            None => Vec::new(),
        };
        Ok(Book { issuer: issuer.to_owned(), product: product.clone(), chain, path, envelopes })
    }

    /// The sequences of the statements in force, lifts left out.
    pub fn in_force(&self) -> Vec<u32> {
        let links = self.chain.in_force(None).map(|link| &link.statement.payload);
        let warns = links.filter(|statement| statement.status.state != trace_verify::status::State::Active);
        warns.map(|statement| statement.sequence).collect()
    }

    /// The sequences of warnings that are neither in force nor taken back: a stolen key dated them after the theft.
    pub fn in_doubt(&self) -> Vec<u32> {
        self.chain.in_doubt(None).map(|link| link.statement.payload.sequence).collect()
    }

    /// The same in words.
    pub fn in_force_text(&self) -> String {
        let sequences: Vec<String> = self.in_force().iter().map(u32::to_string).collect();
        let sequences = if sequences.is_empty() { "none".to_owned() } else { sequences.join(", ") };
        let doubtful: Vec<String> = self.in_doubt().iter().map(u32::to_string).collect();
        let doubtful = if doubtful.is_empty() { String::new() } else { format!("; in doubt: {}", doubtful.join(", ")) };
        format!("in force of {} on {}: {sequences}{doubtful}", self.issuer, self.product)
    }

    /// The digests of statements that were named by sequence, digest or file; each must be in force.
    pub fn names(&self, named: &[String], set: &KeySet, now: i64) -> Result<Vec<String>> {
        named.iter().map(|name| self.name(name, set, now).with_context(|| format!("--lifts {name}"))).collect()
    }

    fn name(&self, name: &str, set: &KeySet, now: i64) -> Result<String> {
        let known = self
            .chain
            .links
            .iter()
            .find(|link| link.digest == name || name.parse() == Ok(link.statement.payload.sequence));
        if let Some(link) = known {
            let sequence = link.statement.payload.sequence;
            let mut open = self.chain.in_force(None).chain(self.chain.in_doubt(None));
            ensure!(open.any(|one| one.digest == link.digest), "{sequence} is lifted already");
            return Ok(link.digest.clone());
        }
        let path = PathBuf::from(name);
        ensure!(path.is_file(), "no statement of {} on {}", self.issuer, self.product);
        let bytes = files::read(&path)?;
        let alone = document::opened::<Status>(&bytes, set, now)?;
        let issuer = set.key(&alone.kid).map(|key| key.issuer()).unwrap_or_default();
        ensure!(issuer == self.issuer, "{issuer} stated it, and only {issuer} takes it back");
        Ok(Envelope::parse(&bytes).map_err(|e| anyhow!("{e}"))?.digest())
    }

    /// Adds a statement and keeps the book; its sequence. What the last statement says already is not said twice.
    pub fn state(&mut self, keys: &KeyDir, kid: &str, status: Status, lifts: Vec<String>, now: i64) -> Result<u32> {
        if let Some(problem) = self.chain.problem {
            bail!(
                "{}: {problem}: mend it from a backup, or from what is published, before more is stated",
                self.path.display()
            );
        }
        let last = self.chain.links.last();
        // What a stolen key said is worth saying again.
        if let Some(last) = last.filter(|last| last.trust == Trust::Sound) {
            let said = &last.statement.payload;
            if said.lifts == lifts && (Status { issued_at: said.status.issued_at, ..status.clone() }) == said.status {
                out::note(format!("statement {} says so already", said.sequence));
                return Ok(said.sequence);
            }
        }
        let sequence = last.map_or(1, |last| last.statement.payload.sequence + 1);
        ensure!(
            sequence <= MAX_STATEMENTS,
            "{} statements of {} on {} are the most; go on as another issuer: `keys new --use status --issuer …`",
            MAX_STATEMENTS,
            self.issuer,
            self.product
        );
        if sequence >= NEARLY_FULL {
            out::note(format!(
                "warning: statement {sequence} of at most {MAX_STATEMENTS}; make a key of another --issuer in time"
            ));
        }
        // Where clocks disagree, a statement must not look older than the one before it.
        let issued_at = last.map_or(now, |last| now.max(last.statement.payload.status.issued_at));
        let statement = Statement {
            issuer: self.issuer.clone(),
            product: self.product.clone(),
            sequence,
            previous: last.map(|last| last.digest.clone()),
            lifts,
            status: Status { issued_at, ..status },
        };
        statement.check().map_err(|e| anyhow!("{e}"))?;
        let key = keys.signing_key(Kind::Sign, kid)?;
        let envelope = dsse::sign(dsse::STATEMENT, &statement, kid, &key).map_err(|e| anyhow!("{e}"))?;
        self.envelopes.push(serde_json::from_slice(&envelope)?);
        let bytes = self.bytes();
        ensure!(bytes.len() <= MAX_CHAIN, "the statements on {} would be longer than {MAX_CHAIN} bytes", self.product);
        // What is kept is what the edge will read.
        self.chain = Chain::read(&bytes, &self.issuer, &self.product, &keys.keyset()?, now);
        if let Some(problem) = self.chain.problem {
            bail!("the new statement: {problem}");
        }
        files::dir(self.path.parent().unwrap_or(&self.path))?;
        files::replace(&self.path, &bytes, Access::Public)?;
        Ok(sequence)
    }

    /// What is published.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.envelopes).unwrap_or_default()
    }
}
