//! Links that a page will offer: whether a browser opens them. The edge checks their form; what a host name in another script
//! spells takes tables, and is looked up here, before anything is signed.

use url::{Host, Url};

/// Whether a browser opens a link as it stands, at the host that is written.
pub fn opens(link: &str) -> Result<(), String> {
    let url = Url::parse(link).map_err(|e| format!("{link}: {e}"))?;
    let host = match url.host() {
        Some(Host::Domain(host)) => host.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(_)) | None => return Err(format!("{link}: no host")),
    };
    if url.scheme() != "https" || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{link}: https, without user information"));
    }
    let written = link.get("https://".len()..).unwrap_or_default();
    if written.get(..host.len()).is_some_and(|written| written.eq_ignore_ascii_case(&host)) {
        Ok(())
    } else {
        Err(format!("{link}: a browser would go to {host}; write it so"))
    }
}

#[cfg(test)]
mod tests {
    use super::opens;

    #[test]
    fn links() {
        for good in ["https://a.cn", "https://A.cn:8443/x?y#z", "https://xn--fsqu00a.xn--fiqs8s/", "https://192.0.2.1/"]
        {
            assert_eq!(opens(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "a.cn",
            "http://a.cn",
            "https://u@a.cn",
            "https://例子.中国/",
            "https://xn--a.cn/",
            "https://1.2/",
            "https://[::1]/",
        ] {
            assert!(opens(bad).is_err(), "{bad}");
        }
    }
}
