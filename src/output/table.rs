//! A framed table that fits the terminal; an empty line parts tables.
//!
//! Rows are held back until the widths are known (or the buffer is full), then printed and
//! forgotten: memory does not grow with the result. Every cell stays on its line; what would
//! break the frame is replaced by a visible sign, what is too long ends in an ellipsis.

use std::io::{self, Write};

use arrow::array::RecordBatch;
use unicode_width::UnicodeWidthChar;

use super::{Cells, Header, Layout, Stats, TableWriter, cells};
use crate::types::{Column, RowSchema, Type};

/// Rows that decide the widths of the columns.
const BUFFERED: usize = 1000;
/// Columns of text kept of a cell where no terminal sets a limit.
const UNBOUNDED: usize = 1000;
/// Takes the place of what does not fit.
const ELLIPSIS: char = '…';

pub(super) struct Table<W> {
    out: W,
    layout: Layout,
    schema: RowSchema,
    caption: Option<String>,
    buffer: Vec<Vec<String>>,
    /// Widths of the shown columns, once decided; fewer than the columns when they do not fit.
    widths: Option<Vec<usize>>,
    rows: usize,
    tables: usize,
    scratch: String,
}

impl<W: Write> Table<W> {
    pub(super) fn new(out: W, layout: Layout) -> Self {
        Self {
            out,
            layout,
            schema: RowSchema::default(),
            caption: None,
            buffer: vec![],
            widths: None,
            rows: 0,
            tables: 0,
            scratch: String::new(),
        }
    }

    /// Columns that a cell may take before the widths are decided.
    fn limit(&self) -> usize {
        self.layout.width.unwrap_or(UNBOUNDED)
    }

    fn row(&mut self, cells: &[Cells<'_>], row: usize) -> Vec<String> {
        let limit = self.limit();
        let shown = self.widths.as_ref().map_or(cells.len(), Vec::len);
        let scratch = &mut self.scratch;
        let text = |cell: &Cells<'_>| {
            scratch.clear();
            cell.write_text(row, scratch);
            let mut text = String::new();
            push_visible(scratch, limit, &mut text);
            text
        };
        cells.iter().take(shown).map(text).collect()
    }

    /// Decides the widths, prints the head and the rows held back.
    fn open(&mut self) -> io::Result<()> {
        if self.widths.is_some() {
            return self.print_buffer();
        }
        let names: Vec<String> =
            self.schema.names().map(|name| visible(name, self.limit())).collect();
        let demands: Vec<Demand> = self
            .schema
            .columns()
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let cells = self.buffer.iter().map(|row| width_of(&row[index])).max().unwrap_or(0);
                Demand::new(column, width_of(&names[index]), cells)
            })
            .collect();
        let widths = fit(&demands, self.layout.width);
        let columns = self.schema.columns();
        if let Some(caption) = self.caption.take() {
            writeln!(self.out, "{caption}")?;
        }
        let hidden = widths.len() < self.schema.len();
        let mut text = String::new();
        rule(&widths, hidden, ['┌', '┬', '┐'], &mut text);
        line(&names, &widths, hidden, |index| aligns_right(columns[index].ty), &mut text);
        rule(&widths, hidden, ['├', '┼', '┤'], &mut text);
        self.out.write_all(text.as_bytes())?;
        self.widths = Some(widths);
        self.print_buffer()
    }

    fn print_buffer(&mut self) -> io::Result<()> {
        let Some(widths) = &self.widths else { return Ok(()) };
        let columns = self.schema.columns();
        let hidden = widths.len() < columns.len();
        let mut text = String::new();
        for row in self.buffer.drain(..) {
            line(&row, widths, hidden, |index| aligns_right(columns[index].ty), &mut text);
        }
        self.out.write_all(text.as_bytes())?;
        // What is shown may be all that is shown while the rest is only counted.
        self.out.flush()
    }
}

