//! The outline of a symbol's dark areas: closed loops along module edges.
//!
//! Drawn as one filled path it has no seams between neighbouring modules, which rows of rectangles show on screens, and
//! it is less to write than a square for each module.

use super::symbol::Symbol;

/// A closed loop of corners, each joined to the next by a horizontal or a vertical line, starting with a horizontal one.
pub type Loop = Vec<(usize, usize)>;

const EAST: u8 = 0;
const SOUTH: u8 = 1;
const WEST: u8 = 2;
const NORTH: u8 = 3;

/// The loops of a symbol, in modules from the corner of its quiet zone. Dark lies on the right of the direction of travel
/// (y grows downwards), so outer loops run clockwise and holes the other way.
pub fn loops(symbol: &Symbol) -> Vec<Loop> {
    let side = symbol.outer() + 1;
    let mut edges = Edges::of(symbol, side);
    let mut loops = Vec::new();
    for start in 0..side * side {
        while edges.take(start, EAST) {
            loops.push(edges.follow(start));
        }
    }
    loops
}

/// For each corner, which unit edges leave it: one bit a direction.
struct Edges {
    leaving: Vec<u8>,
    side: usize,
}

impl Edges {
    fn of(symbol: &Symbol, side: usize) -> Edges {
        let mut edges = Edges { leaving: vec![0; side * side], side };
        for y in 0..symbol.outer() {
            for x in 0..symbol.outer() {
                if !symbol.is_dark_outer(x, y) {
                    continue;
                }
                // Dark modules never touch the rim: the quiet zone is around them.
                edges.add(x, y, EAST, symbol.is_dark_outer(x, y - 1));
                edges.add(x + 1, y, SOUTH, symbol.is_dark_outer(x + 1, y));
                edges.add(x + 1, y + 1, WEST, symbol.is_dark_outer(x, y + 1));
                edges.add(x, y + 1, NORTH, symbol.is_dark_outer(x - 1, y));
            }
        }
        edges
    }

    fn add(&mut self, x: usize, y: usize, direction: u8, neighbour_dark: bool) {
        if !neighbour_dark {
            self.leaving[y * self.side + x] |= 1 << direction;
        }
    }

    fn take(&mut self, corner: usize, direction: u8) -> bool {
        let bit = 1 << direction;
        let found = self.leaving[corner] & bit != 0;
        self.leaving[corner] &= !bit;
        found
    }

    /// Follows the loop whose first edge goes east from `start` and was taken already.
    fn follow(&mut self, start: usize) -> Loop {
        let mut corners = vec![self.point(start)];
        let (mut at, mut direction) = (self.step(start, EAST), EAST);
        while at != start {
            // Right first: areas that touch only at a corner stay apart.
            let turns = [(direction + 1) % 4, direction, (direction + 3) % 4];
            let Some(next) = turns.into_iter().find(|&turn| self.take(at, turn)) else { break };
            if next != direction {
                corners.push(self.point(at));
            }
            direction = next;
            at = self.step(at, direction);
        }
        corners
    }

    fn step(&self, corner: usize, direction: u8) -> usize {
        match direction {
            EAST => corner + 1,
            SOUTH => corner + self.side,
            WEST => corner - 1,
            _ => corner - self.side,
        }
    }

    fn point(&self, corner: usize) -> (usize, usize) {
        (corner % self.side, corner / self.side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_two_loops_and_touching_corners_stay_apart() {
        let ring = Symbol::from_modules(3, vec![true, true, true, true, false, true, true, true, true]);
        assert_eq!(loops(&ring), [vec![(4, 4), (7, 4), (7, 7), (4, 7)], vec![(5, 6), (6, 6), (6, 5), (5, 5)]]);
        let diagonal = Symbol::from_modules(2, vec![true, false, false, true]);
        assert_eq!(loops(&diagonal), [vec![(4, 4), (5, 4), (5, 5), (4, 5)], vec![(5, 5), (6, 5), (6, 6), (5, 6)]]);
    }
}
