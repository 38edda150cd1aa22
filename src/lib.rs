//! StoryMimi Studio: a desktop tool for an illustrated-story service whose pictures live in Supabase Storage.
//!
//! The map, from the top floor down. Calls go down, results come back as values and events;
//! `tests/architecture.rs` fails on an arrow that runs up.
//!
//! | floor | room | what lives there |
//! |---|---|---|
//! | 6 | [`gui`] | the window: the only room that knows egui |
//! | 6 | [`cli`] | the same work without a window, one file a command |
//! | 5 | [`service`] | what both faces call: one handle to a workspace's work |
//! | 4 | [`story`] | stories and scenes: draft, pictures, publish, resume |
//! | 3 | [`transfer`] | plan → journal → run → verify, for every byte that moves |
//! | 3 | [`catalog`] | the index of a bucket: folders, search, order, usage, without the network |
//! | 2 | [`supabase`] | the wire to a project: storage, rest, URLs |
//! | 2 | [`ai`] | text and image models behind one seam |
//! | 2 | [`local`] | the embedded server, storyteller and illustrator; only the program starts it |
//! | 1 | [`workspace`] | which project, which key, which providers, which limits |
//! | 0 | [`http`] | the one way out to the network: time-outs, retries, transcript, masking |
//! | 0 | [`media`] | bytes of pictures: detect, limits, decode, thumbnails |
//! | 0 | [`journal`] | the one SQLite file of a workspace: drafts, pictures already paid for, jobs |

pub mod ai;
pub mod catalog;
pub mod cli;
pub mod gui;
pub mod http;
pub mod journal;
pub mod local;
pub mod media;
pub mod service;
pub mod story;
pub mod supabase;
pub mod transfer;
pub mod workspace;
