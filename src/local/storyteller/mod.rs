//! The built-in storyteller: a brief to scenes without a model, the same for the same brief and seed.
