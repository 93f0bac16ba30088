//! How far a check has come, on a terminal, when it takes a while.

use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter checks show nothing.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) struct Progress {
    bar: ProgressBar,
    start: Instant,
    /// Set once the bar is shown; from the start where it never is.
    shown: OnceLock<()>,
}

impl Progress {
    /// Progress through `count` inputs.
    pub fn new(count: usize, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} checked") {
            bar.set_style(style);
        }
        let shown = OnceLock::new();
        if quiet || !io::stderr().is_terminal() {
            let _ = shown.set(());
        }
        Self { bar, start: Instant::now(), shown }
    }

    /// One more is done.
    pub fn step(&self) {
        if self.start.elapsed() > PATIENCE {
            self.shown.get_or_init(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
        self.bar.inc(1);
    }

    /// All is done; the bar goes away.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
