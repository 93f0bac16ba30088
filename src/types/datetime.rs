//! Text forms and calendar arithmetic of datetime.
