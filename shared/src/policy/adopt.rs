//! Looking for something new, beside the traffic: a key set, a statement, a shadow. What is refused is told, and what
//! was in force goes on.
//!
//! The order of adopting is what makes it safe to die in between: every section is read and verified, the pack is kept
//! in the function's own database, the statement is compared and set there, and only then does it judge here.

use std::sync::Arc;

use formats::keyset::KeySet;
use formats::policy::{self, Role, Signed, Wanted, statement_key};
use futures_util::future::join4;

use super::event::Happening;
use super::packs::InForce;
use super::store::{self, Adopted, Candidate};
use super::{Pack, Packs, REFRESH_MS, Spec, Trust, keysets, read};
use crate::platform::{Clock, Events, Kv, Sql, StorageError};

/// The key of the key set.
pub const KEYSET_KEY: &str = "keyset";

/// One look around.
struct Look<'a, H> {
    host: &'a H,
    function: &'static str,
    spec: &'a Spec,
    trust: &'a Trust,
    packs: &'a Packs,
    /// The key set to judge by; without one nothing new is adopted.
    keyset: Option<&'a KeySet>,
    now: i64,
}

/// What the database knows of a role.
#[derive(Clone)]
enum Floor {
    /// It does not answer.
    Unknown,
    /// Nothing was adopted yet.
    None,
    /// The highest that was adopted.
    At(Adopted),
}

/// Looks for something new, and puts it in force.
pub async fn beside<H: Clock + Events + Kv + Sql>(
    host: &H,
    function: &'static str,
    spec: &Spec,
    trust: Option<&Trust>,
    packs: &Packs,
) {
    if let Err(error) = keep_bundled(host, function, spec, packs).await {
        packs
            .tell(host, function, Happening::new("unavailable", "storage_unavailable", "bundled").because(error))
            .await;
    }
    let Some(trust) = trust else { return };
    let (current_key, shadow_key) = (statement_key(function, Role::Current), statement_key(function, Role::Shadow));
    let (rows, set, current, shadow) =
        join4(store::adopted(host), host.get(KEYSET_KEY), host.get(&current_key), host.get(&shadow_key)).await;
    let floor = |role: Role| match &rows {
        Err(_) => Floor::Unknown,
        Ok(rows) => rows.iter().find(|row| row.name == role.name()).map_or(Floor::None, |row| Floor::At(row.clone())),
    };
    if let Err(error) = &rows {
        packs
            .tell(host, function, Happening::new("unavailable", "storage_unavailable", "current").because(error))
            .await;
    }
    let found = set.as_ref().map(Option::as_deref).map_err(drop);
    let keyset = keysets::adopt(host, function, trust, packs, found, rows.as_deref().ok()).await.ok();
    let keyset = keyset.as_ref().map(|adopted| &adopted.set);
    let look = Look { host, function, spec, trust, packs, keyset, now: host.now_ms() };
    // Whoever starts next need not look as well: asked once an instance, so that those which live long write nothing.
    let tells =
        packs.looks_first() && [rows.is_ok(), set.is_ok(), current.is_ok(), shadow.is_ok()].iter().all(|ok| *ok);
    look.at_current(current, floor(Role::Current)).await;
    look.at_shadow(shadow, floor(Role::Shadow)).await;
    if tells {
        let shadow = packs.shadow();
        let digest = shadow.as_ref().map_or("", |shadow| shadow.digest());
        // Not told, others look for themselves.
        let _untold = store::looked(host, look.now, digest).await;
    }
}

