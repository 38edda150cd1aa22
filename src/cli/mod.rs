//! The commands, one file each. Parses words, calls the service, prints. No work of its own.
