//! What goes into the QR code: the label's URL in upper case, so that QR's alphanumeric mode applies.

use std::fmt;

use anyhow::{Result, bail};
use clap::ValueEnum;
use trace_verify::digital_link::Link;
use trace_verify::serial::Code;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scheme {
    Https,
    /// For a development host.
    Http,
}

/// Scheme and host of all labels of a job, in upper case.
pub struct Base {
    text: String,
}

impl Base {
    /// Checks the host with the rules that the edge reads labels by.
    pub fn new(scheme: Scheme, host: &str) -> Result<Base> {
        let scheme = match scheme {
            Scheme::Https => "HTTPS",
            Scheme::Http => "HTTP",
        };
        let text = format!("{scheme}://{}", host.to_ascii_uppercase());
        if host.contains(['/', '?', '#', '@']) {
            bail!("--host {host}: takes a host name and perhaps a port, nothing else");
        }
        if let Err(e) = Link::parse_url(&format!("{text}/8004/1")) {
            bail!("--host {host}: {e}");
        }
        Ok(Base { text })
    }

    /// The URL of one code.
    pub fn url(&self, code: &Code) -> String {
        format!("{self}/{}", code.item())
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use shared::mac::Secret;
    use trace_verify::digital_link::PrimaryKey;
    use trace_verify::serial::MacKeys;

    #[test]
    fn what_is_printed_reads_as_the_code() {
        let keys = MacKeys::new(&[(1, Secret::new([7; 32]))]);
        for (host, scheme) in
            [("t.example.cn", Scheme::Https), ("127.0.0.1:8787", Scheme::Http), ("localhost", Scheme::Http)]
        {
            let base = Base::new(scheme, host).unwrap();
            for primary in ["01/09506000134352", "8004/950600", "253/9506000134376"] {
                let code = Code::mint(&PrimaryKey::parse(primary).unwrap(), 1, 77, &keys).unwrap();
                let url = base.url(&code);
                assert_eq!(url, url.to_uppercase());
                assert_eq!(Code::verify(&Link::parse_url(&url).unwrap(), &keys).unwrap(), code);
            }
            // The edge's own notion of a label's URL.
            let code = Code::mint(&PrimaryKey::parse("01/09506000134352").unwrap(), 1, 77, &keys).unwrap();
            if scheme == Scheme::Https {
                assert_eq!(base.url(&code), code.label_url(host).url);
            }
        }
        for bad in ["", "a b", "a/b", "u@a", "a?b", "a:0", "a:x", "琥珀.cn"] {
            assert!(Base::new(Scheme::Https, bad).is_err(), "{bad}");
        }
    }
}
