//! The embedded server: routes over a store of SQLite and plain files, with the built-in storyteller and
//! illustrator behind an OpenAI-compatible API. Only the program itself starts it; everything else reaches it
//! over HTTP, as it would reach a real project.

pub mod illustrator;
pub mod lexicon;
pub mod storyteller;