/// The bundled pack judges decisions that a later build, with another, must still be able to read it for. Asked of the
/// database once an instance.
///
/// # Errors
/// [`StorageError`]: it may be kept, or not; keeping again is safe.
pub(super) async fn keep_bundled<H: Clock + Sql>(
    host: &H,
    function: &str,
    spec: &Spec,
    packs: &Packs,
) -> Result<(), StorageError> {
    if !spec.remembers || packs.bundled_is_kept() {
        return Ok(());
    }
    let sections = spec.bundled.sections.iter().copied();
    if store::manifest(host, spec.bundled.digest).await?.is_none()
        && let Some(manifest) = ::pack::Manifest::of(function, spec.format, sections)
    {
        for (entry, (_, bytes)) in manifest.sections.iter().zip(spec.bundled.sections) {
            store::keep_section(host, &entry.sha256, bytes).await?;
        }
        store::keep_pack(host, spec.bundled.digest, &manifest.text(), host.now_ms()).await?;
    }
    packs.put_bundled_kept();
    Ok(())
}

impl<H: Clock + Events + Kv + Sql> Look<'_, H> {
    /// The pack that is to judge.
    async fn at_current(&self, found: Result<Option<Vec<u8>>, StorageError>, floor: Floor) {
        let floor = self.newer(Role::Current, found, floor).await;
        let Floor::At(adopted) = floor else {
            // Nothing was ever adopted, or nobody knows: what is in force here goes on.
            if matches!(floor, Floor::None) {
                self.packs.put(InForce { pack: self.packs.bundled(Some(self.spec)), rank: None });
            }
            return;
        };
        if self.packs.current().is_some_and(|current| current.rank > Some(adopted.rank)) {
            return;
        }
        let pack = match self.stands(Role::Current, &adopted).await {
            Some(signed) => self.pack(&signed),
            None => self.packs.bundled(Some(self.spec)),
        };
        self.packs.put(InForce { pack, rank: Some(adopted.rank) });
    }

    /// The pack that judges beside it, without effect: only while its statement lies there, for withholding it hurts
    /// nobody, and taking it away is how an operator ends it.
    async fn at_shadow(&self, found: Result<Option<Vec<u8>>, StorageError>, floor: Floor) {
        let Ok(found) = found else { return };
        if found.is_none() {
            return self.packs.put_shadow(None);
        }
        let Floor::At(adopted) = self.newer(Role::Shadow, Ok(found), floor).await else { return };
        let signed = self.stands(Role::Shadow, &adopted).await.filter(|signed| self.now <= signed.statement.expires_at);
        let shadow = signed.map(|signed| InForce { pack: self.pack(&signed), rank: Some(adopted.rank) });
        self.packs.put_shadow(shadow);
    }

    /// Adopts what was found, if it is newer; what is the highest then.
    async fn newer(&self, role: Role, found: Result<Option<Vec<u8>>, StorageError>, floor: Floor) -> Floor {
        let Some(keyset) = self.keyset else { return floor };
        let bytes = match found {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return floor,
            Err(error) => {
                self.tell(Happening::new("unavailable", "storage_unavailable", role.name()).because(error)).await;
                return floor;
            }
        };
        // The very statement that was adopted: whether it stands is asked next.
        if matches!(&floor, Floor::At(adopted) if adopted.body.as_bytes() == bytes) {
            return floor;
        }
        let wanted = self.wanted(role);
        let opened = policy::open(&bytes, keyset, self.trust.signers, self.now);
        let signed = match opened.and_then(|signed| signed.statement.suits(&wanted).map(|()| signed)) {
            Ok(signed) => signed,
            Err(refusal) => {
                self.tell(Happening::new("refused", refusal.code(), role.name()).because(refusal)).await;
                return floor;
            }
        };
        let (rank, digest) = (signed.statement.rank(), signed.manifest.digest());
        let refuse = |code, why: String| {
            self.tell(Happening::new("refused", code, role.name()).about(&digest, rank).because(why))
        };
        match &floor {
            Floor::Unknown => {
                let is_known = role == Role::Current
                    && self
                        .packs
                        .current()
                        .is_some_and(|known| known.rank == Some(rank) && known.pack.digest() == digest);
                if !is_known {
                    self.tell(
                        Happening::new("unavailable", "storage_unavailable", role.name())
                            .about(&digest, rank)
                            .because("the database does not say what was adopted before: nothing new is"),
                    )
                    .await;
                }
                return floor;
            }
            Floor::At(adopted) if adopted.rank == rank && adopted.digest == digest => return floor,
            Floor::At(adopted) if adopted.rank == rank && !adopted.digest.is_empty() => {
                refuse("conflict", format!("another statement of this rank was adopted, on {}", adopted.digest)).await;
                return floor;
            }
            Floor::At(adopted) if adopted.rank >= rank => {
                refuse("older", format!("epoch {}, version {} was adopted before", adopted.rank.0, adopted.rank.1))
                    .await;
                return floor;
            }
            Floor::At(_) | Floor::None => {}
        }
        if rank < self.trust.minimum {
            refuse(
                "below_minimum",
                format!("the configuration asks for {}.{}", self.trust.minimum.0, self.trust.minimum.1),
            )
            .await;
            return floor;
        }
        if let Err(refusal) = signed.statement.adoptable(keyset.policy_epoch(), self.now) {
            refuse(refusal.code(), refusal.to_string()).await;
            return floor;
        }
        self.adopt(role, &signed, &bytes, floor).await
    }

    /// Reads and keeps all of the pack, then adopts the statement.
    async fn adopt(&self, role: Role, signed: &Signed, envelope: &[u8], floor: Floor) -> Floor {
        let (rank, digest) = (signed.statement.rank(), signed.manifest.digest());
        let happening = |outcome, code| Happening::new(outcome, code, role.name()).about(&digest, rank);
        if let Err((code, why)) = self.keep_whole(&digest, signed).await {
            self.tell(happening("refused", code).because(why)).await;
            return floor;
        }
        let Ok(body) = std::str::from_utf8(envelope) else { return floor };
        let candidate = Candidate { name: role.name(), rank, digest: &digest, body };
        match store::adopt(self.host, &candidate, self.now).await {
            Ok(row) => {
                if (row.rank, row.digest.as_str()) == (rank, digest.as_str()) {
                    self.tell(happening("adopted", "")).await;
                } else {
                    // Somebody else was quicker: what it has adopted is what counts.
                    let code = if row.rank == rank { "conflict" } else { "older" };
                    self.tell(happening("refused", code).because(format!(
                        "epoch {}, version {} on {} was adopted at the same time",
                        row.rank.0, row.rank.1, row.digest
                    )))
                    .await;
                }
                Floor::At(row)
            }
            Err(error) => {
                self.tell(happening("unavailable", "storage_unavailable").because(error)).await;
                floor
            }
        }
    }

    async fn keep_whole(&self, digest: &str, signed: &Signed) -> Result<(), (&'static str, String)> {
        let storage = |error: StorageError| ("storage_unavailable", error.to_string());
        let is_bundled = digest == self.spec.bundled.digest;
        if is_bundled || store::manifest(self.host, digest).await.map_err(storage)?.is_some() {
            return Ok(());
        }
        let pack = Pack::unread(&signed.manifest);
        for entry in &signed.manifest.sections {
            let bytes = read::published(self.host, entry).await.map_err(|error| (error.code(), error.to_string()))?;
            store::keep_section(self.host, &entry.sha256, &bytes).await.map_err(storage)?;
            pack.keep(&entry.name, bytes);
        }
        (self.spec.check)(&pack).map_err(|why| ("incomplete", why))?;
        let text = signed.manifest.text();
        store::keep_pack(self.host, digest, &text, self.now).await.map_err(storage)?;
        // Read and verified already: it need not be read again to judge.
        self.packs.keep(&Arc::new(pack));
        Ok(())
    }

    /// Whether what was adopted may still judge: by the keys, the format and the configuration of now. A statement whose
    /// keys no longer vouch for it is withdrawn for good.
    async fn stands(&self, role: Role, adopted: &Adopted) -> Option<Signed> {
        if adopted.digest.is_empty() {
            return None;
        }
        let about = |outcome, code| Happening::new(outcome, code, role.name()).about(&adopted.digest, adopted.rank);
        let Some(keyset) = self.keyset else {
            // What was verified when it was adopted goes on while there is no key set to verify it by.
            let statement = policy::peek(adopted.body.as_bytes())?;
            let manifest = statement.manifest();
            return statement.suits(&self.wanted(role)).is_ok().then(|| Signed {
                statement,
                manifest,
                signers: Vec::new(),
            });
        };
        let signed = match policy::open(adopted.body.as_bytes(), keyset, self.trust.signers, self.now) {
            Ok(signed) => signed,
            Err(refusal) => {
                self.tell(about("withdrawn", refusal.code()).because(refusal)).await;
                if let Err(error) = store::withdraw(self.host, adopted).await {
                    self.tell(about("unavailable", "storage_unavailable").because(error)).await;
                }
                return None;
            }
        };
        if let Err(refusal) = signed.statement.suits(&self.wanted(role)) {
            self.tell(about("refused", refusal.code()).because(refusal)).await;
            return None;
        }
        if adopted.rank < self.trust.minimum {
            self.tell(about("refused", "below_minimum")).await;
            return None;
        }
        if self.now > signed.statement.expires_at {
            self.tell(about("expired", "expired").because("it goes on until another is adopted")).await;
        }
        Some(signed)
    }

    /// The pack of a statement.
    fn pack(&self, signed: &Signed) -> Arc<Pack> {
        self.packs.of(self.spec, &signed.manifest)
    }

    fn wanted(&self, role: Role) -> Wanted<'_> {
        Wanted { function: self.function, format: self.spec.format, role, max_bytes: self.spec.max_bytes }
    }

    async fn tell(&self, happening: Happening) {
        self.packs.tell(self.host, self.function, happening).await;
    }
}

