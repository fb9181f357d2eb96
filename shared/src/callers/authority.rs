//! The authorities (host, and port where it is not the scheme's own) that a deployment is reached by.

use crate::http::Target;

/// Reads a comma-separated list.
///
/// # Errors
/// The form that is wanted; the list itself is not repeated.
pub fn authorities(list: &str) -> Result<Vec<String>, String> {
    let wanted = || "host[:port], comma-separated".to_owned();
    let one = |text: &str| {
        let name = text.trim();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
        let good = !name.is_empty() && name.bytes().all(fits);
        // Normalised as a request's own is.
        good.then(|| Target::new(name, "/").host).ok_or_else(wanted)
    };
    list.split(',').map(one).collect()
}
