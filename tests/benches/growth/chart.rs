//! The table as a picture: how much more each thing costs the larger the state is.

use crate::table::{GrowthTable, MOST, Metric, named};
use std::fmt::Write as _;

/// Width and height of the picture, and what is left around the lines: to the left, above, to the right for names, and below.
const SIZE: (f64, f64) = (960.0, 480.0);
const LEFT: f64 = 60.0;
const TOP: f64 = 30.0;
const RIGHT: f64 = 400.0;
const BELOW: f64 = 40.0;
/// Colours that are told apart on white and by most who see few of them; those that come later are dashed.
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#444444"];
/// The least that the scale reaches to, and the most: what lies above is drawn at its end.
const SCALE: (f64, f64) = (2.5, 10.0);

/// An SVG that needs nothing else to be shown.
pub fn svg(table: &GrowthTable) -> String {
    let frame = Frame::of(table);
    let (width, height) = SIZE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>Cost at each size of the state, beside that at the smallest</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    axes(&mut svg, &frame, table);
    for (place, metric) in drawn().enumerate() {
        line(&mut svg, &frame, place, metric, &table.growth(metric));
    }
    svg.push_str("</svg>\n");
    svg
}

/// What is drawn: whatever is to cost the same at every size.
fn drawn() -> impl Iterator<Item = Metric> {
    Metric::ALL.into_iter().filter(|metric| metric.is_to_stay())
}

/// Where what is drawn.
struct Frame {
    /// The logarithms of the smallest and the largest size.
    sizes: (f64, f64),
    /// The end of the scale.
    most: f64,
}

impl Frame {
    fn of(table: &GrowthTable) -> Self {
        let sizes = table.sizes();
        let log = |size: Option<&u64>| size.map_or(0.0, |size| (*size as f64).log10());
        let grown = drawn().flat_map(|metric| table.growth(metric)).map(|(_, growth)| growth);
        let most = grown.fold(SCALE.0, f64::max).min(SCALE.1);
        Self { sizes: (log(sizes.first()), log(sizes.last())), most }
    }

    fn x(&self, size: u64) -> f64 {
        let (first, last) = self.sizes;
        let part = ((size as f64).log10() - first) / (last - first).max(f64::EPSILON);
        LEFT + part * (SIZE.0 - LEFT - RIGHT)
    }

    fn y(&self, growth: f64) -> f64 {
        let bottom = SIZE.1 - BELOW;
        bottom - growth.min(self.most) / self.most * (bottom - TOP)
    }
}

/// Nothing that is written to a text fails.
fn axes(svg: &mut String, frame: &Frame, table: &GrowthTable) {
    let (right, bottom) = (SIZE.0 - RIGHT, SIZE.1 - BELOW);
    let mut growth = 0.0;
    while growth <= frame.most {
        let y = frame.y(growth);
        let is_bound = growth == MOST;
        let (colour, dashes) = if is_bound { ("#cc0000", "6 3") } else { ("#dddddd", "none") };
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-dasharray=\"{dashes}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{growth} x</text>",
            LEFT - 8.0,
            y + 4.0
        );
        growth += if frame.most > 5.0 { 1.0 } else { 0.5 };
    }
    for size in table.sizes() {
        let (x, label) = (frame.x(size), bottom + 20.0);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{label}\" text-anchor=\"middle\">{}</text>", named(size));
    }
}

fn line(svg: &mut String, frame: &Frame, place: usize, metric: Metric, growth: &[(u64, f64)]) {
    if growth.is_empty() {
        return;
    }
    let colour = COLOURS[place % COLOURS.len()];
    let dashes = if place < COLOURS.len() { "none" } else { "4 3" };
    let points: Vec<String> =
        growth.iter().map(|(size, growth)| format!("{:.1},{:.1}", frame.x(*size), frame.y(*growth))).collect();
    let (x, y) = (SIZE.0 - RIGHT + 16.0, TOP + place as f64 * 22.0);
    let title = metric.title().replace('`', "");
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>\n\
         <line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>\n\
         <text x=\"{}\" y=\"{}\">{title}</text>",
        points.join(" "),
        x + 24.0,
        x + 32.0,
        y + 4.0
    );
}
