//! Runs the whole chain of `listing-engine`, and a bare automaton (`daachorse`) over the same terms, on the lines of a
//! text. `engine.mjs` calls it in V8, the engine of Workers; `main.rs` natively.

use std::hint::black_box;

use daachorse::CharwiseDoubleArrayAhoCorasick;
use listing_engine::{Language, Lexicon, Text, Tuning, search};

/// What is measured.
pub struct Subject {
    language: Vec<u8>,
    lexicon: Vec<u8>,
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    lines: Vec<String>,
}

impl Subject {
    /// Of tables, the terms (a line each) and a text (a row a line).
    pub fn new(language: Vec<u8>, lexicon: Vec<u8>, terms: &str, text: &str) -> Subject {
        let automaton = CharwiseDoubleArrayAhoCorasick::new(terms.lines()).ok();
        Subject { language, lexicon, automaton, lines: text.lines().map(str::to_owned).collect() }
    }

    /// Characters of the text.
    pub fn chars(&self) -> usize {
        self.lines.iter().map(|line| line.chars().count()).sum()
    }

    /// The bare automaton: how many places it finds.
    pub fn bare(&self) -> usize {
        let Some(automaton) = &self.automaton else { return 0 };
        self.lines.iter().map(|line| automaton.find_overlapping_iter(black_box(line)).count()).sum()
    }

    /// The whole chain: how many terms it finds, how much work that was, and how many lines it read in part.
    pub fn chain(&self) -> (usize, u64, usize) {
        let (Some(language), Some(lexicon)) = (Language::open(&self.language), Lexicon::open(&self.lexicon)) else {
            return (0, 0, 0);
        };
        let tuning = Tuning::default();
        self.lines.iter().fold((0, 0, 0), |(all, done, short), line| {
            let text = Text::of(black_box(line), &language);
            let searched = search(&text, &language, &lexicon, &tuning, false);
            (all + searched.found.len(), done + searched.work, short + usize::from(!searched.complete))
        })
    }
}

#[cfg(target_arch = "wasm32")]
mod exports {
    #![allow(unsafe_code, reason = "exports to a script that knows no bindings")]

    use std::cell::RefCell;

    use super::Subject;

    thread_local! {
        static PARTS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
        static SUBJECT: RefCell<Option<Subject>> = const { RefCell::new(None) };
    }

    /// Room for a part: language, lexicon, terms, text, in this order.
    #[unsafe(no_mangle)]
    pub extern "C" fn part(len: usize) -> *mut u8 {
        PARTS.with_borrow_mut(|parts| {
            parts.push(vec![0; len]);
            parts.last_mut().map_or(std::ptr::null_mut(), |part| part.as_mut_ptr())
        })
    }

    /// Puts the parts together; the characters of the text.
    #[unsafe(no_mangle)]
    pub extern "C" fn open() -> usize {
        let mut parts = PARTS.take().into_iter();
        let mut next = || parts.next().unwrap_or_default();
        let (language, lexicon, terms, text) = (next(), next(), next(), next());
        let [terms, text] = [terms, text].map(|bytes| String::from_utf8(bytes).unwrap_or_default());
        let subject = Subject::new(language, lexicon, &terms, &text);
        let chars = subject.chars();
        SUBJECT.set(Some(subject));
        chars
    }

    /// Runs the bare automaton.
    #[unsafe(no_mangle)]
    pub extern "C" fn bare() -> usize {
        SUBJECT.with_borrow(|subject| subject.as_ref().map_or(0, Subject::bare))
    }

    /// Runs the whole chain.
    #[unsafe(no_mangle)]
    pub extern "C" fn chain() -> usize {
        SUBJECT.with_borrow(|subject| subject.as_ref().map_or(0, |subject| subject.chain().0))
    }
}
