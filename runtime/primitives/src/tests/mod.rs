//! Tables of what is a name, a span, a number or a pattern and what is not, and laws that hold for all of them.

mod decimal;
mod level;
mod name;
mod pattern;
mod span;
