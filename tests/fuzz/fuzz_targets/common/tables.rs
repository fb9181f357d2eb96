//! The language of the default policy, and a few terms compiled for it.

use std::path::Path;

use listing_check_pack::lexicon::Entry;
use listing_check_pack::{language, lexicon};
use listing_engine::Language;
use pack_source::{Files, Findings};

const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/listing-check/policy");

pub struct Tables {
    pub language: Vec<u8>,
    pub lexicon: Vec<u8>,
}

impl Tables {
    pub fn with(terms: &[Entry]) -> Tables {
        let files = Files::read(Path::new(POLICY)).expect("the default policy");
        let language = language::compile(&files, &Findings::new()).expect("compiles");
        let lexicon = lexicon::compile(terms, &Language::open(&language).expect("opens"));
        Tables { language, lexicon }
    }
}
