//! Columns of tables, which a reader may read downwards.

use super::{Html, MOST_TELLING, Reading, end_of};

/// The longest cell of a column that is read downwards, in characters: longer ones hold words of their own.
const LONGEST: usize = 4;
/// The most cells of all tables that are looked at.
const MOST_CELLS: usize = 2_000;
/// The most tables within one another.
const DEEPEST: usize = 8;

/// Tables that are open.
#[derive(Debug, Default)]
pub struct Tables {
    open: Vec<Table>,
    cells: usize,
}

#[derive(Debug, Default)]
struct Table {
    /// By row: from where to where in what is seen each cell stands.
    rows: Vec<Vec<(usize, usize)>>,
    /// Where the cell that is open began.
    cell: Option<usize>,
}

impl Table {
    fn close(&mut self, at: usize) {
        if let (Some(from), Some(row)) = (self.cell.take(), self.rows.last_mut()) {
            row.push((from, at));
        }
    }
}

impl Tables {
    /// A tag begins where so much has been seen.
    pub fn begins(&mut self, name: &str, at: usize) {
        if name == "table" && self.open.len() < DEEPEST {
            self.open.push(Table::default());
        }
        let Some(table) = self.open.last_mut().filter(|_| self.cells < MOST_CELLS) else { return };
        match name {
            "tr" => {
                table.close(at);
                table.rows.push(Vec::new());
            }
            "td" | "th" => {
                table.close(at);
                table.cell = Some(at);
                self.cells = self.cells.saturating_add(1);
            }
            _ => {}
        }
    }

    /// A tag ends. At the end of a table its columns of short cells are read.
    pub fn ends(&mut self, name: &str, html: &mut Html) {
        let at = html.seen.places.len();
        match name {
            "td" | "th" | "tr" => self.open.iter_mut().last().into_iter().for_each(|table| table.close(at)),
            "table" => {
                if let Some(mut table) = self.open.pop() {
                    table.close(at);
                    columns(&table, html);
                }
            }
            _ => {}
        }
    }
}

fn columns(table: &Table, html: &mut Html) {
    let Some(first) = table.rows.iter().flatten().map(|(from, _)| *from).min() else { return };
    let from = end_of(&html.seen.text, html.seen.places.len().saturating_sub(first));
    let chars: Vec<char> = html.seen.text.get(from..).unwrap_or_default().chars().collect();
    let most = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    if table.rows.len() < 2 || most < 2 {
        return;
    }
    for column in 0..most {
        let mut reading = Reading::default();
        let mut cells = 0_usize;
        for (from, to) in table.rows.iter().filter_map(|row| row.get(column)) {
            let text = chars.get(from.saturating_sub(first)..to.saturating_sub(first)).unwrap_or_default();
            let places = html.seen.places.get(*from..*to).unwrap_or_default();
            let shown = text.iter().zip(places).filter(|(c, _)| !c.is_whitespace());
            if shown.clone().count() > LONGEST {
                return;
            }
            for (c, place) in shown {
                reading.text.push(*c);
                reading.places.push(*place);
            }
            cells = cells.saturating_add(1);
        }
        if cells > 1 && !reading.text.is_empty() && html.attributes.len() < MOST_TELLING.0 {
            html.attributes.push(reading);
        }
    }
}
