//! Rows of CSV as our tables write it: cells between commas, none of them quoted, and lines that begin with `#`.

/// A line of a file, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// From 1.
    pub number: u32,
    /// As it stands, without its end.
    pub text: &'t str,
}

/// A cell, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'t> {
    /// Where it begins, in characters, from 1.
    pub column: u32,
    /// Without blanks around it.
    pub text: &'t str,
}

/// The lines of a text that are not empty.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    (1..).zip(text.lines()).map(|(number, text)| Line { number, text }).filter(|line| !line.text.trim().is_empty())
}

impl<'t> Line<'t> {
    /// What stands behind `#`, without blanks around it, if the line begins with it.
    pub fn comment(&self) -> Option<&'t str> {
        self.text.strip_prefix('#').map(str::trim)
    }

    /// Its cells.
    pub fn cells(&self) -> Vec<Cell<'t>> {
        let mut column = 1_u32;
        let mut cells = Vec::new();
        for cell in self.text.split(',') {
            let blanks = cell.chars().take_while(|char| char.is_whitespace()).count();
            cells.push(Cell { column: column.saturating_add(count(blanks)), text: cell.trim() });
            column = column.saturating_add(count(cell.chars().count())).saturating_add(1);
        }
        cells
    }
}

fn count(characters: usize) -> u32 {
    u32::try_from(characters).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_their_columns() {
        let all: Vec<Line<'_>> = lines("# source x\n\n浙江, 18,\r\n").collect();
        assert_eq!(
            all.iter().map(|line| (line.number, line.comment())).collect::<Vec<_>>(),
            [(1, Some("source x")), (3, None)]
        );
        let cells: Vec<(u32, &str)> = all[1].cells().iter().map(|cell| (cell.column, cell.text)).collect();
        assert_eq!(cells, [(1, "浙江"), (5, "18"), (8, "")]);
    }
}
