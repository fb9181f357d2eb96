//! The key directory: secrets, one file each, and the signed key set that speaks of them.
//!
//! ```text
//! root/<kid>.key     Ed25519, signs the key set; keep it offline once the set is signed
//! sign/<kid>.key     Ed25519, signs manifests, records, status, receipts
//! mac/<kid>.key      marks labels
//! caller/<kid>.key   signs requests to instant-refund (see callers.rs)
//! device.key         what the functions hash visitors' devices with
//! log.key            what instant-refund hashes ids in its logs with
//! roots.pub          public halves of the roots: the value of TRACE_ROOT_KEY
//! keyset.dsse.json   the signed key set
//! counters.json      which counters are taken (see mint/ledger.rs)
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use shared::dsse;
use shared::keyset::{KeySet, KeySetDocument, Roots};
use shared::mac::Secret;
use trace_verify::serial::MacKeys;

use crate::files::{self, Access};

/// Which folder a secret is kept in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Root,
    Sign,
    Mac,
    Caller,
    Uploader,
    /// What bot-screen seals challenges and passes with.
    Pass,
    /// What trace-verify seals cookies with.
    Cookie,
    /// What an app signs scans with.
    App,
}

impl Kind {
    const fn folder(self) -> &'static str {
        match self {
            Kind::Root => "root",
            Kind::Sign => "sign",
            Kind::Mac => "mac",
            Kind::Caller => "caller",
            Kind::Uploader => "uploader",
            Kind::Pass => "pass",
            Kind::Cookie => "cookie",
            Kind::App => "app",
        }
    }
}

/// A secret on disk. It has no `Debug`.
#[derive(Serialize, Deserialize)]
struct SecretFile {
    kid: String,
    secret: String,
}

/// An opened key directory.
pub struct KeyDir {
    path: PathBuf,
}