/// Finds out, for an instance's first request, which pack is in force: the database alone is asked. It also says when
/// another instance has looked for something new, and what shadow it found.
///
/// # Errors
/// [`StorageError`] if it does not answer.
pub(super) async fn start<H: Clock + Kv + Sql>(
    host: &H,
    function: &str,
    spec: &Spec,
    trust: Option<&Trust>,
    packs: &Packs,
) -> Result<InForce, StorageError> {
    let bundled = InForce { pack: packs.bundled(Some(spec)), rank: None };
    let Some(trust) = trust else { return Ok(bundled) };
    let rows = store::adopted(host).await?;
    // Of requests that come to a fresh instance together, one has been answered first.
    if let Some(known) = packs.current() {
        return Ok(known);
    }
    let of = |name: &str| rows.iter().find(|row| row.name == name);
    // What stands there was verified by whoever wrote it, and nobody but this function writes there.
    let statement = |role: Role| {
        let adopted = of(role.name())?;
        let wanted = Wanted { function, format: spec.format, role, max_bytes: spec.max_bytes };
        let statement = policy::peek(adopted.body.as_bytes()).filter(|statement| {
            statement.suits(&wanted).is_ok()
                && adopted.rank >= trust.minimum
                && statement.manifest().digest() == adopted.digest
        });
        Some((adopted, statement))
    };
    if let Some((at, shadow)) = of(store::LOOKED).and_then(|row| Some((i64::try_from(row.rank.1).ok()?, &row.digest)))
        && (at..at.saturating_add(REFRESH_MS)).contains(&host.now_ms())
    {
        if let Some((adopted, Some(statement))) = statement(Role::Shadow)
            && adopted.digest == *shadow
            && host.now_ms() <= statement.expires_at
        {
            let pack = packs.of(spec, &statement.manifest());
            packs.put_shadow(Some(InForce { pack, rank: Some(adopted.rank) }));
        }
        packs.has_been_looked(at);
    }
    Ok(match statement(Role::Current) {
        None => bundled,
        Some((adopted, statement)) => {
            let pack = statement.map_or(bundled.pack, |statement| packs.of(spec, &statement.manifest()));
            InForce { pack, rank: Some(adopted.rank) }
        }
    })
}
