//! The one SQLite file of a workspace: drafts, pictures that were made, jobs. No secret is ever written here.
