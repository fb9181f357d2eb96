//! "Report this product": a complaint, checked, numbered and kept once.

use shared::http::decode_pairs;
use shared::lang::{Lang, Text};
use shared::mac::MacKey;
use shared::problem::{Problem, text};

use crate::complaint;
use crate::digital_link::{Link, MAX_URL};
use crate::problems::{BAD_REPORT, bad_link};

/// Most bytes of the form.
pub const MAX_BODY: usize = 16 * 1024;
/// Most characters of "where you bought it".
pub const MAX_BOUGHT_FROM: usize = 200;
/// Most characters of "what you saw".
pub const MAX_DESCRIPTION: usize = 1000;
const DAY_MS: i64 = 86_400_000;

/// Why a consumer complains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A suspected counterfeit.
    Counterfeit,
    /// The product does not match its record.
    Mismatch,
    /// The label is damaged or was replaced.
    DamagedLabel,
    /// The product is unsafe.
    Unsafe,
    /// Something else.
    Other,
}

impl Cause {
    /// The form's value and the ledger's.
    pub const fn code(self) -> &'static str {
        match self {
            Cause::Counterfeit => "counterfeit",
            Cause::Mismatch => "mismatch",
            Cause::DamagedLabel => "damaged_label",
            Cause::Unsafe => "unsafe",
            Cause::Other => "other",
        }
    }

    fn parse(code: &str) -> Option<Cause> {
        [Cause::Counterfeit, Cause::Mismatch, Cause::DamagedLabel, Cause::Unsafe, Cause::Other]
            .into_iter()
            .find(|cause| cause.code() == code)
    }
}

/// A complaint as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub link: Link,
    /// Why.
    pub cause: Cause,
    /// Where it was bought.
    pub bought_from: String,
    /// What was seen.
    pub description: String,
    /// The form's own language, if it named one.
    pub lang: Option<Lang>,
}

impl Report {
    /// From a form body. Unknown fields are passed over.
    ///
    /// # Errors
    /// A problem that names the first field at fault.
    pub fn parse(form: &str) -> Result<Report, Problem> {
        let (mut code, mut cause) = (None, None);
        let (mut bought_from, mut description, mut lang) = (String::new(), String::new(), None);
        for (name, value) in decode_pairs(form) {
            match name.as_str() {
                "code" => code = Some(value),
                "reason" => cause = Some(value),
                "bought_from" => bought_from = value,
                "description" => description = value,
                "lang" => lang = Lang::from_range(&value),
                _ => {}
            }
        }
        let code = code.ok_or_else(|| fault("code", "missing", text("缺少商品码。", "The code is missing.")))?;
        if code.len() > MAX_URL {
            return Err(fault("code", "too-long", text("商品码过长。", "The code is too long.")));
        }
        let link = Link::scanned(&code).map_err(|error| {
            let told = bad_link(&error);
            fault("code", error.code(), told.detail)
        })?;
        let cause = cause.as_deref().and_then(Cause::parse).ok_or_else(|| {
            fault("reason", "unknown-reason", text("请选择举报原因。", "Choose a reason from the list."))
        })?;
        Ok(Report {
            link,
            cause,
            bought_from: bounded(bought_from, "bought_from", MAX_BOUGHT_FROM)?,
            description: bounded(description, "description", MAX_DESCRIPTION)?,
            lang,
        })
    }

    /// The complaint's number, `R-XXXX-XXXX-XXXX`: the same words on the same day have the same number, so a form
    /// sent twice is one complaint.
    pub fn id(&self, key: &MacKey, now_ms: i64) -> String {
        let day = now_ms.div_euclid(DAY_MS).to_be_bytes();
        let digital_link = self.link.canonical();
        let parts: [&[u8]; 8] = [
            &day,
            digital_link.as_bytes(),
            b"\0",
            self.cause.code().as_bytes(),
            b"\0",
            self.bought_from.as_bytes(),
            b"\0",
            self.description.as_bytes(),
        ];
        complaint::number(complaint::bits(&key.tag(&parts)))
    }
}

fn bounded(value: String, field: &'static str, most: usize) -> Result<String, Problem> {
    let value: String = value.trim().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    if value.chars().count() > most {
        let zh = format!("最多 {most} 个字。");
        let en = format!("At most {most} characters.");
        return Err(fault(field, "too-long", text(zh, en)));
    }
    Ok(value)
}

fn fault(field: &'static str, code: &'static str, detail: Text) -> Problem {
    Problem::new(&BAD_REPORT, detail.clone()).field(format!("/{field}"), code, detail)
}

#[cfg(test)]
mod tests {
    use shared::mac::Secret;

    use super::*;

    const CODE: &str = "code=https%3A%2F%2Fid.gs1.org%2F01%2F09506000134352%2F21%2FABC";

    #[test]
    fn a_report_is_read_and_numbered() {
        let key = MacKey::new(&Secret::new([1; 32]));
        let form = format!("{CODE}&reason=unsafe&bought_from=+shop%00+&description=%E8%8C%B6&lang=en&x=y");
        let report = Report::parse(&form).expect("a report");
        assert_eq!(
            (report.cause, report.bought_from.as_str(), report.description.as_str()),
            (Cause::Unsafe, "shop", "茶")
        );
        assert_eq!(report.lang, Some(Lang::En));
        let id = report.id(&key, 5);
        assert_eq!(id.len(), 16);
        assert_eq!(id, report.id(&key, 86_399_999));
        assert_ne!(id, report.id(&key, 86_400_000));
        // A label with a wrong check digit is worth a report as well.
        assert!(Report::parse("code=%2F01%2F09506000134353%2F21%2FA&reason=counterfeit").is_ok());
        assert_ne!(id, Report { cause: Cause::Other, ..report }.id(&key, 5));
    }

    #[test]
    fn faults_name_their_field() {
        let long = "x".repeat(1001);
        for (form, pointer, code) in [
            ("reason=unsafe".to_owned(), "/code", "missing"),
            ("code=%2F99%2F1&reason=unsafe".to_owned(), "/code", "unknown-primary-key"),
            ("code=%2F01%2F0950600013435%2F21%2FA&reason=unsafe".to_owned(), "/code", "bad-length"),
            (CODE.to_owned(), "/reason", "unknown-reason"),
            (format!("{CODE}&reason=spite"), "/reason", "unknown-reason"),
            (format!("{CODE}&reason=other&description={long}"), "/description", "too-long"),
            (format!("code={}&reason=other", "x".repeat(600)), "/code", "too-long"),
        ] {
            let problem = Report::parse(&form).expect_err(&form);
            let error = problem.errors.first().expect("a field");
            assert_eq!((error.pointer.as_str(), error.code), (pointer, code), "{form}");
        }
    }
}
