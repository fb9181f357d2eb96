//! What earlier builds stored, opened natively: Spin's databases are of the same engine. `cargo run -p contract --
//! --stored` opens them on the hosts.

use contract::vector::HostName;
use contract::{Paths, paths, stored};

#[test]
fn what_earlier_builds_stored_stands() {
    let work = std::env::temp_dir().join(format!("venditor-stored-{}", std::process::id()));
    let checked = stored::check(&Paths { work: work.clone(), ..paths().unwrap() }, &[HostName::Native]);
    std::fs::remove_dir_all(work).unwrap();
    assert_eq!(checked, Ok(()));
}
