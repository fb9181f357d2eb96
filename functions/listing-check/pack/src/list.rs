//! Lists of words: a word a line, or CSV with a header that names the columns of words and of their categories.

use pack_source::csv::{Cell, lines};

/// What a header may call the column of words, and that of categories.
const TERM: [&str; 12] =
    ["term", "terms", "word", "words", "keyword", "词", "词条", "词语", "关键词", "敏感词", "违禁词", "违规词"];
const CATEGORY: [&str; 10] = ["category", "group", "class", "type", "类别", "分类", "类目", "类型", "词类", "分组"];

/// A row of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'t> {
    /// The line, from 1.
    pub number: u32,
    /// The word.
    pub term: Cell<'t>,
    /// Its category. Without a header: what stands behind the word.
    pub category: Option<Cell<'t>>,
}

/// A list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List<'t> {
    /// Its rows, without header and comments.
    pub rows: Vec<Row<'t>>,
    /// Whether it has a header.
    pub header: bool,
    /// Whether its header names a column of categories.
    pub categories: bool,
}

/// Reads a list. A byte order mark is no part of a word.
pub fn read(text: &str) -> List<'_> {
    let mut list = List::default();
    let (mut term, mut category) = (0, Some(1));
    let mut first = true;
    for line in lines(text.trim_start_matches('\u{feff}')).filter(|line| line.comment().is_none()) {
        let cells = line.cells();
        let find = |names: &[&str]| {
            cells.iter().position(|cell| names.iter().any(|name| cell.text.eq_ignore_ascii_case(name)))
        };
        if std::mem::take(&mut first)
            && let Some(place) = find(&TERM)
        {
            (list.header, term, category) = (true, place, find(&CATEGORY));
            list.categories = category.is_some();
            continue;
        }
        let Some(word) = cells.get(term) else { continue };
        let category = category.and_then(|place| cells.get(place)).filter(|cell| !cell.text.is_empty());
        list.rows.push(Row { number: line.number, term: *word, category: category.copied() });
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let rows = read(text).rows;
        let of = |row: Row<'_>| {
            let category = row.category.map_or(String::new(), |cell| format!(" [{}]", cell.text));
            format!("{} {}{category}", row.number, row.term.text)
        };
        rows.into_iter().map(of).collect()
    }

    #[test]
    fn headers_name_columns() {
        assert_eq!(said("\u{feff}象牙\n# x\n\n虎骨\n"), ["1 象牙", "4 虎骨"]);
        assert_eq!(said("象牙,wildlife\n虎骨,\n"), ["1 象牙 [wildlife]", "2 虎骨"]);
        assert_eq!(said("# x\n编号,类别,敏感词\n1,野生动物,象牙\n2,,虎骨\n3\n"), ["3 象牙 [野生动物]", "4 虎骨"]);
        assert_eq!(said("Term\n象牙\nterm\n"), ["2 象牙", "3 term"]);
        assert_eq!(said("词,备注\n象牙,x\n"), ["2 象牙"]);
        assert!(read("词,类别\n").categories && !read("词,备注\n").categories);
    }
}
