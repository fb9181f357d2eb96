//! What of a pack a request takes: [`policy::SECTIONS`] always, the rest when it turns out to be needed.

use std::sync::Arc;

use shared::function::Call;
use shared::platform::{Host, StorageError};
use shared::policy::Pack;

use crate::BotScreen;
use crate::policy::{self, Rules};
use crate::verdict::Verdict;

/// The pack with what a request needs of it besides [`policy::SECTIONS`]; none if that is there. It is another pack, if this
/// one can no longer be read.
///
/// # Errors
/// [`StorageError`].
pub async fn with_ranges<H: Host>(
    call: &Call<'_, BotScreen, H>,
    rules: &Rules<'_>,
    wanted: impl FnOnce() -> bool,
) -> Result<Option<Arc<Pack>>, StorageError> {
    if rules.lacks_ranges() && wanted() { call.policies.pack(&policy::RANGES).await.map(Some) } else { Ok(None) }
}

/// The same of what a verdict needs of the rules, which is to be judged anew then.
///
/// # Errors
/// [`StorageError`].
pub async fn with_rules<H: Host>(
    call: &Call<'_, BotScreen, H>,
    rules: &Rules<'_>,
    first: &Verdict<'_>,
) -> Result<Option<Arc<Pack>>, StorageError> {
    let wanted = rules.lacks_rules() && first.asks_rules();
    if wanted { call.policies.pack(&policy::RULES).await.map(Some) } else { Ok(None) }
}

/// The rules of a pack that has been read.
///
/// # Errors
/// It lacks something.
pub fn rules_of<'p>(more: Option<&'p Pack>, rules: &Rules<'p>) -> Result<Rules<'p>, StorageError> {
    more.map_or(Ok(*rules), |pack| Rules::of(pack).ok_or_else(lacking))
}

/// What a pack comes to that lacks something the code asks for.
pub fn lacking() -> StorageError {
    StorageError::kv("the policy in force lacks something")
}