impl<W: Write> TableWriter for Table<W> {
    fn begin(&mut self, header: &Header<'_>) -> io::Result<()> {
        if self.tables > 0 {
            writeln!(self.out)?;
        }
        self.tables += 1;
        self.schema = header.schema.clone();
        self.widths = None;
        self.rows = 0;
        self.buffer.clear();
        let drawn = header.visualization.map(|visualization| {
            let properties = visualization.properties.iter();
            let properties: Vec<String> = properties.map(|(k, v)| format!("{k}={v}")).collect();
            format!("render {} {}", visualization.kind, properties.join(" ")).trim_end().to_string()
        });
        let name = header.name.map(str::to_string);
        let parts: Vec<String> = name.into_iter().chain(drawn).collect();
        let caption = visible(&parts.join(" · "), self.limit());
        self.caption = (!caption.is_empty()).then_some(caption);
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let cells = cells(&self.schema, batch)?;
        let left = self.layout.max_rows.map_or(usize::MAX, |max| max.saturating_sub(self.rows));
        for row in 0..batch.num_rows().min(left) {
            let texts = self.row(&cells, row);
            self.buffer.push(texts);
            if self.buffer.len() >= BUFFERED {
                self.open()?;
            }
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn finish(&mut self, stats: &Stats) -> io::Result<()> {
        if !self.schema.is_empty() {
            self.open()?;
        }
        let mut text = String::new();
        let widths = self.widths.take().unwrap_or_default();
        let columns = self.schema.len();
        let hidden = columns - widths.len();
        if columns > 0 {
            rule(&widths, hidden > 0, ['└', '┴', '┘'], &mut text);
        }
        let more = self.layout.max_rows.map_or(0, |max| self.rows.saturating_sub(max));
        if more > 0 {
            text.push_str(&format!("… and {more} more {}\n", plural("row", more)));
        }
        text.push_str(&format!("{} {}", self.rows, plural("row", self.rows)));
        if hidden > 0 {
            text.push_str(&format!("  {columns} {} ({hidden} hidden)", plural("column", columns)));
        }
        if let Some(elapsed) = stats.elapsed {
            text.push_str(&format!("  {}", duration(elapsed)));
        }
        text.push('\n');
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

/// How wide a column would like to be, and how narrow it may become.
struct Demand {
    wanted: usize,
    /// Least widths, from generous to desperate.
    least: [usize; 3],
}

impl Demand {
    fn new(column: &Column, name: usize, cells: usize) -> Self {
        let wanted = name.max(cells).max(1);
        let floor = |name_part: usize, cell_part: usize| name.min(name_part).max(cell_part).max(1);
        let least = match column.ty {
            // A number cut short would be another number.
            Type::String | Type::Dynamic | Type::Unknown => {
                [floor(12, cells.min(12)), floor(4, cells.min(4)), floor(4, cells.min(4))]
            }
            Type::DateTime | Type::Guid => {
                [floor(12, cells), floor(4, cells), floor(4, cells.min(11))]
            }
            _ => [floor(12, cells), floor(4, cells), floor(4, cells)],
        };
        Self { wanted, least }
    }
}

/// The widths of the columns in a frame of at most `width`; columns at the end are left out where
/// even their least widths do not fit.
fn fit(demands: &[Demand], width: Option<usize>) -> Vec<usize> {
    let wanted = demands.iter().map(|d| d.wanted);
    let Some(width) = width else { return wanted.collect() };
    // Each column costs two blanks and a line, the frame one line more.
    let room = |columns: usize, hidden: bool| {
        let columns = columns + usize::from(hidden);
        width.saturating_sub(columns * 3 + 1 + usize::from(hidden))
    };
    if wanted.clone().sum::<usize>() <= room(demands.len(), false) {
        return wanted.collect();
    }
    for tier in 0..3 {
        let least: Vec<usize> = demands.iter().map(|d| d.least[tier]).collect();
        if least.iter().sum::<usize>() <= room(demands.len(), false) {
            return share(demands, least, room(demands.len(), false));
        }
    }
    let mut shown = demands.len() - 1;
    let least = |shown: usize| demands[..shown].iter().map(|d| d.least[2]).collect::<Vec<_>>();
    while shown > 1 && least(shown).iter().sum::<usize>() > room(shown, true) {
        shown -= 1;
    }
    let hidden = shown < demands.len() && shown > 0;
    let shown = shown.max(1);
    let space = room(shown, hidden).max(1);
    let mut widths = share(&demands[..shown], least(shown), space);
    if shown == 1 {
        widths[0] = widths[0].min(space);
    }
    widths
}

/// Hands the room that `least` leaves to the columns that want more, evenly.
fn share(demands: &[Demand], least: Vec<usize>, room: usize) -> Vec<usize> {
    let mut widths = least;
    let mut spare = room.saturating_sub(widths.iter().sum());
    loop {
        // The narrowest of the hungry first: short columns become whole before long ones grow.
        let hungry = (0..widths.len()).filter(|&i| widths[i] < demands[i].wanted);
        match hungry.min_by_key(|&i| widths[i]) {
            Some(index) if spare > 0 => widths[index] += 1,
            _ => return widths,
        }
        spare -= 1;
    }
}

fn aligns_right(ty: Type) -> bool {
    ty.is_numeric() || ty == Type::TimeSpan
}

fn rule(widths: &[usize], hidden: bool, [left, middle, right]: [char; 3], out: &mut String) {
    let columns = widths.iter().copied().chain(hidden.then_some(1));
    for (index, width) in columns.enumerate() {
        out.push(if index == 0 { left } else { middle });
        out.extend(std::iter::repeat_n('─', width + 2));
    }
    out.push(right);
    out.push('\n');
}

fn line(
    cells: &[String],
    widths: &[usize],
    hidden: bool,
    right: impl Fn(usize) -> bool,
    out: &mut String,
) {
    for (index, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        out.push_str("│ ");
        let have = width_of(cell);
        let pad = std::iter::repeat_n(' ', width.saturating_sub(have));
        if right(index) && have <= width {
            out.extend(pad);
            out.push_str(cell);
        } else if have <= width {
            out.push_str(cell);
            out.extend(pad);
        } else {
            let cut = visible(cell, width);
            let pad = std::iter::repeat_n(' ', width.saturating_sub(width_of(&cut)));
            out.push_str(&cut);
            out.extend(pad);
        }
        out.push(' ');
    }
    out.push_str(if hidden { "│ … │\n" } else { "│\n" });
}

/// `text` with everything visible that would move the cursor, in at most `limit` columns.
fn visible(text: &str, limit: usize) -> String {
    let mut out = String::new();
    push_visible(text, limit, &mut out);
    out
}

fn push_visible(text: &str, limit: usize, out: &mut String) {
    let mut used = 0;
    // Where to cut should the text turn out too long: room for the ellipsis remains.
    let mut cut = out.len();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let c = match c {
            '\r' if characters.peek() == Some(&'\n') => continue,
            c if is_joiner(c) => continue,
            c => sign(c),
        };
        used += c.width().unwrap_or(0);
        if used > limit {
            out.truncate(cut);
            if limit > 0 {
                out.push(ELLIPSIS);
            }
            return;
        }
        out.push(c);
        if used < limit {
            cut = out.len();
        }
    }
}

/// What is shown for a character: control characters and those that steer direction or lines have
/// a stand-in.
fn sign(c: char) -> char {
    match c {
        '\n' => '↵',
        '\t' => '→',
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\x7f' => '␡',
        '\u{80}'..='\u{9f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{61c}'
        | '\u{feff}' => '\u{fffd}',
        c => c,
    }
}

/// Characters that join or style emoji: terminals disagree on the width of the whole, so the parts
/// are shown.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Columns that visible text takes, character by character as terminals count.
fn width_of(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

fn plural(word: &str, count: usize) -> String {
    if count == 1 { word.to_string() } else { format!("{word}s") }
}

/// A duration as people read it: `12 ms`, `3.42 s`.
fn duration(elapsed: std::time::Duration) -> String {
    let millis = elapsed.as_secs_f64() * 1e3;
    if millis < 10.0 {
        format!("{millis:.1} ms")
    } else if millis < 10_000.0 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.1} s", millis / 1e3)
    }
}
