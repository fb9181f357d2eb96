//! How an amount of money comes from a table's outputs: the few formulas that tables may name. Both the run time and
//! the proofs at build time call [`Amount::of`].

use super::Output;

/// A formula over the columns of a table. Inputs and outputs are named by their column.
///
/// Every formula is non-decreasing in its input as long as its parameters are not negative, which [`super::read`]
/// checks: between two ends of a region the proofs need no other point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// The output itself, or its aggregate.
    Output {
        /// Output, fen.
        output: usize,
    },
    /// `first + next × (weight − 1)`, not above `most`: the way carriers and freight insurers charge.
    FirstAndContinued {
        /// Input: started kilograms, 1 or more.
        weight: usize,
        /// Output: the first kilogram, fen.
        first: usize,
        /// Output: each further started kilogram, fen.
        next: usize,
        /// Output: the most, fen.
        most: Option<usize>,
    },
    /// `fixed + paid × permille / 1000`, the share rounded down to the fen; not below `least`, not above `most`.
    Share {
        /// Input: what was paid, fen.
        paid: usize,
        /// Output, fen.
        fixed: usize,
        /// Output, thousandths of what was paid.
        permille: usize,
        /// Output, fen.
        least: usize,
        /// Output, fen.
        most: usize,
    },
}

impl Amount {
    /// The input column that the formula looks at.
    pub fn input(self) -> Option<usize> {
        match self {
            Self::Output { .. } => None,
            Self::FirstAndContinued { weight, .. } => Some(weight),
            Self::Share { paid, .. } => Some(paid),
        }
    }

    /// The output columns that the formula looks at.
    pub fn outputs(self) -> Vec<usize> {
        match self {
            Self::Output { output } => vec![output],
            Self::FirstAndContinued { first, next, most, .. } => [first, next].into_iter().chain(most).collect(),
            Self::Share { fixed, permille, least, most, .. } => vec![fixed, permille, least, most],
        }
    }

    /// The amount, fen; `moving` is the value of [`Amount::input`]. `None` if it is no `i64`.
    pub fn of(self, moving: i64, outputs: &[Output<'_>]) -> Option<i64> {
        let figure = |column: usize| match outputs.get(column) {
            Some(Output::Int(value)) => Some(*value),
            _ => None,
        };
        match self {
            Self::Output { output } => figure(output),
            Self::FirstAndContinued { first, next, most, .. } => {
                let continued = figure(next)?.checked_mul(moving.checked_sub(1)?)?;
                let amount = figure(first)?.checked_add(continued)?;
                most.map_or(Some(amount), |most| Some(amount.min(figure(most)?)))
            }
            Self::Share { fixed, permille, least, most, .. } => {
                let share = moving.checked_mul(figure(permille)?)?.div_euclid(1000);
                Some(figure(fixed)?.checked_add(share)?.max(figure(least)?).min(figure(most)?))
            }
        }
    }
}
