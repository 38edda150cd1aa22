//! Which project, which key, which providers, which limits.
