//! The picture of the session: a screen of the real program, which a test keeps as `snapshots/picture.snap`, drawn as an SVG.

use std::fmt::Write as _;
use std::num::NonZero;
use std::path::Path;

use anyhow::{Context, bail};

/// The size of the screen that the test shows, in rows and columns.
const ROWS: u16 = 16;
const COLUMNS: u16 = 96;
/// The size of a cell, and the room around all of them, in pixels.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 19.0;
const MARGIN: f32 = 16.0;
/// A font that has all cells of one width is on every machine.
const FONT: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const PAPER: &str = "#16181d";
const INK: &str = "#d7dae0";
/// The sixteen colours that programs call by number.
const PALETTE: [&str; 16] = [
    "#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dae0", "#5c6370", "#e06c75", "#98c379",
    "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff",
];

/// Makes `docs/session.svg`, or compares it with what is committed.
pub(crate) fn picture(root: &Path, check: bool) -> anyhow::Result<()> {
    let source = root.join("snapshots/picture.snap");
    let snapshot = std::fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let shown = snapshot.splitn(3, "---\n").nth(2).context("the snapshot has no body")?;
    let svg = draw(shown)?;
    let path = root.join("docs/session.svg");
    if std::fs::read_to_string(&path).is_ok_and(|committed| committed == svg) {
        return Ok(());
    }
    if check {
        bail!("docs/session.svg is not what snapshots/picture.snap shows: run `cargo xtask picture` and commit it");
    }
    std::fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))
}

/// Draws a screen that is written as text with `␛` for the escape character.
fn draw(shown: &str) -> anyhow::Result<String> {
    let size = |number: u16| NonZero::new(number).context("a screen has a size");
    let mut parser = vt100::Parser::new(size(ROWS)?, size(COLUMNS)?, 0);
    parser.process(shown.trim_end_matches('\n').replace('␛', "\u{1b}").replace('\n', "\r\n").as_bytes());
    let screen = parser.screen();
    let (width, height) = (f32::from(COLUMNS) * WIDTH + 2.0 * MARGIN, f32::from(ROWS) * HEIGHT + 2.0 * MARGIN);
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" font-family="{FONT}" font-size="14">"#
    )?;
    writeln!(svg, "<title>A session of dmctl</title>")?;
    writeln!(svg, r#"<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>"#)?;
    let (cursor_row, cursor_column) = screen.cursor_position();
    for row in 0..ROWS {
        let baseline = MARGIN + f32::from(row) * HEIGHT + 14.0;
        let mut column = 0;
        while column < COLUMNS {
            let Some(cell) = screen.cell(row, column) else { break };
            let style = style(cell);
            let (start, mut text) = (column, String::new());
            while let Some(next) = screen.cell(row, column).filter(|next| column < COLUMNS && self::style(next) == style) {
                text.push_str(if next.has_contents() {
                    next.contents()
                } else if next.is_wide_continuation() {
                    ""
                } else {
                    " "
                });
                column += 1;
            }
            if !text.trim().is_empty() {
                let left = MARGIN + f32::from(start) * WIDTH;
                let text = escaped(text.trim_end());
                writeln!(svg, r#"<text x="{left:.1}" y="{baseline:.1}" xml:space="preserve"{style}>{text}</text>"#)?;
            }
        }
    }
    if !screen.hide_cursor() {
        let (left, top) = (MARGIN + f32::from(cursor_column) * WIDTH, MARGIN + f32::from(cursor_row) * HEIGHT);
        writeln!(svg, r#"<rect x="{left:.1}" y="{top:.1}" width="{WIDTH}" height="17" fill="{INK}" opacity="0.6"/>"#)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn style(cell: &vt100::Cell) -> String {
    let mut style = format!(" fill=\"{}\"", colour(cell.fgcolor()));
    if cell.bold() {
        style.push_str(" font-weight=\"bold\"");
    }
    if cell.italic() {
        style.push_str(" font-style=\"italic\"");
    }
    if cell.underline() {
        style.push_str(" text-decoration=\"underline\"");
    }
    if cell.dim() {
        style.push_str(" opacity=\"0.6\"");
    }
    style
}

fn colour(colour: vt100::Color) -> String {
    match colour {
        vt100::Color::Default => INK.to_owned(),
        vt100::Color::Idx(index) => PALETTE.get(usize::from(index)).map_or_else(|| INK.to_owned(), |colour| (*colour).to_owned()),
        vt100::Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
