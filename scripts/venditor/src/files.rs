//! Files that survive a crash and secrets that only their owner reads.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever the umask lets.
    Public,
    /// The owner: 0600.
    Secret,
}

impl Access {
    const fn mode(self) -> u32 {
        match self {
            Access::Public => 0o666,
            Access::Secret => 0o600,
        }
    }
}

/// Reads a whole file; the error names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

/// Reads a JSON file; the error names file, line and column.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&read(path)?).with_context(|| path.display().to_string())
}

/// Replaces a file in one step: afterwards it is the old one or the new one, whole, even after a power cut.
pub fn replace(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    let temporary = sibling(path, ".tmp");
    let write = || -> std::io::Result<()> {
        // A leftover of a crash may have other permissions.
        let _ = fs::remove_file(&temporary);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(access.mode()).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_parent(path)
    };
    write().with_context(|| format!("writing {}", path.display()))
}

/// Replaces a JSON file, as [`replace`].
pub fn replace_json<T: Serialize>(path: &Path, value: &T, access: Access) -> Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    replace(path, &bytes, access)
}

/// Writes a file that must not exist yet.
pub fn create(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    if path.exists() {
        bail!("{} exists already and is not overwritten", path.display());
    }
    replace(path, bytes, access)
}

/// Makes a directory that only its owner enters, with its parents.
pub fn private_dir(path: &Path) -> Result<()> {
    let make = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    make.with_context(|| format!("making {}", path.display()))
}

/// Makes a directory with its parents.
pub fn dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("making {}", path.display()))
}

/// Keeps other runs of this tool away until it is dropped.
pub fn lock(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
    let file = file.with_context(|| path.display().to_string())?;
    file.lock().with_context(|| format!("locking {}", path.display()))?;
    Ok(file)
}

/// The same name with something behind it, in the same directory.
pub fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// A rename lasts only once its directory is on the disk.
pub fn sync_parent(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
