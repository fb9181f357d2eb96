//! The authorities (host, and port where it is not the scheme's own) that a deployment is reached by.

use crate::http::Target;

/// Reads a comma-separated list.
///
/// # Errors
/// What is wanted; the list is no secret, but nobody needs to see it twice.
pub fn authorities(list: &str) -> Result<Vec<String>, String> {
    let wanted = || "host[:port], comma-separated".to_owned();
    let one = |text: &str| {
        let name = text.trim();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
        let good = !name.is_empty() && name.bytes().all(fits);
        // As the hosts bring a request's own into form.
        good.then(|| Target::new(name, "/").host).ok_or_else(wanted)
    };
    list.split(',').map(one).collect()
}