impl KeyDir {
    /// Names a directory; it need not exist.
    pub fn at(path: &Path) -> KeyDir {
        KeyDir { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where the signed key set is.
    pub fn keyset_path(&self) -> PathBuf {
        self.file("keyset.dsse.json")
    }

    /// Makes it if needed and keeps other runs away until the guard is dropped.
    pub fn lock(&self) -> Result<fs::File> {
        files::private_dir(&self.path)?;
        files::lock(&self.file("lock"))
    }

    fn secret_path(&self, kind: Kind, kid: &str) -> PathBuf {
        self.path.join(kind.folder()).join(format!("{kid}.key"))
    }

    /// Whether this secret is here.
    pub fn has(&self, kind: Kind, kid: &str) -> bool {
        self.secret_path(kind, kid).exists()
    }

    /// Draws 32 secret bytes from the system and stores them; never over existing ones.
    pub fn draw(&self, kind: Kind, kid: &str) -> Result<()> {
        let path = self.secret_path(kind, kid);
        files::private_dir(path.parent().unwrap_or(&self.path))?;
        store(&path, kid)
    }

    /// The secret with this id.
    pub fn secret(&self, kind: Kind, kid: &str) -> Result<Secret> {
        load(&self.secret_path(kind, kid), kid)
    }

    /// The secret with this id as a signing key.
    pub fn signing_key(&self, kind: Kind, kid: &str) -> Result<SigningKey> {
        Ok(SigningKey::from_bytes(self.secret(kind, kid)?.expose()))
    }

    /// The ids of a kind, sorted; numbers as numbers.
    pub fn kids(&self, kind: Kind) -> Result<Vec<String>> {
        let folder = self.path.join(kind.folder());
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut kids = Vec::new();
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let name = entry?.file_name();
            kids.extend(name.to_str().and_then(|name| name.strip_suffix(".key")).map(str::to_owned));
        }
        kids.sort_by_key(|kid| (kid.parse::<u32>().unwrap_or(u32::MAX), kid.clone()));
        Ok(kids)
    }

    /// The MAC secrets, as configuration holds them: `kid:base64url,…`.
    pub fn mac_keys_text(&self) -> Result<String> {
        let mut entries = Vec::new();
        for kid in self.kids(Kind::Mac)? {
            entries.push(format!("{kid}:{}", URL_SAFE_NO_PAD.encode(self.secret(Kind::Mac, &kid)?.expose())));
        }
        Ok(entries.join(","))
    }

    /// Keys that seal, as configuration holds them, empty without any: the one whose id sorts last seals, all open.
    pub fn seal_keys_text(&self, kind: Kind) -> Result<String> {
        let mut entries = Vec::new();
        for kid in self.kids(kind)?.iter().rev() {
            entries.push(format!("{kid}:{}", URL_SAFE_NO_PAD.encode(self.secret(kind, kid)?.expose())));
        }
        Ok(entries.join(","))
    }

    /// The MAC secrets, ready for use.
    pub fn mac_keys(&self) -> Result<MacKeys> {
        let text = self.mac_keys_text()?;
        MacKeys::parse(&text).map_err(|e| anyhow!("{}: {e}", self.file("mac").display()))
    }

    /// The device secret in base64url, drawn when it is first asked for.
    pub fn device_secret(&self) -> Result<String> {
        self.drawn_once("device")
    }

    /// The log secret in base64url, drawn when it is first asked for.
    pub fn log_secret(&self) -> Result<String> {
        self.drawn_once("log")
    }

    fn drawn_once(&self, name: &str) -> Result<String> {
        let path = self.file(&format!("{name}.key"));
        if !path.exists() {
            store(&path, name)?;
        }
        Ok(URL_SAFE_NO_PAD.encode(load(&path, name)?.expose()))
    }

    /// The public halves of the roots, as configuration holds them.
    pub fn roots_text(&self) -> Result<String> {
        let path = self.file("roots.pub");
        let text = String::from_utf8(files::read(&path).context("no root key yet: `keys new --use root --kid ID`")?);
        Ok(text.with_context(|| path.display().to_string())?.trim().to_owned())
    }

    /// The public halves of the roots.
    pub fn roots(&self) -> Result<Roots> {
        let text = self.roots_text()?;
        Roots::parse(&text).map_err(|e| anyhow!("{}: {e}", self.file("roots.pub").display()))
    }

    /// Adds a root's public half, behind those that are there.
    pub fn publish_root(&self, kid: &str) -> Result<()> {
        let public = URL_SAFE_NO_PAD.encode(self.signing_key(Kind::Root, kid)?.verifying_key().to_bytes());
        let entry = format!("{kid}:{public}");
        let known = if self.file("roots.pub").exists() { self.roots_text()? } else { String::new() };
        if known.split(',').any(|known| known == entry) {
            return Ok(());
        }
        let text = if known.is_empty() { entry } else { format!("{known},{entry}") };
        Roots::parse(&text).map_err(|e| anyhow!("{e}"))?;
        files::replace(&self.file("roots.pub"), format!("{text}\n").as_bytes(), Access::Public)
    }

    /// The signed key set, verified under our roots.
    pub fn keyset(&self) -> Result<KeySet> {
        read_keyset(&self.keyset_path(), &self.roots()?)
    }

    /// Changes the key set and signs its next edition with the root that signed the last one, or with `root`.
    pub fn edit(
        &self,
        root: Option<&str>,
        now: i64,
        change: impl FnOnce(&mut KeySetDocument) -> Result<()>,
    ) -> Result<u64> {
        let (mut document, last_root) = if self.keyset_path().exists() {
            let set = self.keyset()?;
            (set.document().clone(), Some(set.signed_by().to_owned()))
        } else {
            (
                KeySetDocument { version: 0, issued_at: now, keys: Vec::new(), mac_keys: Vec::new(), policy_epoch: 0 },
                None,
            )
        };
        let root = match root.map(str::to_owned).or(last_root) {
            Some(root) => root,
            None => {
                self.kids(Kind::Root)?.into_iter().next().context("no root key yet: `keys new --use root --kid ID`")?
            }
        };
        if !self.has(Kind::Root, &root) {
            bail!(
                "{}: not here, and the key set must be signed with it",
                self.secret_path(Kind::Root, &root).display()
            );
        }
        change(&mut document)?;
        document.version += 1;
        // A set must not look older than its predecessor where clocks disagree.
        document.issued_at = now.max(document.issued_at);
        document.check().map_err(|e| anyhow!("{e}"))?;
        let key = self.signing_key(Kind::Root, &root)?;
        let envelope =
            dsse::sign(dsse::KEYSET, &document, &root, &key).map_err(|e| anyhow!("signing the key set: {e}"))?;
        KeySet::verify_and_parse(&envelope, &self.roots()?).map_err(|e| anyhow!("the new key set: {e}"))?;
        files::replace(&self.keyset_path(), &envelope, Access::Public)?;
        Ok(document.version)
    }
}

/// Reads a signed key set; the error names the file.
pub fn read_keyset(path: &Path, roots: &Roots) -> Result<KeySet> {
    KeySet::verify_and_parse(&files::read(path)?, roots).map_err(|e| anyhow!("{}: {e}", path.display()))
}

fn store(path: &Path, kid: &str) -> Result<()> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("the system gives no random bytes: {e}"))?;
    let file = SecretFile { kid: kid.to_owned(), secret: URL_SAFE_NO_PAD.encode(bytes) };
    files::create(path, &serde_json::to_vec(&file)?, Access::Secret)
}

fn load(path: &Path, kid: &str) -> Result<Secret> {
    let bytes = files::read(path)?;
    // serde's own message could quote the secret.
    let file: SecretFile = serde_json::from_slice(&bytes).map_err(|_| anyhow!("{}: not a key file", path.display()))?;
    if file.kid != kid {
        bail!("{}: field `kid` is `{}`, the file's name says `{kid}`", path.display(), file.kid);
    }
    Secret::from_base64url(&file.secret)
        .map_err(|_| anyhow!("{}: field `secret` is not 32 bytes in unpadded base64url", path.display()))
}
