//! How a database comes from what an earlier build left to what this one needs: numbered steps, each applied once a
//! database, in order.
//!
//! **Adding a step** (never change one that was deployed): append a [`Step`] with the next number to the function's
//! `store.rs`. Each statement must be right when it is run again, and when two instances run it at once: `CREATE … IF
//! NOT EXISTS`, `DROP … IF EXISTS`, `ALTER TABLE … ADD COLUMN` (a column that is there already is not a fault here), an
//! `UPDATE` whose `WHERE` finds nothing the second time. A step only adds, so that instances of the build before, which
//! may still be serving, go on: a column is nullable or has a default, a name is never taken away in the step that
//! brings its successor.
//!
//! **No correctness rests on two statements here either.** The row in `schema_step` that says that a step was applied
//! is written after all of its statements, and whatever comes between, a crash or another instance, only leads to a
//! statement being run again, which is safe. Where a host holds a transaction, it only saves work and half-made tables:
//! Durable Objects run a step synchronously within `transactionSync`; Spin and the native platform hold the write lock
//! of the file from before the first statement to after the last.
//!
//! **A database that is newer than the code** answers [`StorageError::newer`] to every statement, and is not written.
//! An instance asks once, when it starts: one that served before the database went ahead goes on serving, which is what
//! "a step only adds" is for.

use super::{Row, StorageError};

/// A function's tables, as the steps that make them. Numbered 1, 2, 3, … without a gap.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    steps: &'static [Step],
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its number.
    pub number: i64,
    /// What it runs, in order, without parameters. Running one again must be safe.
    pub statements: &'static [&'static str],
}

/// Where a database says how far it is. It has no row of a step that was only begun.
const STEPS: &str = "CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)";
/// Whether it says so at all: databases of before there were steps do not.
const TELLS: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_step'";
const HIGHEST: &str = "SELECT coalesce(max(number), 0) FROM schema_step";

impl Schema {
    /// Of a function that stores nothing.
    pub const NONE: Schema = Schema { steps: &[] };

    /// These steps. In a constant, a gap in their numbers is a compile error of the dev profile.
    pub const fn new(steps: &'static [Step]) -> Schema {
        let (mut rest, mut before) = (steps, 0i64);
        while let [step, behind @ ..] = rest {
            debug_assert!(step.number == before.wrapping_add(1), "steps are numbered 1, 2, 3, …");
            (rest, before) = (behind, step.number);
        }
        Schema { steps }
    }

    /// The number of the last step; 0 without any.
    pub const fn latest(&self) -> i64 {
        match self.steps {
            [.., last] => last.number,
            [] => 0,
        }
    }

    /// Every statement of every step, in order.
    pub fn statements(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().flat_map(|step| step.statements.iter().copied())
    }

    /// How far a database is: the highest step applied, 0 for one that is empty or of before there were steps. Only
    /// reads.
    ///
    /// # Errors
    /// [`StorageError`]; one that [`StorageError::is_newer`] is to be left alone.
    pub async fn applied(
        &self,
        mut run: impl AsyncFnMut(&str) -> Result<Vec<Row>, StorageError>,
    ) -> Result<i64, StorageError> {
        if self.steps.is_empty() || run(TELLS).await?.is_empty() {
            return Ok(0);
        }
        let rows = run(HIGHEST).await?;
        let odd = || StorageError::sql("schema_step has another shape");
        let applied = rows.first().and_then(|row| row.integer(0)).ok_or_else(odd)?;
        if applied > self.latest() {
            return Err(StorageError::newer(applied, self.latest()));
        }
        Ok(applied)
    }

    /// Applies what is missing, and looks again first: another instance may have been quicker. A host that can hold a
    /// transaction around this does.
    ///
    /// # Errors
    /// As [`Schema::applied`]. What was applied stays, and the next try goes on from there.
    pub async fn advance(
        &self,
        mut run: impl AsyncFnMut(&str) -> Result<Vec<Row>, StorageError>,
    ) -> Result<(), StorageError> {
        let applied = self.applied(&mut run).await?;
        for step in self.steps.iter().filter(|step| step.number > applied) {
            run(STEPS).await?;
            for statement in step.statements {
                match run(statement).await {
                    Err(error) if is_done(&error) => {}
                    other => _ = other?,
                }
            }
            // The engine's clock: for whoever looks into the database, and for nothing else.
            let number = step.number;
            run(&format!(
                "INSERT INTO schema_step (number, applied_at) VALUES ({number}, strftime('%s', 'now') * 1000)
                 ON CONFLICT (number) DO NOTHING"
            ))
            .await?;
        }
        Ok(())
    }
}

impl Schema {
    /// [`Schema::advance`] on one connection to a file that others write too: under its write lock, so that whoever
    /// comes second waits and then finds it done. An engine without such a lock goes without.
    ///
    /// # Errors
    /// As [`Schema::advance`]; then, under the lock, nothing was applied.
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
    pub async fn advance_locked(
        &self,
        mut run: impl AsyncFnMut(&str) -> Result<Vec<Row>, StorageError>,
    ) -> Result<(), StorageError> {
        match run("BEGIN IMMEDIATE").await {
            Err(error) if !error.is_locked() => return self.advance(run).await,
            other => _ = other?,
        }
        let done = match self.advance(&mut run).await {
            Ok(()) => run("COMMIT").await.map(drop),
            failed => failed,
        };
        if done.is_err() {
            // Else the connection's end takes back what it wrote.
            let _unanswered = run("ROLLBACK").await;
        }
        done
    }
}

/// `ALTER TABLE … ADD COLUMN` has no `IF NOT EXISTS`; SQLite says this of a column that is there.
fn is_done(error: &StorageError) -> bool {
    error.message.contains("duplicate column name")
}

#[cfg(test)]
mod tests;
