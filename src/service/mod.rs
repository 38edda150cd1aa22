//! What both faces call: one handle to the work of a workspace, with jobs, loads and events.
