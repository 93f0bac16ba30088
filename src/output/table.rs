//! A framed table that fits the terminal; an empty line parts tables.
//!
//! Rows are held back until the widths are known (or the buffer is full), then printed and
//! forgotten: memory does not grow with the result. Every cell stays on its line; what would
//! break the frame is replaced by a visible sign, what is too long ends in an ellipsis.

use std::io::{self, Write};

use arrow::array::RecordBatch;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, TableComponent, Width};
use unicode_width::UnicodeWidthChar;

use super::{Cells, Header, Layout, Stats, TableWriter, cells};
use crate::types::{Column, RowSchema, Type};

/// Rows that decide the widths of the columns.
const BUFFERED: usize = 1000;
/// Columns of text kept of a cell where no terminal sets a limit.
const UNBOUNDED: usize = 1000;
/// The lines of the frame, in comfy-table's order of components.
const FRAME: &str = "││──├─┼┤│    ┬┴┌┐└┘";
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

    /// Decides the widths from the names and the rows held back.
    fn decide(&self) -> Vec<usize> {
        let names = self.schema.names().map(|name| visible(name, self.limit()));
        let demands: Vec<Demand> = self
            .schema
            .columns()
            .iter()
            .zip(names)
            .enumerate()
            .map(|(index, (column, name))| {
                let cells = self.buffer.iter().map(|row| width_of(&row[index])).max().unwrap_or(0);
                Demand::new(column, width_of(&name), cells)
            })
            .collect();
        fit(&demands, self.layout.width)
    }

    /// Prints the rows held back; the frame opens with the first of them and closes with the `last`.
    fn print(&mut self, last: bool) -> io::Result<()> {
        let first = self.widths.is_none();
        let widths = self.widths.take().unwrap_or_else(|| self.decide());
        let hidden = widths.len() < self.schema.len();
        let mut frame = comfy_table::Table::new();
        frame.load_preset(FRAME).set_content_arrangement(ContentArrangement::Disabled);
        if first {
            if let Some(caption) = self.caption.take() {
                writeln!(self.out, "{caption}")?;
            }
            let names: Vec<String> = self.schema.names().map(str::to_string).collect();
            frame.set_header(shown(&names, &widths, hidden));
        } else {
            use TableComponent as C;
            let top =
                [C::TopBorder, C::TopBorderIntersections, C::TopLeftCorner, C::TopRightCorner];
            for line in top {
                frame.remove_style(line);
            }
        }
        if !last {
            use TableComponent as C;
            for line in [
                C::BottomBorder,
                C::BottomBorderIntersections,
                C::BottomLeftCorner,
                C::BottomRightCorner,
            ] {
                frame.remove_style(line);
            }
        }
        for row in self.buffer.drain(..) {
            frame.add_row(shown(&row, &widths, hidden));
        }
        for (index, (&width, column)) in widths.iter().zip(self.schema.columns()).enumerate() {
            let Some(framed) = frame.column_mut(index) else { continue };
            // The blanks on both sides of a cell count.
            let width = u16::try_from(width + 2).unwrap_or(u16::MAX);
            framed.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            if aligns_right(column.ty) {
                framed.set_cell_alignment(CellAlignment::Right);
            }
        }
        self.widths = Some(widths);
        writeln!(self.out, "{frame}")?;
        // What is shown may be all that is shown while the rest is only counted.
        self.out.flush()
    }
}

/// The cells of a row that have a column, cut to its width.
fn shown(cells: &[String], widths: &[usize], hidden: bool) -> Vec<String> {
    let cut = cells.iter().zip(widths).map(|(cell, &width)| visible(cell, width));
    cut.chain(hidden.then(|| ELLIPSIS.to_string())).collect()
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
            if self.buffer.len() >= BUFFERED {
                self.print(false)?;
            }
            let texts = self.row(&cells, row);
            self.buffer.push(texts);
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn finish(&mut self, stats: &Stats) -> io::Result<()> {
        if !self.schema.is_empty() {
            self.print(true)?;
        }
        let mut text = String::new();
        let columns = self.schema.len();
        let hidden = columns - self.widths.take().unwrap_or_default().len();
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
