//! What an edge can say of a connection besides its address.

/// What the host knows of the client's connection. Absent is *unknown*: a field may be missing by plan, by zone, in
/// tests, and all are missing on Spin. Nothing here is proof: fingerprints can be imitated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// Autonomous system number of the client's network, from 1.
    pub asn: Option<u32>,
    /// Name of that network's operator.
    pub as_organisation: Option<String>,
    /// JA3 fingerprint of the TLS handshake: 32 lower-case hex digits.
    pub ja3: Option<String>,
    /// JA4 fingerprint of the TLS handshake, like `t13d1516h2_8daaf6152771_b0da82dd1658`.
    pub ja4: Option<String>,
    /// TLS version as the edge writes it, like `TLSv1.3`.
    pub tls_version: Option<String>,
    /// TLS cipher as the edge writes it, like `AEAD-AES128-GCM-SHA256`.
    pub tls_cipher: Option<String>,
    /// HTTP version as the edge writes it: `HTTP/1.1`, `HTTP/2`, `HTTP/3`.
    pub http_version: Option<String>,
    /// The edge's own bot score: 1 (certainly automated) to 99 (certainly a person). Never 0: that is "not computed".
    pub bot_score: Option<u8>,
    /// Whether the edge has verified the client as a known good bot.
    pub verified_bot: Option<bool>,
    /// Of which kind that bot is, like `Search Engine Crawler`.
    pub verified_bot_category: Option<String>,
}

/// Longest text taken; longer ones are unknown.
#[cfg(any(test, all(target_arch = "wasm32", target_os = "unknown")))]
const MAX_TEXT: usize = 256;

#[cfg(any(test, all(target_arch = "wasm32", target_os = "unknown")))]
impl Signals {
    /// From a JSON array of ten values in the order of the struct, as `edge.js` picks them from Cloudflare's
    /// `request.cf`. Whatever is not of the right type and range is unknown.
    pub(super) fn from_json(json: &str) -> Signals {
        use serde_json::Value;

        let values: Vec<Value> = serde_json::from_str(json).unwrap_or_default();
        let number = |at: usize| values.get(at).and_then(Value::as_u64);
        let text = |at: usize| {
            let text = values.get(at).and_then(Value::as_str)?;
            let fits = !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
            fits.then(|| text.to_owned())
        };
        let hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        let ja4 = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'z' | b'_');
        Signals {
            asn: number(0).and_then(|asn| u32::try_from(asn).ok()).filter(|asn| *asn > 0),
            as_organisation: text(1),
            ja3: text(2).filter(|ja3| ja3.len() == 32 && ja3.bytes().all(hex)),
            ja4: text(3).filter(|text| text.bytes().all(ja4)),
            tls_version: text(4),
            tls_cipher: text(5),
            http_version: text(6),
            bot_score: number(7).and_then(|score| u8::try_from(score).ok()).filter(|score| (1..=99).contains(score)),
            verified_bot: values.get(8).and_then(Value::as_bool),
            verified_bot_category: text(9),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Signals;

    #[test]
    fn all_of_it() {
        let json = r#"[13335,"Cloudflare, Inc.","e7d705a3286e19ea42f587b344ee6865",
            "t13d1516h2_8daaf6152771_b0da82dd1658","TLSv1.3","AEAD-AES128-GCM-SHA256","HTTP/2",30,true,"Monitoring"]"#;
        let text = |text: &str| Some(text.to_owned());
        let expected = Signals {
            asn: Some(13335),
            as_organisation: text("Cloudflare, Inc."),
            ja3: text("e7d705a3286e19ea42f587b344ee6865"),
            ja4: text("t13d1516h2_8daaf6152771_b0da82dd1658"),
            tls_version: text("TLSv1.3"),
            tls_cipher: text("AEAD-AES128-GCM-SHA256"),
            http_version: text("HTTP/2"),
            bot_score: Some(30),
            verified_bot: Some(true),
            verified_bot_category: text("Monitoring"),
        };
        assert_eq!(Signals::from_json(json), expected);
    }

    #[test]
    fn what_is_missing_or_wrong_is_unknown() {
        let long = format!("[null,{:?}]", "x".repeat(257));
        for json in [
            "",
            "[]",
            "{}",
            "[null,null,null,null,null,null,null,null,null,null]",
            r#"["13335",1,"E7D705A3286E19EA42F587B344EE6865","T13",{},[],true,"99","true",7]"#,
            r#"[0,"","e7d7","",null,null,null,0,0,""]"#,
            r#"[4294967296,"a\nb",null," ",null,null,null,100,1,null]"#,
            "[-1,null,null,null,null,null,null,-1]",
            "[1.5,null,null,null,null,null,null,29.5]",
            "[1e300,null,null,null,null,null,null,1e300]",
            &long,
        ] {
            assert_eq!(Signals::from_json(json), Signals::default(), "{json}");
        }
    }

    #[test]
    fn one_wrong_value_spoils_no_other() {
        let signals = Signals::from_json(r#"["x",null,null,null,null,null,null,1,false]"#);
        assert_eq!((signals.asn, signals.bot_score, signals.verified_bot), (None, Some(1), Some(false)));
    }
}
